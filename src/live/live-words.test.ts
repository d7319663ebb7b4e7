import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idsOf, searched } from './searched-index.fixture';
import { addPages, openTestIndex, pageOf, removePages } from './tidy-index.fixture';

const words = [
  'stone',
  'stones',
  'stony',
  'river',
  'rivers',
  'riverBank',
  'tree',
  'trees',
  'light',
  'lightning',
];
const typed = [
  'stone ',
  'riv',
  'st',
  'tree light',
  'rivers stone ',
  'lihgt ',
  'bank river',
  'treess lightning',
];

const text = fc.array(
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }).map((line) => line.join(' ')),
  { minLength: 1, maxLength: 3 },
);
const document = fc.record({ id: fc.integer({ min: 0, max: 15 }), lines: text });
const change = fc.oneof(
  { weight: 3, arbitrary: fc.array(document, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }) },
);

describe('words of several segments', () => {
  test('find and score documents as one fresh segment does that holds the same documents in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 2, maxLength: 7 }),
        fc.constantFrom(...typed),
        async (changes, query) => {
          const grown = await openTestIndex();
          const live = new Map<string, string>();
          for (const one of changes) {
            if (typeof one === 'number') {
              if (live.delete(`note${one}`)) await removePages(grown, [`note${one}`]);
              continue;
            }
            const added = new Map(one.map(({ id, lines }) => [`note${id}`, lines.join('\n')]));
            await addPages(
              grown,
              [...added].map(([id, body]) => pageOf(id, body)),
            );
            for (const [id, body] of added) {
              live.delete(id);
              live.set(id, body);
            }
          }
          const fresh = await openTestIndex();
          if (live.size > 0)
            await addPages(
              fresh,
              [...live].map(([id, body]) => pageOf(id, body)),
            );
          const [got, wanted] = [
            await searched(grown).search(query, null, { limit: 100 }),
            await searched(fresh).search(query, null, { limit: 100 }),
          ];
          expect(got.notices).toEqual([]);
          expect(idsOf(got)).toEqual(idsOf(wanted));
          expect(got.hits).toEqual(wanted.hits);
          expect(got.found).toBe(wanted.found);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that only removed documents held are not in the dictionary', async () => {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'a cat sleeps'), pageOf('b', 'the coat hangs')]);
    const { search } = searched(index);
    expect(idsOf(await search('cat '))).toEqual(['a']);
    await removePages(index, ['a']);
    expect(idsOf(await search('cat '))).toEqual([]);
    // Read as a typing error now.
    await addPages(index, [pageOf('c', 'one cats')]);
    expect(idsOf(await search('coats '))).toEqual(['b']);
  });
});
