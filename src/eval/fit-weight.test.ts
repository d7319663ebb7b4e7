import { describe, expect, it } from 'vitest';
import { seededRandom } from '../distil/random';
import { chooseWeight, defaultPlace, heldOutValues, weightGrid } from './fit-weight';

const grid = weightGrid(0.22);
const middle = defaultPlace;

/** Queries whose values peak at a place of the grid, with noise of their own. */
function peaked(queries: number, peak: number, { height = 0.4, noise = 0.2, seed = 1 } = {}): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: queries }, () =>
    grid.map((_, i) => height * Math.exp(-(((i - peak) / 6) ** 2)) + noise * random()),
  );
}

describe('the grid', () => {
  it('holds the default itself in its middle, and an eighth and eight times of it at its ends', () => {
    expect(grid[middle]).toBe(0.22);
    expect(grid[0]).toBeCloseTo(0.22 / 8, 3);
    expect(grid.at(-1)).toBeCloseTo(0.22 * 8, 3);
    expect(grid).toEqual([...grid].sort((a, b) => a - b));
  });
});

describe('a weight is chosen', () => {
  it('where the queries agree', () => {
    for (const peak of [4, 12, 19]) expect(Math.abs(chooseWeight(peaked(100, peak)) - peak)).toBeLessThan(3);
  });

  it('as the default, where nothing speaks for another', () => {
    expect(chooseWeight([])).toBe(middle);
    expect(chooseWeight([grid.map(() => 0.5)])).toBe(middle);
    // One query of one weight's luck.
    expect(chooseWeight([grid.map((_, i) => (i === 20 ? 0.5 : 0.4))])).toBe(middle);
  });

  it('nearer to the default, the fewer the queries are', () => {
    const away = (queries: number) =>
      Math.abs(chooseWeight(peaked(queries, 22, { height: 0.05, noise: 0 })) - middle);
    expect(away(5)).toBeLessThan(away(50));
    expect(away(50)).toBeLessThan(away(1000));
  });
});

describe('held-out values', () => {
  it('come from weights chosen without the query', () => {
    // Each query has a weight of its own where it alone gains: nothing is learned from the others.
    const values = Array.from({ length: 24 }, (_, query) => grid.map((_, i) => (i === query ? 1 : 0)));
    const { tuned, chosen } = heldOutValues(values, 24);
    expect(chosen).toHaveLength(240);
    expect(tuned.reduce((sum, value) => sum + value, 0)).toBeLessThan(2);
  });

  it('gain where the queries agree on another weight', () => {
    const { tuned, untuned, chosen } = heldOutValues(peaked(60, 20), 5);
    expect(chosen).toHaveLength(50);
    const gains = tuned.filter((value, i) => value > untuned[i]!);
    expect(gains.length).toBeGreaterThan(50);
  });

  it('are there for any number of queries and folds', () => {
    expect(heldOutValues([], 5)).toMatchObject({ tuned: [], untuned: [] });
    expect(heldOutValues(peaked(1, 3), 5).tuned).toHaveLength(1);
    expect(heldOutValues(peaked(3, 3), 10).chosen).toHaveLength(30);
    for (const value of heldOutValues(peaked(7, 3, { noise: 0 }), 3).tuned) expect(value).toBeGreaterThan(0);
  });
});
