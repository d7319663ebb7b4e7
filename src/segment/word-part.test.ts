import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../errors';
import { cutWords } from './cut-words';
import type { WordEntry } from './instant-shape';
import { decodeWords, encodeWords } from './word-part';

const dim = 8;
const shape = { dim, pages: 1000 };

const anyEntry: fc.Arbitrary<Omit<WordEntry, 'term'>> = fc
  .record({
    more: fc.nat(3),
    postings: fc.uniqueArray(fc.record({ page: fc.nat(999), impact: fc.nat(254), title: fc.nat(15) }), {
      maxLength: 9,
      selector: ({ page }) => page,
    }),
    row: fc.option(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: dim, maxLength: dim })),
  })
  .map(({ more, postings, row }) => {
    const sorted = postings.sort((a, b) => a.page - b.page);
    return {
      df: sorted.length + (sorted.length > 0 ? more : 0),
      pages: Uint32Array.from(sorted, ({ page }) => page),
      impacts: Uint8Array.from(sorted, ({ impact }) => impact + 1),
      titles: Uint8Array.from(sorted, ({ title }) => title),
      row: row && Float32Array.from(row),
    };
  });
const anyEntries = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), anyEntry), {
    maxLength: 8,
    selector: ([term]) => term,
  })
  .map((pairs) =>
    pairs.map(([term, entry]): WordEntry => ({ term, ...entry })).sort((a, b) => (a.term < b.term ? -1 : 1)),
  );

const entry = (term: string, pages: number[] = [1], row: Float32Array | null = null): WordEntry => ({
  term,
  df: pages.length,
  pages: Uint32Array.from(pages),
  impacts: new Uint8Array(pages.length).fill(100),
  titles: new Uint8Array(pages.length),
  row,
});

describe('a part of the dictionary', () => {
  it('gives terms, pages and titles back as they were; impacts and rows within half a step', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const part = decodeWords(encodeWords(entries, dim), shape, 'p');
        expect(part.terms).toEqual(entries.map(({ term }) => term));
        for (const { impacts, row, ...exact } of entries) {
          const { impacts: read, row: readRow, ...rest } = part.find(exact.term)!;
          expect(rest).toEqual(exact);
          const span = Math.max(...impacts) - Math.min(...impacts);
          impacts.forEach((impact, i) => {
            expect(Math.abs(read[i]! - impact)).toBeLessThanOrEqual(span / 30 + 0.5);
          });
          expect(readRow === null).toBe(row === null);
          const largest = Math.max(...(row ?? []).map(Math.abs));
          row?.forEach((x, i) => {
            expect(Math.abs(readRow![i]! - x)).toBeLessThanOrEqual(largest / 14.9 + 2 ** -11);
          });
        }
      }),
    );
  });

  it('keeps the best and the last of a term apart: extremes are exact', () => {
    const frequent = { ...entry('the', [2, 5, 9]), impacts: Uint8Array.of(97, 203, 150) };
    const { impacts } = decodeWords(encodeWords([frequent], dim), shape, 'p').find('the')!;
    expect([impacts[0], impacts[1]]).toEqual([97, 203]);
  });

  it('finds terms by their beginning, in order, and no others', () => {
    const entries = ['an', 'anim', 'anim!', 'animate', 'ant'].map((term) => entry(term));
    const part = decodeWords(encodeWords(entries, dim), shape, 'p');
    const found = (prefix: string, limit: number) => part.withPrefix(prefix, limit).map(({ term }) => term);
    expect(found('anim', 9)).toEqual(['anim', 'anim!', 'animate']);
    expect(found('anim', 1)).toEqual(['anim']);
    expect(found('b', 9)).toEqual([]);
    expect(part.find('ani')).toBe(null);
    expect(part.find('zoo')).toBe(null);
  });

  it('cut short anywhere, made longer, or with a page that does not exist is corrupt', () => {
    const row = Float32Array.from({ length: dim }, (_, i) => i - 4);
    const bytes = encodeWords([entry('a', [3, 999], row), entry('ab', [0])], dim);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeWords(bytes.subarray(0, length), shape, 'p')).toThrow(FormatError);
    expect(() => decodeWords(new Uint8Array([...bytes, 1]), shape, 'p')).toThrow(FormatError);
    expect(() => decodeWords(bytes, { dim, pages: 999 }, 'p')).toThrow(FormatError);
  });

  it('with any byte changed is corrupt or reads as something, and never asks for more memory than it has', () => {
    const bytes = encodeWords([entry('a', [3, 999]), entry('ab', [0]), entry('b', [1, 2, 3])], dim);
    for (let at = 0; at < bytes.length; at++)
      for (const value of [0, 1, 127, 128, 255]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          decodeWords(damaged, shape, 'p').withPrefix('', 9);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
  });
});

describe('cutting the dictionary', () => {
  const words = ['alpha', 'beta', 'betamax', 'gamma', 'gamma!', 'gammon', 'zeta'];
  const cuts = (terms: WordEntry[], target: number) =>
    [...cutWords(terms, dim, target)].map(({ firstTerm, payload }) => ({
      firstTerm,
      terms: decodeWords(payload, shape, 'p').terms,
    }));

  it('gives all terms once, in order, and names each part by the shortest beginning above the part before', () => {
    for (const target of [1, 15, 30, 60, 1000]) {
      const parts = cuts(
        words.map((word) => entry(word)),
        target,
      );
      expect(parts.flatMap(({ terms }) => terms)).toEqual(words);
      parts.forEach(({ firstTerm, terms }, i) => {
        const before = parts[i - 1]?.terms.at(-1);
        expect(terms[0]!.startsWith(firstTerm)).toBe(true);
        expect(before === undefined ? firstTerm : before < firstTerm).toBe(before === undefined ? '' : true);
        if (firstTerm.length > 1) expect(firstTerm.slice(0, -1) <= before!).toBe(true);
      });
    }
  });

  it('keeps a word and its piece form in one part', () => {
    const parts = cuts(
      words.map((word) => entry(word)),
      1,
    );
    expect(parts.map(({ terms }) => terms)).toContainEqual(['gamma', 'gamma!']);
    expect(parts).toHaveLength(6);
  });

  it('gives a term with many pages a part of its own', () => {
    const many = Array.from({ length: 200 }, (_, i) => i);
    const parts = cuts([entry('a'), entry('b', many), entry('c'), entry('d')], 100);
    expect(parts.map(({ terms }) => terms)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('prefers the place with the shorter name: all readers fetch it', () => {
    const parts = cuts(
      ['gamma', 'gammas', 'gammata', 'gammaz', 'h'].map((word) => entry(word)),
      36,
    );
    expect(parts.map(({ firstTerm }) => firstTerm)).toEqual(['', 'h']);
  });

  it('of no terms is no part, and terms out of order are refused', () => {
    expect([...cutWords([], dim, 100)]).toEqual([]);
    expect(() => [...cutWords([entry('b'), entry('a')], dim, 1)]).toThrow(ShapeError);
    expect(() => [...cutWords([entry('a'), entry('a')], dim, 100)]).toThrow(ShapeError);
  });
});
