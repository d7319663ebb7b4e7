import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TermPostings } from '../lexical/postings';
import { cutPostings } from '../segment/cut-postings';
import { openPostings } from '../segment/postings-block';
import type { PostingsRef } from '../types';
import { gone, mergePostings, type PostingsSource } from './merge-postings';

/** By term: ordinal → frequencies. */
type Dictionary = Map<string, Map<number, number>>;

function entriesOf(dictionary: Dictionary): TermPostings[] {
  return [...dictionary]
    .filter(([, postings]) => postings.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([term, postings]) => {
      const sorted = [...postings].sort(([a], [b]) => a - b);
      return {
        term,
        ordinals: Uint32Array.from(sorted, ([ordinal]) => ordinal),
        frequencies: Uint8Array.from(sorted, ([, frequency]) => frequency),
      };
    });
}

/** A segment whose blocks hold few terms each, so that a merge has many borders to cross. */
function sourceOf(dictionary: Dictionary, ordinals: Uint32Array): PostingsSource {
  const payloads: Uint8Array[] = [];
  const postings = [...cutPostings(entriesOf(dictionary), 24)].map(({ firstTerm, payload }): PostingsRef => {
    payloads.push(payload);
    return { hash: `${payloads.length - 1}`, bytes: payload.length, firstTerm };
  });
  return { postings, ordinals, read: async ({ hash }) => payloads[Number(hash)]! };
}

async function mergedTerms(sources: readonly PostingsSource[], passages: number): Promise<TermPostings[]> {
  const terms: TermPostings[] = [];
  for await (const cut of mergePostings(sources)) {
    if (!cut) continue;
    const block = openPostings(cut.payload, 'merged', passages);
    const slices = block.withPrefix('', block.n);
    expect(slices[0]?.term).toBe(cut.firstTerm);
    expect(slices).toHaveLength(cut.terms);
    for (const slice of slices) terms.push({ term: slice.term, ...slice.read() });
  }
  return terms;
}

const word = fc.stringMatching(/^[ab🥖é]{1,3}$/u);
const segment = fc.record({
  isLive: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  postings: fc.array(fc.tuple(word, fc.nat(5), fc.integer({ min: 1, max: 255 })), { maxLength: 30 }),
});

test('a merge holds the postings of the passages that live on, under their new ordinals', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 5 }), async (segments) => {
      const expected: Dictionary = new Map();
      let passages = 0;
      const sources = segments.map(({ isLive, postings }) => {
        const ordinals = Uint32Array.from(isLive, (live) => (live ? passages++ : gone));
        const own: Dictionary = new Map();
        for (const [term, place, frequency] of postings) {
          const ordinal = place % isLive.length;
          own.set(term, (own.get(term) ?? new Map()).set(ordinal, frequency));
          if (!isLive[ordinal]) continue;
          expected.set(term, (expected.get(term) ?? new Map()).set(ordinals[ordinal]!, frequency));
        }
        return sourceOf(own, ordinals);
      });
      expect(await mergedTerms(sources, passages)).toEqual(entriesOf(expected));
    }),
  );
});

test('a merge lets others have a turn while it reads and while it works', async () => {
  const dictionary: Dictionary = new Map(
    Array.from({ length: 500 }, (_, i) => [`t${1000 + i}`, new Map([[0, 1]])]),
  );
  let moments = 0;
  for await (const cut of mergePostings([sourceOf(dictionary, Uint32Array.of(0))])) if (!cut) moments++;
  expect(moments).toBeGreaterThan(500 / 64);
});

test('a block that is damaged ends the merge', async () => {
  const source = sourceOf(new Map([['bread', new Map([[5, 1]])]]), Uint32Array.of(0));
  await expect(mergedTerms([source], 1)).rejects.toMatchObject({ code: 'format-corrupt' });
});
