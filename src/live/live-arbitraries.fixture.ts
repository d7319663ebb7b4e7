/**
 * Documents, ids, words and filters of a small world, in which the same things meet often.
 * In: random numbers. Out: arbitraries for property tests of live indexes.
 */
import fc from 'fast-check';
import type { Filter } from '../fields';
import type { LiveDocument } from './live-types';

/** No two share a stem, and none is one typing error away from another. */
export const vocabulary =
  'harbour compass lantern granite orchard velvet thunder pepper saffron glacier meadow copper violin cactus marble falcon'.split(
    ' ',
  );

export const ids = Array.from({ length: 16 }, (_, i) => `n${i}`);
const colours = ['red', 'green', 'blue'];
const labels = ['draft', 'work', 'home'];
const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));

export const someWords = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...vocabulary), { minLength, maxLength });
export const tabs = fc.integer({ min: 0, max: 1 });

const fields = fc.record(
  {
    colour: fc.constantFrom(...colours),
    size: fc.integer({ min: -3, max: 3 }),
    isDone: fc.boolean(),
    day: fc.integer({ min: 0, max: 5 }).map(day),
    tags: fc.subarray(labels),
  },
  { requiredKeys: [] },
);

/** Of several passages; one number tells all of it, so that a failing run shrinks soon. */
function longText(seed: number): string {
  const words = Array.from(
    { length: 320 },
    (_, i) => vocabulary[(seed + i * (seed + 3)) % vocabulary.length],
  );
  return words.join(' ');
}

const text = fc.oneof(
  { weight: 12, arbitrary: someWords(0, 8).map((words) => words.join(' ')) },
  { weight: 1, arbitrary: fc.nat(vocabulary.length - 1).map(longText) },
  { weight: 1, arbitrary: someWords(1, 4).map((words) => `Café № 7, ${words.join(' – ')}: naïve 🌊 東京`) },
);
const title = someWords(0, 2).map((words) => words.join(' '));

export const added: fc.Arbitrary<LiveDocument> = fc.record(
  { id: fc.constantFrom(...ids), title, text, fields, url: fc.constantFrom('/one', '/two') },
  { requiredKeys: ['id', 'title', 'text'] },
);
export const changed: fc.Arbitrary<LiveDocument> = fc.record(
  { id: fc.constantFrom(...ids), title, text, fields },
  { requiredKeys: ['id'] },
);
export const batchOf = (documents: fc.Arbitrary<LiveDocument>) =>
  fc.uniqueArray(documents, { selector: ({ id }) => id, minLength: 1, maxLength: 6 });

const value = fc.oneof(
  fc.record({ colour: fc.oneof(fc.constantFrom(...colours), fc.subarray(colours)) }),
  fc.record({ size: fc.integer({ min: -3, max: 3 }) }),
  fc.record({
    size: fc.record(
      { min: fc.integer({ min: -3, max: 3 }), max: fc.integer({ min: -3, max: 3 }) },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ isDone: fc.boolean() }),
  fc.record({ day: fc.record({ min: fc.integer({ min: 0, max: 5 }).map(day) }) }),
  fc.record({ tags: fc.constantFrom(...labels) }),
  fc.record({ tags: fc.record({ not: fc.constantFrom(...labels) }) }),
  fc.record({ colour: fc.constantFrom('red'), size: fc.record({ not: fc.constantFrom(0, 1) }) }),
) as fc.Arbitrary<Filter>;
const filter: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 3, arbitrary: value },
  { weight: 1, arbitrary: fc.record({ and: fc.tuple(value, value) }) as fc.Arbitrary<Filter> },
  { weight: 1, arbitrary: fc.record({ or: fc.tuple(value, value) }) as fc.Arbitrary<Filter> },
  { weight: 1, arbitrary: fc.record({ not: value }) as fc.Arbitrary<Filter> },
);
export const maybeFilter = fc.option(filter, { nil: undefined });
