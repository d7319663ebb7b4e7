/**
 * One query under many weights of the cosine, searched once.
 * In: a searcher opened with `unitWeights`, a judged query. Out: nDCG@10 per weight.
 * Which passages are candidates does not depend on the weight, and a page's score is a sum in which meaning has one
 * share: every weight is tried in memory, on the shares that the product's own fusion gives.
 * Deliberately not here: choosing a weight (fit-weight.ts).
 */

import { defaultWeights, type RankedPage } from '../search/fuse';
import { rankBy } from '../search/rank-by';
import type { Searcher } from '../search/searcher';
import type { FusionWeights } from '../types';
import { type Grades, ndcgAtK } from './metrics';

/** The defaults with a weight of 1, so that a page's share of meaning is what any weight multiplies. */
export const unitWeights: FusionWeights = { ...defaultWeights, cosine: 1 };

/** Page ordinals under a weight, best first; of equals the lower page, as in fusion. */
export function orderUnder(weight: number, pages: readonly RankedPage[]): number[] {
  const scored = pages.map(({ page, shares: { words, meaning, links } }) => ({
    page,
    score: words + weight * meaning + links,
  }));
  return scored.sort((a, b) => b.score - a.score || a.page - b.page).map(({ page }) => page);
}

/** Shapes: one value per weight. */
export async function ndcgPerWeight(
  query: { text: string; grades: Grades },
  embedding: Float32Array,
  weights: readonly number[],
  { searcher, ids }: { searcher: Searcher; ids: readonly string[] },
): Promise<number[]> {
  const pages = await rankBy(searcher, 'fused', query.text, embedding);
  return weights.map((weight) => {
    const ranked = orderUnder(weight, pages).map((page) => ids[page]!);
    return ndcgAtK(ranked, query.grades, 10);
  });
}
