import { expect, test } from 'vitest';
import { areas } from './no-answer';

test('a signal that is always lower without an answer has both areas at 1', () => {
  expect(areas([0.9, 0.8], [0.1, 0.2])).toEqual({ auroc: 1, aupr: 1 });
});

test('a signal that says nothing has an AUROC of one half', () => {
  expect(areas([0.5, 0.5], [0.5, 0.5])).toEqual({ auroc: 0.5, aupr: 0.5 });
});

test('one answered query below one of two absent ones costs a quarter', () => {
  const { auroc, aupr } = areas([0.3, 0.9], [0.1, 0.4]);
  expect(auroc).toBe(0.75);
  // Found first (precision 1), then second of three (2/3), half of the recall each.
  expect(aupr).toBeCloseTo(0.5 + (0.5 * 2) / 3);
});
