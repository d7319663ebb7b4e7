import { expect, test } from 'vitest';
import { defaultPlace, weightGrid } from '../src/eval/fit-weight';
import { defaultWeights } from '../src/search/fuse';
import { bestPlace, type FusionValues, fitWeights, printFit, reciprocalRanks } from './fit-weights';

const grid = weightGrid(defaultWeights.cosine);

/** Queries whose best weight is at a place of the grid, each at a height of its own. */
function peaked(name: string, peak: number, queries = 60): FusionValues {
  const weights = Array.from({ length: queries }, (_, query) =>
    grid.map((_, i) => 0.5 + 0.2 * Math.sin(query) - 0.01 * Math.abs(i - peak)),
  );
  return { name, weights, reciprocal: weights.map(() => 0.3) };
}

test('reciprocal ranks put first what both lists have high', () => {
  // 1/62 + 1/61 for page 2, 1/61 + 1/63 for page 1, 1/62 for page 3, 1/63 for page 4.
  expect(
    reciprocalRanks([
      [1, 2, 4],
      [2, 3, 1],
    ]),
  ).toEqual([2, 1, 3, 4]);
});

test('a fit on samples ends between the default and hindsight', () => {
  const sets = [peaked('cranfield', 6), peaked('cisi', 18)];
  expect(bestPlace([sets[0]!])).toBe(6);
  const summary = fitWeights(sets);
  const { fitted, untuned, bestOfSet, bestSingle } = summary.mean;
  expect(fitted).toBeGreaterThan(untuned + 0.02);
  expect(fitted).toBeLessThanOrEqual(bestOfSet);
  // Two sets that pull in opposite directions: one weight for both gains nothing.
  expect(bestSingle).toBeCloseTo(untuned, 2);
  expect(summary.gain.low).toBeGreaterThan(0);
  expect(printFit(summary)).toContain('mean of 2');
});

test('where the default is best, the fit stays there', () => {
  const [outcome] = fitWeights([peaked('cisi', defaultPlace)]).outcomes;
  expect(outcome!.chosen).toEqual([defaultWeights.cosine, defaultWeights.cosine]);
});
