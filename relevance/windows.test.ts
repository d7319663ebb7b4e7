import { expect, test } from 'vitest';
import type { Candidate, FusionContext } from '../src/search/fuse';
import { defaultWeights, passageScore, rankPages } from '../src/search/fuse';
import { rerankByWindows } from './windows';
import { cutWindows } from './windows-cut';

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

test('windows hold whole sentences as long as these fit', () => {
  const text = 'One two three. Four five. Six seven eight nine. Ten.';
  expect(cutWindows(text, words, 5)).toEqual(['One two three. Four five.', 'Six seven eight nine. Ten.']);
});

test('a sentence longer than a window is cut between words, and no word is lost', () => {
  const text = 'Short one. A sentence that is far too long for a window of four. End.';
  const windows = cutWindows(text, words, 4);
  expect(windows.every((window) => words(window) <= 4)).toBe(true);
  expect(windows.join(' ').split(/\s+/)).toEqual(text.split(' '));
});

test('a text that fits is one window; a blank one is none', () => {
  expect(cutWindows('All of it. In one.', words, 5)).toEqual(['All of it. In one.']);
  expect(cutWindows(' \n ', words, 5)).toEqual([]);
});

/** Three pages of one passage each, equal in words. */
const context: FusionContext = {
  layout: {
    pages: 3,
    passages: 3,
    pageStart: Uint32Array.of(0, 1, 2, 3),
    groupStart: Uint32Array.of(0, 3),
  },
  weights: defaultWeights,
  lexicalMaximum: 10,
  pageWords: () => 4,
  cosineMean: 0,
  cosineSd: 0.1,
  linked: null,
};
const ranked = rankPages(
  [0.5, 0.4, 0.3].map((vector, ordinal): Candidate => {
    return { ordinal, lexical: 4, vector, score: passageScore(4, vector, context) };
  }),
  context,
);
const pagesOf = (pages: readonly { page: number }[]): number[] => pages.map(({ page }) => page);

test('a window that is nearer than its passage lifts the page; pages below the depth keep their places', () => {
  const best = (ordinal: number): number | null => (ordinal === 0 ? null : 0.9);
  const settings = { share: 0.4, depth: 2, passagesPerPage: 9 };
  expect(pagesOf(ranked)).toEqual([0, 1, 2]);
  // Page 1: .6 · .4 + .4 · .9 = .6, above page 0's .5. Page 2 would rise as well, were it looked at.
  expect(pagesOf(rerankByWindows(ranked, best, context, settings))).toEqual([1, 0, 2]);
});

test('without windows the order stays', () => {
  const settings = { share: 0.4, depth: 50, passagesPerPage: 9 };
  expect(pagesOf(rerankByWindows(ranked, () => null, context, settings))).toEqual([0, 1, 2]);
});
