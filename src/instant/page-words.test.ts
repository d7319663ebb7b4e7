import { describe, expect, it } from 'vitest';
import { titleGain, wordGain } from '../lexical/bm25';
import type { WordEntry } from '../segment/instant-shape';
import { PageWords } from './page-words';

const passages = 100;
const weights = { pageWords: 0.5 };

/** Postings as [page, impact, title]. */
function word(df: number, postings: [number, number, number?][], weight = 1) {
  const entry: WordEntry = {
    term: 'word',
    df,
    pages: Uint32Array.from(postings, ([page]) => page),
    impacts: Uint8Array.from(postings, ([, impact]) => impact),
    titles: Uint8Array.from(postings, ([, , title]) => title ?? 0),
    row: null,
  };
  return { entry, weight };
}

describe('pages by words', () => {
  it('add up what each word gives, as much of its gain as its impact says', () => {
    const words = new PageWords(9, passages, weights);
    words.add([word(10, [[3, 128], [5, 64]])], 1); // biome-ignore format: pairs
    words.add([word(2, [[3, 64]])], 0.5);
    const [common, rare] = [wordGain(10, passages), 0.5 * wordGain(2, passages)];
    expect(words.maximum).toBeCloseTo(common + rare, 5);
    expect(words.score(3)).toBeCloseTo(common / 2 + rare / 4, 5);
    expect(words.score(5)).toBeCloseTo(common / 4, 5);
    expect(words.score(4)).toBe(0);
    expect(words.top(9)).toEqual([3, 5]);
    expect(words.top(1)).toEqual([3]);
  });

  it('count the forms of one word as one: they saturate together and share the frequency of the best known', () => {
    const words = new PageWords(9, passages, weights);
    words.add([word(10, [[3, 128]]), word(1, [[3, 128], [4, 128]], 0.5)], 1); // biome-ignore format: pairs
    const gain = wordGain(10, passages);
    expect(words.maximum).toBeCloseTo(gain, 5);
    // Frequencies of 1 and .5 of a norm: 1.5 / 2.5 and .5 / 1.5.
    expect(words.score(3)).toBeCloseTo(gain * 0.6, 5);
    expect(words.score(4)).toBeCloseTo(gain / 3, 5);
  });

  it('gain where the title is the query, less where it holds more', () => {
    const words = new PageWords(9, passages, weights);
    words.add([word(10, [[1, 128, 2], [2, 128, 4], [3, 128]])], 1); // biome-ignore format: triples
    words.add([word(10, [[1, 128, 2], [2, 128], [3, 128]])], 1); // biome-ignore format: triples
    const gain = wordGain(10, passages);
    const extra = (page: number) => words.score(page) - words.score(3);
    expect(extra(1)).toBeCloseTo(0.5 * titleGain * 2 * gain, 5);
    expect(extra(2)).toBeCloseTo(0.5 * titleGain * gain * 0.25, 5);
    expect(words.top(3)).toEqual([1, 2, 3]);
  });

  it('put the lower number first where scores are equal', () => {
    const words = new PageWords(9, passages, weights);
    words.add([word(10, [[2, 9], [7, 9]])], 1); // biome-ignore format: pairs
    words.add([word(10, [[1, 9]])], 1);
    expect(words.top(3)).toEqual([1, 2, 7]);
  });

  it('say nothing to words that no page holds', () => {
    const words = new PageWords(9, passages, weights);
    words.add([], 1);
    words.add([word(0, [])], 1);
    expect([words.maximum, words.score(0), words.top(5)]).toEqual([0, 0, []]);
  });
});
