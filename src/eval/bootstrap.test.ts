import { describe, expect, it } from 'vitest';
import { seededRandom, shuffled } from '../distil/random';
import { excludesZero, pairedBootstrap } from './bootstrap';

const numbers = (n: number, seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => random());
};

describe('the paired bootstrap', () => {
  it('gives the mean difference, better and worse counted from a to b', () => {
    const { difference, better, worse } = pairedBootstrap([[0, 0.5, 1, 0.2]], [[1, 0.5, 0.5, 0.7]]);
    expect(difference).toBeCloseTo(0.25, 12);
    expect([better, worse]).toEqual([2, 1]);
  });

  it('has the interval that theory gives for many queries', () => {
    const a = numbers(400, 1);
    const b = a.map((value, i) => value + 0.05 + 0.2 * (numbers(400, 2)[i]! - 0.5));
    const { difference, low, high } = pairedBootstrap([a], [b]);
    const half = (1.96 * 0.2) / Math.sqrt(12) / Math.sqrt(400);
    expect(difference - low).toBeCloseTo(half, 3);
    expect(high - difference).toBeCloseTo(half, 3);
  });

  it('comes out the same each time, and elsewhere with another seed', () => {
    const [a, b] = [[numbers(30, 3)], [numbers(30, 4)]];
    expect(pairedBootstrap(a, b)).toEqual(pairedBootstrap(a, b));
    expect(pairedBootstrap(a, b, { seed: 2 })).not.toEqual(pairedBootstrap(a, b));
  });

  it('weighs sets alike, whatever their size', () => {
    const { difference } = pairedBootstrap([Array(1000).fill(0), [0, 0]], [Array(1000).fill(0), [1, 1]]);
    expect(difference).toBeCloseTo(0.5, 12);
  });

  it('draws within sets: two sets without spread have no interval, however they differ', () => {
    const { low, high } = pairedBootstrap(
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [
        [1, 1, 1],
        [0, 0, 0],
      ],
    );
    expect([low, high]).toEqual([0.5, 0.5]);
  });

  it('sees no gain in what differs by chance, and one in what does not', () => {
    const a = numbers(100, 5);
    const noise = numbers(100, 6).map((value) => value - 0.5);
    const b = (gain: number) => a.map((value, i) => value + noise[i]! + gain);
    expect(excludesZero(pairedBootstrap([a], [b(0)]))).toBe(false);
    expect(excludesZero(pairedBootstrap([a], [b(0.3)]))).toBe(true);
  });

  it('of nothing is nothing, and of lists that do not pair an error', () => {
    const nothing = { difference: 0, low: 0, high: 0, better: 0, worse: 0 };
    expect(pairedBootstrap([], [])).toEqual(nothing);
    expect(pairedBootstrap([[]], [[]])).toEqual(nothing);
    expect(() => pairedBootstrap([[1, 2]], [[1]])).toThrow(/expected 2 queries in both .*received 1/);
    expect(() => pairedBootstrap([[1]], [])).toThrow(/expected 1 sets, received 0/);
  });
});

it('a shuffle keeps every value and is the same for the same seed', () => {
  const values = Array.from({ length: 50 }, (_, i) => i);
  const once = shuffled(values, seededRandom(7));
  expect(once).not.toEqual(values);
  expect(shuffled(values, seededRandom(7))).toEqual(once);
  expect([...once].sort((a, b) => a - b)).toEqual(values);
});
