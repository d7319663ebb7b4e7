import { expect, test } from 'vitest';
import { defaultWeights } from '../search/fuse';
import { rankInstantPages } from './rank-pages';

const start = {
  weights: defaultWeights,
  linked: Uint8Array.of(0, 0, 15, 0),
  meaning: { cosineSd: 0.1 } as never,
};
const words = (scores: Record<number, number>, maximum = 10) => ({
  maximum,
  score: (page: number) => scores[page] ?? 0,
});
const meaning = (scores: Record<number, number>) => ({
  mean: 0.1,
  exact: (page: number) => (page in scores ? { score: scores[page]!, passage: 2 } : undefined),
});

test('adds words, meaning and links, and keeps what each gave', () => {
  const ranked = rankInstantPages([0, 1, 2], words({ 0: 5, 1: 4 }), meaning({ 1: 0.6, 2: 0.2 }), start);
  // 1: .4 by words and the most by meaning; 0: .5 by words alone; 2: links and a little meaning.
  expect(ranked.map(({ page }) => page)).toEqual([1, 0, 2]);
  expect(ranked[0]!.shares.words).toBeCloseTo(0.4);
  expect(ranked[0]!.shares.meaning).toBeCloseTo(defaultWeights.cosine * 5 ** 1.5);
  expect(ranked[2]!.shares.links).toBeCloseTo(defaultWeights.links);
  expect(ranked[0]!.passages[0]).toMatchObject({ ordinal: 2, lexical: 4, vector: 0.6 });
});

test('a page whose codes were not read has no meaning to add, and none below the mean', () => {
  const ranked = rankInstantPages([0, 1], words({ 0: 1, 1: 1 }), meaning({ 1: 0.05 }), start);
  expect(ranked.map(({ shares }) => shares.meaning)).toEqual([0, 0]);
  expect(ranked.map(({ page }) => page)).toEqual([0, 1]);
  expect(ranked[0]!.passages[0]!.vector).toBeNull();
});

test('without a known word the order is that of meaning', () => {
  const ranked = rankInstantPages([0, 1, 3], words({}, 0), meaning({ 0: 0.3, 1: 0.5, 3: 0.4 }), start);
  expect(ranked.map(({ page }) => page)).toEqual([1, 3, 0]);
  expect(ranked[0]!.passages[0]!.lexical).toBeNull();
});
