/**
 * A weight chosen from judged queries, and how it does on queries it was not chosen from.
 * In: a value per query and weight of the grid. Out: a place in the grid; values of held-out queries.
 * A few dozen queries leave the curve rough, so each weight is read together with its neighbours, and leaving the
 * default costs something: `pull` × octaves², less the more queries there are. With pull 0 twenty queries end up below
 * the default on some sets; from .002 to .008 the figures of `relevance/fit-weights.ts` hardly move.
 * Deliberately not here: where the values come from (weighted-pages.ts).
 */
import { seededRandom, shuffled } from '../distil/random';

/** Steps of a grid per octave, so that neighbours differ by 19 %. */
const stepsPerOctave = 4;
const octaves = 3;
/** Where the default stands in a grid. */
export const defaultPlace = octaves * stepsPerOctave;
/** Mean nDCG@10 that one octave away from the default must gain on `pullQueries` queries. */
const pull = 0.004;
const pullQueries = 20;
/** Weight of a neighbour at each distance: a bell of one step. */
const bell = [1, Math.exp(-0.5), Math.exp(-2), Math.exp(-4.5)];

/** Weights to try around a default, ascending, the default itself in the middle. */
export function weightGrid(middle: number): number[] {
  return Array.from({ length: 2 * defaultPlace + 1 }, (_, i) =>
    i === defaultPlace
      ? middle
      : Number((middle * 2 ** ((i - defaultPlace) / stepsPerOctave)).toPrecision(3)),
  );
}

/** The place in the grid to take. Shapes: values[query][weight], as many weights as `weightGrid` gives. */
export function chooseWeight(values: readonly (readonly number[])[]): number {
  const n = values.length;
  const mean = Array.from({ length: 2 * defaultPlace + 1 }, (_, i) =>
    n === 0 ? 0 : sum(values.map((row) => row[i]!)) / n,
  );
  let best = defaultPlace;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const i of mean.keys()) {
    const away = (i - defaultPlace) / stepsPerOctave;
    const score = smoothed(mean, i) - (pull * away ** 2 * pullQueries) / Math.max(1, n);
    // Of equals the one nearer to the default.
    if (
      score > bestScore ||
      (score === bestScore && Math.abs(i - defaultPlace) < Math.abs(best - defaultPlace))
    ) {
      best = i;
      bestScore = score;
    }
  }
  return best;
}

export interface HeldOut {
  /** Each query's mean value under the weights chosen without it, in the order of the queries. */
  tuned: number[];
  /** Each query's value under the default. */
  untuned: number[];
  /** Places in the grid, one for each fold of each division. */
  chosen: number[];
}

/** Divisions into folds that are averaged: with one, an unlucky fold of a few queries decides. */
const divisions = 10;

/** k-fold cross-validation by query, divided with fixed seeds. `folds` is held between 2 and the number of queries. */
export function heldOutValues(values: readonly (readonly number[])[], folds: number): HeldOut {
  const n = values.length;
  const k = Math.max(2, Math.min(folds, n));
  const tuned = values.map(() => 0);
  const chosen: number[] = [];
  for (let division = 1; division <= divisions; division++) {
    const order = shuffled([...values.keys()], seededRandom(division));
    for (let fold = 0; fold < k; fold++) {
      const place = chooseWeight(order.filter((_, i) => i % k !== fold).map((query) => values[query]!));
      chosen.push(place);
      for (let i = fold; i < n; i += k) tuned[order[i]!]! += values[order[i]!]![place]! / divisions;
    }
  }
  return { tuned, untuned: values.map((row) => row[defaultPlace]!), chosen };
}

/** Beyond the ends the outermost value goes on. */
function smoothed(mean: readonly number[], at: number): number {
  let total = 0;
  let weight = 0;
  for (let offset = 1 - bell.length; offset < bell.length; offset++) {
    const share = bell[Math.abs(offset)]!;
    total += share * mean[Math.min(mean.length - 1, Math.max(0, at + offset))]!;
    weight += share;
  }
  return total / weight;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
