import { expect, test } from 'vitest';
import { type Candidate, cosineWeight, passageScore, rankPages } from './fuse';

const layout = {
  pages: 3,
  passages: 6,
  pageStart: Uint32Array.of(0, 1, 4, 6),
  groupStart: Uint32Array.of(0, 3),
};
const candidate = (ordinal: number, score: number): Candidate => ({
  ordinal,
  score,
  lexical: null,
  vector: null,
});

test('a passage’s score adds the share of the lexical maximum and the cosine in units of its spread', () => {
  expect(passageScore(6, 12, 0.5, 0.1)).toBeCloseTo(0.5 + cosineWeight * 5);
});

test('a leg that did not run, or a query without a known word, adds nothing', () => {
  expect(passageScore(null, 0, 0.5, 0.1)).toBeCloseTo(cosineWeight * 5);
  expect(passageScore(0, 0, null, 0.1)).toBe(0);
});

test('a page stands half for its best and half for its first passage', () => {
  const ranked = rankPages([candidate(0, 0.6), candidate(1, 0.2), candidate(3, 0.9)], layout);
  // Page 0 is sure of itself (.6 twice); page 1 has one lucky passage: (.9 + .2) / 2.
  expect(ranked.map(({ page, score }) => [page, score])).toEqual([
    [0, 0.6],
    [1, 0.55],
  ]);
  expect(ranked[1]!.passages.map(({ ordinal }) => ordinal)).toEqual([3, 1]);
});

test('equal scores keep the order of the corpus', () => {
  const ranked = rankPages([candidate(5, 0.5), candidate(4, 0.5), candidate(0, 0.5)], layout);
  expect(ranked.map(({ page }) => page)).toEqual([0, 2]);
  expect(ranked[1]!.passages.map(({ ordinal }) => ordinal)).toEqual([4, 5]);
});
