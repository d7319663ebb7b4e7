import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, NearbitError } from '../errors';
import type { Fields } from '../fields';
import { checkFields } from './check-fields';
import { expectRefusal, expectWholeOnly } from './damage.suite';
import { decodeFields, encodeFields } from './fields-block';

const anyText = fc.string({ unit: 'binary', maxLength: 6 });
const anyValue = fc.oneof(
  anyText,
  fc.array(anyText, { maxLength: 4 }),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.date({ noInvalidDate: true }),
);
const anyName = fc
  .oneof(
    { arbitrary: fc.constantFrom('kind', 'tags', 'price', '__proto__', 'constructor'), weight: 4 },
    { arbitrary: anyText, weight: 1 },
  )
  .filter((name) => !['', 'and', 'or', 'not'].includes(name));
/** By way of entries: `__proto__` is a name like any other. */
const anyRow: fc.Arbitrary<Fields | undefined> = fc.option(
  fc
    .array(fc.tuple(anyName, anyValue), { minLength: 1, maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
  { nil: undefined },
);

const rows: (Fields | undefined)[] = [
  { kind: 'book', price: 12.5, tags: ['b', 'a', 'b'], sold: true, when: new Date(86_400_000) },
  undefined,
  { kind: 'book', price: -0, tags: [], sold: false },
  { kind: 'film', price: 'free', tags: 'a', when: new Date(-1) },
];

describe('the fields block', () => {
  it('gives every document its fields back, whatever their names and values', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), (given) => {
        for (const row of given) checkFields('a', row);
        const payload = encodeFields(given);
        if (!payload) {
          expect(given.filter(Boolean)).toEqual([]);
          return;
        }
        const block = decodeFields(payload, 'p');
        expect(block.pages).toBe(given.length);
        for (const [page, row] of given.entries()) expect(block.rowOf(page)).toEqual(row);
      }),
    );
  });

  it('has a column for each name and type, in the order of names', () => {
    const { columns } = decodeFields(encodeFields(rows)!, 'p');
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'kind text',
      'price number',
      'price text',
      'sold boolean',
      'tags text',
      'when date',
    ]);
    const [kind, price, , sold, tags, when] = columns;
    expect(kind).toMatchObject({ values: ['book', 'film'], codes: Uint32Array.of(0, 0, 1) });
    expect(kind).toMatchObject({ offsets: Uint32Array.of(0, 1, 1, 2, 3) });
    expect(price?.type === 'number' && [...price.values]).toEqual([12.5, Number.NaN, -0, Number.NaN]);
    expect(sold).toMatchObject({ values: Uint8Array.of(1, 2, 0, 2) });
    expect(tags).toMatchObject({
      values: ['a', 'b'],
      codes: Uint32Array.of(1, 0, 1, 0),
      offsets: Uint32Array.of(0, 3, 3, 3, 4),
      arrays: Uint8Array.of(1, 0, 1, 0),
    });
    expect(when?.type === 'date' && [...when.values]).toEqual([86_400_000, Number.NaN, Number.NaN, -1]);
  });

  it('has its texts in the order of UTF-16 code units, so that ranges of strings are ranges of codes', () => {
    const texts = ['ä', '🥖', 'a', '\uffff', 'B', ''];
    const block = decodeFields(encodeFields(texts.map((kind) => ({ kind })))!, 'p');
    expect(block.columns[0]).toMatchObject({ values: ['', 'B', 'a', 'ä', '🥖', '\uffff'] });
  });

  it('is none where no document has a field', () => {
    expect(encodeFields([])).toBeNull();
    expect(encodeFields([undefined, {}])).toBeNull();
    expect(encodeFields([{ kind: undefined as unknown as string }])).toBeNull();
  });

  it('is the same whatever order fields were given in', () => {
    const reversed = rows.map((row) => row && Object.fromEntries(Object.entries(row).reverse()));
    expect(encodeFields(reversed)).toEqual(encodeFields(rows));
  });

  it('damaged is refused', () => {
    const whole = encodeFields(rows)!;
    const decode = (bytes: Uint8Array) => {
      const block = decodeFields(bytes, 'p');
      for (let page = 0; page < Math.min(block.pages, 50); page++) block.rowOf(page);
    };
    expectWholeOnly(whole, decode);
    expectRefusal(whole, decode);
  });

  it('that claims four billion pages asks for no memory', () => {
    expect(() => decodeFields(Uint8Array.of(255, 255, 255, 255, 15, 2, 1, 1, 97, 0), 'p')).toThrow(
      FormatError,
    );
  });
});

describe('fields that cannot be used', () => {
  const refused: [string, unknown, string][] = [
    ['not a number', { price: Number.NaN }, 'the field "price" of the document "a"'],
    ['infinite', { price: Number.POSITIVE_INFINITY }, 'received Infinity'],
    ['an invalid date', { when: new Date('x') }, 'received an invalid Date'],
    ['nested', { size: { width: 1 } }, 'received an object'],
    ['null', { size: null }, 'received null'],
    ['a function', { size: () => 1 }, 'received the function'],
    ['a bigint', { size: 1n }, 'received the bigint 1'],
    ['an array of numbers', { tags: ['a', 1] }, 'received an array with the number 1'],
    ['an array with a hole', { tags: Array(2) }, 'received an array with undefined'],
    ['typed', { tags: Uint8Array.of(1) }, 'received an object'],
    ['named like a part of filters', { and: 'x' }, 'rename it'],
    ['without a name', { '': 'x' }, 'rename it'],
    ['no object', ['a'], 'expected an object of values by name, received an array'],
    ['a Map', new Map([['a', 1]]), 'received an object'],
    ['null altogether', null, 'received null'],
    ['text altogether', 'kind: book', 'received "kind: book"'],
  ];
  it.each(refused)('%s are refused by name', (_what, fields, message) => {
    expect(() => checkFields('a', fields)).toThrow(NearbitError);
    expect(() => checkFields('a', fields)).toThrow(message);
    expect(() => checkFields('a', fields)).toThrow('of the document "a"');
  });

  it('leave all others alone, and what is undefined', () => {
    for (const row of rows) expect(() => checkFields('a', row)).not.toThrow();
    expect(() => checkFields('a', { kind: undefined })).not.toThrow();
    expect(() => checkFields('a', Object.create(null))).not.toThrow();
  });
});
