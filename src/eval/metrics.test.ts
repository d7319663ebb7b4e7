import { expect, test } from 'vitest';
import { meanMetrics, mrrAtK, ndcgAtK, percentile, recallAtK, successAtK } from './metrics';

const grades = new Map([
  ['a', 2],
  ['b', 1],
  ['c', 0],
]);

test('nDCG@10 of the best order is 1, and of a list without relevant documents 0', () => {
  expect(ndcgAtK(['a', 'b', 'c'], grades, 10)).toBe(1);
  expect(ndcgAtK(['c', 'x'], grades, 10)).toBe(0);
});

test('nDCG@10 by hand: grades 1 and 2 in the wrong order', () => {
  const gained = 1 / Math.log2(2) + 2 / Math.log2(3);
  const ideal = 2 / Math.log2(2) + 1 / Math.log2(3);
  expect(ndcgAtK(['b', 'a'], grades, 10)).toBeCloseTo(gained / ideal, 12);
});

test('the cut at k counts', () => {
  expect(ndcgAtK(['x', 'a'], grades, 1)).toBe(0);
  expect(recallAtK(['x', 'a', 'b'], grades, 2)).toBe(0.5);
});

test('a judged grade of 0 is not relevant', () => {
  expect(mrrAtK(['c', 'b'], grades, 10)).toBe(0.5);
  expect(successAtK(['c'], grades, 1)).toBe(0);
});

test('means are over queries', () => {
  const { mrr10, success1 } = meanMetrics([['a'], ['x', 'a']], [grades, grades]);
  expect(mrr10).toBe(0.75);
  expect(success1).toBe(0.5);
});

test('percentiles take the nearest rank', () => {
  expect(percentile([4, 1, 3, 2], 0.5)).toBe(2);
  expect(percentile([4, 1, 3, 2], 0.95)).toBe(4);
  expect(percentile([], 0.5)).toBe(0);
});
