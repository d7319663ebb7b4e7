import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fields, Filter } from '../fields';
import { decodeFields, encodeFields } from '../segment/fields-block';
import { countFacets } from './facets';
import { compileFilter } from './filter';
import { facetOf, type KnownDocument, passes } from './reference-index.fixture';

const rows: (Fields | undefined)[] = [
  { colour: 'red', size: 3, isDone: true, when: new Date(1000), tags: ['a', 'b'] },
  { colour: 'blue', size: 5, isDone: false, when: new Date(2000), tags: [] },
  { colour: 'green', size: -1.5, tags: ['b', 'b', 'c'] },
  undefined,
  { size: '5', isDone: 'yes', when: 1000, colour: ['red', 'blue'] },
];
const block = (of: readonly (Fields | undefined)[]) => {
  const payload = encodeFields(of);
  return payload && decodeFields(payload, 'fields');
};

/** Pages that pass. */
function passing(filter: Filter, of = rows): number[] {
  return [...compileFilter(filter)(block(of), of.length).entries()].flatMap(([page, flag]) =>
    flag ? [page] : [],
  );
}

describe('a filter', () => {
  test('compares a value with those of its own type alone', () => {
    expect(passing({ size: 5 })).toEqual([1]);
    expect(passing({ size: '5' })).toEqual([4]);
    expect(passing({ isDone: true })).toEqual([0]);
    expect(passing({ when: new Date(1000) })).toEqual([0]);
    expect(passing({ when: 1000 })).toEqual([4]);
  });

  test('takes any of several values, and any of a field of several strings', () => {
    expect(passing({ colour: ['red', 'green'] })).toEqual([0, 2, 4]);
    expect(passing({ tags: 'b' })).toEqual([0, 2]);
    expect(passing({ tags: [] })).toEqual([]);
    expect(passing({ tags: ['x', 3] })).toEqual([]);
  });

  test('takes a range with its ends, open on either side', () => {
    expect(passing({ size: { min: -1.5, max: 3 } })).toEqual([0, 2]);
    expect(passing({ size: { min: 4 } })).toEqual([1]);
    expect(passing({ when: { max: new Date(1999) } })).toEqual([0]);
    expect(passing({ colour: { min: 'blue', max: 'green' } })).toEqual([1, 2, 4]);
    expect(passing({ isDone: { min: true } })).toEqual([0]);
    expect(passing({ size: { min: 5, max: 3 } })).toEqual([]);
    // Open on both sides: there is a value.
    expect(passing({ tags: {} })).toEqual([0, 2]);
  });

  test('by `not` also takes pages without the field', () => {
    expect(passing({ colour: { not: 'red' } })).toEqual([1, 2, 3]);
    expect(passing({ not: { colour: 'red' } })).toEqual([1, 2, 3]);
    expect(passing({ size: { not: { min: 0 } } })).toEqual([2, 3, 4]);
    expect(passing({ colour: { not: { not: 'red' } } })).toEqual([0, 4]);
  });

  test('combines filters', () => {
    expect(passing({ and: [{ tags: 'b' }, { size: 3 }] })).toEqual([0]);
    expect(passing({ or: [{ size: 5 }, { tags: 'c' }], colour: 'green' })).toEqual([2]);
    expect(passing({ or: [] })).toEqual([]);
    expect(passing({ and: [] })).toEqual([0, 1, 2, 3, 4]);
    expect(passing({})).toEqual([0, 1, 2, 3, 4]);
  });

  test('lets nothing through that asks for a field which no page has', () => {
    expect(passing({ shape: 'round' })).toEqual([]);
    expect(passing({ shape: 'round' }, [undefined, undefined])).toEqual([]);
    expect(passing({ not: { shape: 'round' } }, [undefined, undefined])).toEqual([0, 1]);
  });

  test('takes names as they are', () => {
    const odd = [Object.fromEntries([['__proto__', 'x']]), { constructor: 'y' }];
    expect(passing(JSON.parse('{"__proto__": "x"}'), odd)).toEqual([0]);
    expect(passing({ constructor: 'y' }, odd)).toEqual([1]);
    expect(passing({ toString: 'x' }, odd)).toEqual([]);
  });
});

describe('what is no filter', () => {
  const refused = (filter: unknown) => () => compileFilter(filter as Filter);

  test('is refused by name', () => {
    for (const wrong of [null, 3, 'red', ['red'], new Date(0)])
      expect(refused(wrong)).toThrow(/^Filter: expected/);
    expect(refused({ not: 'red' })).toThrow(/^Filter: expected/);
    expect(refused({ or: [{ colour: 'red' }, 5] })).toThrow(/^Filter: expected/);
  });

  test('is refused with the name of its field', () => {
    for (const wrong of [
      Number.NaN,
      new Date(Number.NaN),
      null,
      () => 1,
      [['red']],
      { min: 1, max: 'a' },
      { gt: 3 },
    ])
      expect(refused({ size: wrong })).toThrow(/"size" of the filter/);
    expect(refused({ size: { min: 1, gt: 3 } })).toThrow(/received \{ min, gt \}/);
    expect(refused({ size: { not: 3, max: 4 } })).toThrow(/"size"/);
    expect(refused({ size: { max: {} } })).toThrow(/"size"/);
    expect(refused({ and: { size: 3 } })).toThrow(/"and" of the filter: expected a list of filters/);
    expect(refused({ and: [{ size: [Number.NaN] }] })).toThrow(/"size" of the filter/);
  });
});

const fields = fc.record(
  {
    text: fc.constantFrom('a', 'b', 'c', ''),
    number: fc.double({ noNaN: true, min: -2, max: 2 }).map((x) => Math.round(x)),
    isSet: fc.boolean(),
    date: fc.integer({ min: 0, max: 4 }).map((ms) => new Date(ms)),
    list: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const ends = (one: fc.Arbitrary<string | number | boolean | Date>) =>
  fc.record({ min: one, max: one }, { requiredKeys: [] });
const testsOf = (one: fc.Arbitrary<string | number | boolean | Date>) =>
  fc.oneof(
    one,
    fc.array(one, { maxLength: 3 }),
    ends(one),
    one.map((not) => ({ not })),
    ends(one).map((not) => ({ not })),
  );
const strings = fc.constantFrom('', 'a', 'aa', 'b', 'c', 'd');
const tests = {
  text: testsOf(strings),
  number: testsOf(fc.integer({ min: -2, max: 2 })),
  isSet: testsOf(fc.boolean()),
  date: testsOf(fc.integer({ min: 0, max: 4 }).map((ms) => new Date(ms))),
  list: testsOf(strings),
  missing: testsOf(strings),
};
const someOf = <T>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(arbitraries, { requiredKeys: [] }) as fc.Arbitrary<Filter>;
const combining = (of: fc.Arbitrary<Filter>) =>
  someOf({ ...tests, and: fc.array(of, { maxLength: 2 }), or: fc.array(of, { maxLength: 2 }), not: of });
const filter = combining(combining(someOf(tests)));

test('a filter passes the pages that brute force does', () => {
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 6 }), filter, (of, one) => {
      expect(passing(one, of)).toEqual([...of.keys()].filter((page) => passes(of[page]!, one)));
    }),
    { numRuns: 300 },
  );
});

describe('facets', () => {
  test('count each value once a page, most first, then by value', () => {
    const found = [...rows.keys()];
    const counted = countFacets(
      ['tags', 'size', 'isDone', 'when', 'shape'],
      [{ fields: block(rows), found }],
    );
    expect(counted).toEqual({
      tags: [
        { value: 'b', count: 2 },
        { value: 'a', count: 1 },
        { value: 'c', count: 1 },
      ],
      size: [
        { value: -1.5, count: 1 },
        { value: 3, count: 1 },
        { value: 5, count: 1 },
        { value: '5', count: 1 },
      ],
      isDone: [
        { value: false, count: 1 },
        { value: true, count: 1 },
        { value: 'yes', count: 1 },
      ],
      // A time counts as the same, however it was given.
      when: [
        { value: 1000, count: 2 },
        { value: 2000, count: 1 },
      ],
      shape: [],
    });
  });

  test('count over segments what brute force does', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fields, { maxLength: 5 }), { maxLength: 3 }), (segments) => {
        const names = ['text', 'number', 'isSet', 'date', 'list'];
        const counted = countFacets(
          names,
          segments.map((of) => ({ fields: block(of), found: [...of.keys()] })),
        );
        const all = segments.flat().map((of) => ({ fields: of }) as KnownDocument);
        for (const name of names) expect(counted[name]).toEqual(facetOf(all, name));
      }),
    );
  });
});
