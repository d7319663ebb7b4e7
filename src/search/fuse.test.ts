import { expect, test } from 'vitest';
import { type Candidate, defaultWeights, type FusionContext, passageScore, rankPages } from './fuse';

const layout = {
  pages: 3,
  passages: 6,
  pageStart: Uint32Array.of(0, 1, 4, 6),
  groupStart: Uint32Array.of(0, 3),
};

/** No pages' words and no links unless a test gives them, so that each share can be read alone. */
function contextOf(given: Partial<FusionContext> = {}): FusionContext {
  return {
    layout,
    weights: { ...defaultWeights, pageWords: 0, links: 0 },
    lexicalMaximum: 1,
    pageWords: () => 0,
    cosineMean: 0,
    cosineSd: 0.1,
    linked: null,
    ...given,
  };
}

const byWords = (ordinal: number, lexical: number): Candidate => ({
  ordinal,
  score: lexical,
  lexical,
  vector: null,
});
const byMeaning = (ordinal: number, vector: number): Candidate => ({
  ordinal,
  score: vector,
  lexical: null,
  vector,
});

test('a passage’s score adds the share of the lexical maximum and the cosine above average in units of its spread', () => {
  const context = contextOf({ lexicalMaximum: 12, cosineMean: 0.1 });
  expect(passageScore(6, 0.5, context)).toBeCloseTo(0.5 + defaultWeights.cosine * 4 ** 1.5);
});

test('a leg that did not run, a query without a known word, and a cosine below average add nothing', () => {
  const context = contextOf({ lexicalMaximum: 0, cosineMean: 0.2 });
  expect(passageScore(null, null, context)).toBe(0);
  expect(passageScore(0, 0.1, context)).toBe(0);
});

test('a page stands half for its best and half for its first passage', () => {
  const ranked = rankPages([byWords(0, 0.6), byWords(1, 0.2), byWords(3, 0.9)], contextOf());
  // Page 0 is sure of itself (.6 twice); page 1 has one lucky passage: (.9 + .2) / 2.
  expect(ranked.map(({ page, score }) => [page, score])).toEqual([
    [0, 0.6],
    [1, 0.55],
  ]);
  expect(ranked[1]!.passages.map(({ ordinal }) => ordinal)).toEqual([3, 1]);
});

test('each leg takes its own best passage of a page, and the shares add up', () => {
  const candidates = [
    { ordinal: 1, score: 0, lexical: 0.4, vector: 0.1 },
    { ordinal: 2, score: 0, lexical: 0.8, vector: 0.1 },
    { ordinal: 3, score: 0, lexical: 0, vector: 0.5 },
  ];
  const [page] = rankPages(candidates, contextOf());
  expect(page!.shares.words).toBeCloseTo((0.8 + 0.4) / 2);
  expect(page!.shares.meaning).toBeCloseTo(defaultWeights.cosine * 3 ** 1.5); // (.5 + .1) / 2 is 3 spreads
  expect(page!.score).toBeCloseTo(page!.shares.words + page!.shares.meaning);
});

test('words that stand in different passages of a page count for it', () => {
  const candidates = [byWords(0, 0.5), byWords(1, 0.5)];
  const weights = { ...defaultWeights, links: 0 };
  const ranked = rankPages(candidates, contextOf({ weights, pageWords: (page) => (page === 1 ? 0.9 : 0.5) }));
  expect(ranked.map(({ page }) => page)).toEqual([1, 0]);
});

test('of equal pages the one that more of the site links to comes first', () => {
  const weights = { ...defaultWeights, pageWords: 0 };
  const linked = (page: number) => (page === 2 ? 1 : 0.2);
  const ranked = rankPages([byWords(0, 0.5), byWords(4, 0.5)], contextOf({ weights, linked }));
  expect(ranked.map(({ page }) => page)).toEqual([2, 0]);
  expect(ranked[0]!.shares.links).toBeCloseTo(defaultWeights.links);
});

test('a first passage whose codes could not be read leaves the best to stand for it', () => {
  const candidates = [{ ...byMeaning(1, 0), vector: null }, byMeaning(2, 0.5), byMeaning(0, 0.4)];
  expect(rankPages(candidates, contextOf()).map(({ page }) => page)).toEqual([1, 0]);
});

test('equal scores keep the order of the corpus', () => {
  const ranked = rankPages([byWords(5, 0.5), byWords(4, 0.5), byWords(0, 0.5)], contextOf());
  expect(ranked.map(({ page }) => page)).toEqual([0, 2]);
  expect(ranked[1]!.passages.map(({ ordinal }) => ordinal)).toEqual([4, 5]);
});
