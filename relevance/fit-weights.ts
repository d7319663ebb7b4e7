/**
 * What a site author gains by fitting the weight of meaning to twenty of their queries (methods C1, N3).
 * In: prepared collections. Out: nDCG@10 on the queries not drawn: fitted, default, reciprocal ranks, the best single
 * weight, the best weight of each set in hindsight.
 * Fitting is the product's (`nearbit tune`): same candidates, same rule. The rule's one constant, how strongly it holds on
 * to the default, was looked at on cranfield, cisi, vaswani, stackfaq, xquad-en, limit-small and mdn; not on scifact.
 */

import { seededRandom, shuffled } from '../src/distil/random';
import { type PairedDifference, pairedBootstrap } from '../src/eval/bootstrap';
import { chooseWeight, defaultPlace, weightGrid } from '../src/eval/fit-weight';
import { judgedPages } from '../src/eval/judged-pages';
import { mean, ndcgAtK } from '../src/eval/metrics';
import { ndcgPerWeight, unitWeights } from '../src/eval/weighted-pages';
import { chooseKernel } from '../src/kernels/choose';
import { defaultWeights } from '../src/search/fuse';
import { rankBy } from '../src/search/rank-by';
import { openSearcher } from '../src/search/searcher';
import { openCollections } from './collections';
import { openModels } from './models';
import { type Prepared, prepare } from './prepare';

/** The sets that C1's bar is a mean over. */
export const fiveSets = ['scifact', 'cranfield', 'stackfaq', 'vaswani', 'cisi'];

/** Cormack, Clarke & Büttcher 2009: 1 / (60 + rank). */
const reciprocalConstant = 60;

/** One collection's queries under every weight. */
export interface FusionValues {
  name: string;
  /** Shapes: nDCG@10[query][weight of the grid]. */
  weights: number[][];
  /** nDCG@10 of reciprocal rank fusion, per query. */
  reciprocal: number[];
}

export interface FitOutcome {
  name: string;
  queries: number;
  /** Means over redraws of nDCG@10 on the queries not drawn. */
  fitted: number;
  untuned: number;
  reciprocal: number;
  bestSingle: number;
  bestOfSet: number;
  /** Weights that the middle half of the redraws chose. */
  chosen: [low: number, high: number];
  /** Per query, mean over the redraws that left it out: fitted and default. */
  perQuery: { fitted: number[]; untuned: number[] };
}

export async function fusionValues(prepared: Prepared): Promise<FusionValues> {
  const { name, store, pages, queries, queryEmbeddings, dim } = prepared;
  const { kernel } = await chooseKernel();
  const searcher = await openSearcher({ store, kernel, weights: unitWeights });
  const ids = pages.map(({ id }) => id);
  const { grades } = judgedPages(queries, ids);
  const grid = weightGrid(defaultWeights.cosine);
  const values: FusionValues = { name, weights: [], reciprocal: [] };
  for (const [i, { text }] of queries.entries()) {
    const embedding = queryEmbeddings.subarray(i * dim, (i + 1) * dim);
    const query = { text, grades: grades[i]! };
    values.weights.push(await ndcgPerWeight(query, embedding, grid, { searcher, ids }));
    const legs = [
      await rankBy(searcher, 'lexical', text, embedding),
      await rankBy(searcher, 'vector', text, embedding),
    ];
    const fused = reciprocalRanks(legs.map((leg) => leg.map(({ page }) => page)));
    values.reciprocal.push(
      ndcgAtK(
        fused.map((page) => ids[page]!),
        query.grades,
        10,
      ),
    );
  }
  return values;
}

/** Ties go to the lower page. */
export function reciprocalRanks(lists: readonly (readonly number[])[]): number[] {
  const scores = new Map<number, number>();
  for (const list of lists)
    for (const [i, page] of list.entries())
      scores.set(page, (scores.get(page) ?? 0) + 1 / (reciprocalConstant + i + 1));
  return [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([page]) => page);
}

/** The place in the grid with the best mean over the sets' means, seen with all judgements. */
export function bestPlace(sets: readonly FusionValues[]): number {
  const means = sets.map(({ weights }) =>
    weights[0]!.map((_, place) => mean(weights.map((row) => row[place]!))),
  );
  const overall = means[0]!.map((_, place) => mean(means.map((row) => row[place]!)));
  return overall.indexOf(Math.max(...overall));
}

/** Draws `sample` queries again and again, fits on them, and measures on the others. */
export function fitOnSamples(
  set: FusionValues,
  { sample = 20, redraws = 20, single }: { sample?: number; redraws?: number; single: number },
): FitOutcome {
  const { name, weights, reciprocal } = set;
  const grid = weightGrid(defaultWeights.cosine);
  const best = bestPlace([set]);
  const random = seededRandom(1);
  const rounds = { fitted: [], untuned: [], reciprocal: [], bestSingle: [], bestOfSet: [] } as Record<
    'fitted' | 'untuned' | 'reciprocal' | 'bestSingle' | 'bestOfSet',
    number[]
  >;
  const places: number[] = [];
  const sums = weights.map(() => ({ fitted: 0, times: 0 }));
  for (let round = 0; round < redraws; round++) {
    const order = shuffled([...weights.keys()], random);
    const place = chooseWeight(order.slice(0, sample).map((query) => weights[query]!));
    const others = order.slice(sample);
    const at = (chosen: number): number => mean(others.map((query) => weights[query]![chosen]!));
    places.push(place);
    rounds.fitted.push(at(place));
    rounds.untuned.push(at(defaultPlace));
    rounds.bestSingle.push(at(single));
    rounds.bestOfSet.push(at(best));
    rounds.reciprocal.push(mean(others.map((query) => reciprocal[query]!)));
    for (const query of others) {
      sums[query]!.fitted += weights[query]![place]!;
      sums[query]!.times++;
    }
  }
  places.sort((a, b) => a - b);
  const quarter = Math.floor(redraws / 4);
  const left = [...weights.keys()].filter((query) => sums[query]!.times > 0);
  return {
    name,
    queries: weights.length,
    fitted: mean(rounds.fitted),
    untuned: mean(rounds.untuned),
    reciprocal: mean(rounds.reciprocal),
    bestSingle: mean(rounds.bestSingle),
    bestOfSet: mean(rounds.bestOfSet),
    chosen: [grid[places[quarter]!]!, grid[places[redraws - 1 - quarter]!]!],
    perQuery: {
      fitted: left.map((query) => sums[query]!.fitted / sums[query]!.times),
      untuned: left.map((query) => weights[query]![defaultPlace]!),
    },
  };
}

export interface FitSummary {
  outcomes: FitOutcome[];
  /** Weight that is best on average over the five, in hindsight. */
  bestSingle: number;
  /** How many of the five are at hand; the means are over those. */
  averaged: number;
  /** Means over the five: what C1's bar compares. */
  mean: Record<'fitted' | 'untuned' | 'reciprocal' | 'bestSingle' | 'bestOfSet', number>;
  /** Fitted against default over the five's held-out queries. */
  gain: PairedDifference;
}

export function fitWeights(
  sets: readonly FusionValues[],
  options: { sample?: number; redraws?: number } = {},
): FitSummary {
  const five = sets.filter(({ name }) => fiveSets.includes(name));
  const single = bestPlace(five.length > 0 ? five : sets);
  const outcomes = sets.map((set) => fitOnSamples(set, { ...options, single }));
  const counted = outcomes.filter(({ name }) => five.length === 0 || fiveSets.includes(name));
  const over = (key: keyof FitSummary['mean']): number => mean(counted.map((outcome) => outcome[key]));
  return {
    outcomes,
    bestSingle: weightGrid(defaultWeights.cosine)[single]!,
    averaged: counted.length,
    mean: {
      fitted: over('fitted'),
      untuned: over('untuned'),
      reciprocal: over('reciprocal'),
      bestSingle: over('bestSingle'),
      bestOfSet: over('bestOfSet'),
    },
    gain: pairedBootstrap(
      counted.map(({ perQuery }) => perQuery.untuned),
      counted.map(({ perQuery }) => perQuery.fitted),
    ),
  };
}

export function printFit({ outcomes, bestSingle, averaged, mean: means, gain }: FitSummary): string {
  const keys = ['fitted', 'untuned', 'reciprocal', 'bestSingle', 'bestOfSet'] as const;
  const heads = ['fitted', 'default', 'RRF', `all ${bestSingle}`, 'hindsight'];
  const row = (name: string, values: FitSummary['mean'], more: string): string =>
    [name.padEnd(12), ...keys.map((key) => values[key].toFixed(4).padStart(9)), more].join(' ');
  const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
  return [
    ['set'.padEnd(12), ...heads.map((head) => head.padStart(9)), ' middle half of the weights'].join(' '),
    ...outcomes.map((outcome) => row(outcome.name, outcome, ` ${outcome.chosen.join(' to ')}`)),
    row(`mean of ${averaged}`, means, ''),
    `fitted − default ${signed(gain.difference)} [${signed(gain.low)}, ${signed(gain.high)}]; C1 asks: fitted − RRF ${signed(means.fitted - means.reciprocal)} (+.020), − hindsight ${signed(means.fitted - means.bestOfSet)} (−.010), − best single ${signed(means.fitted - means.bestSingle)} (−.003)`,
  ].join('\n');
}

/** `node … fit-weights.ts DATA CACHE SCRIPT [NAME…]`: folder of judged sets, folder to keep indexes in, built encode.thread.js. */
export async function main([data = '.', cache = '.', ...names]: string[]): Promise<void> {
  const models = await openModels();
  const wanted = names.length > 0 ? names : fiveSets;
  const values: FusionValues[] = [];
  for (const collection of openCollections(data).filter(({ name }) => wanted.includes(name)))
    values.push(await fusionValues(await prepare(collection, { models, cache })));
  await models.close();
  console.log(printFit(fitWeights(values)));
}
