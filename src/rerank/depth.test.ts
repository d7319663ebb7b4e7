import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastReranked, mostReranked, rerankDepth } from './depth';

test('one page, or none, needs no order', () => {
  expect([rerankDepth([]), rerankDepth([3])]).toEqual([0, 0]);
});

test('a list that falls at once is read to the least depth', () => {
  expect(rerankDepth([10, ...Array(19).fill(1)])).toBe(leastReranked);
});

test('a list that falls evenly is read most of the way', () => {
  const falling = Array.from({ length: 20 }, (_, i) => 20 - i);
  // The first 14 hold 175 of the 190 above the last one; 13 hold 169, less than nine tenths.
  expect(rerankDepth(falling)).toBe(14);
});

test('scores that are all equal are all read', () => {
  expect(rerankDepth(Array(12).fill(0.5))).toBe(12);
});

test('any list: no deeper than it is long and than the most, no less than the least of them', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: 0, max: 3, noNaN: true }), { maxLength: 60 }), (scores) => {
      scores.sort((a, b) => b - a);
      const depth = rerankDepth(scores);
      const longest = Math.min(scores.length, mostReranked);
      expect(depth).toBeLessThanOrEqual(longest);
      if (scores.length > 1) expect(depth).toBeGreaterThanOrEqual(Math.min(longest, leastReranked));
    }),
  );
});
