/**
 * Logits to an order.
 * In: hits best first, the logits of the first ones. Out: those hits in their new order, the others where they were.
 * A logit is mapped to 0…1 and weighed against the first stage's score, so that logits of a scale of their own cannot
 * undo it altogether, and pages that the reranker holds for equal keep their order.
 * Source: E2 of Zou et al. 2021 (Baidu): a reranker's scores are mapped to a fixed scale before they are fused.
 */
import type { Hit } from '../types';

/** Share of the reranker in the new score. 0: nothing moves; 1: the first stage decides ties alone. */
export const rerankShare = 0.7;

/** 0…1, .5 where the model is undecided. Two labels: the softmax of the second, since their difference is the logit. */
export function relevanceOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * New scores of the first `relevances.length` places, in the unit of the first stage's: none falls below the lowest of
 * theirs, so none falls behind a place that was not reached.
 */
export function blendScores(scores: readonly number[], relevances: readonly number[]): number[] {
  const reached = scores.slice(0, relevances.length);
  const best = Math.max(...reached);
  const least = Math.min(...reached);
  // Scores that are all equal still have room for an order: a page's own score is at least that of the next place.
  const span = best - least;
  return reached.map((score, i) => {
    const first = span > 0 ? (score - least) / span : 0;
    return least + span * ((1 - rerankShare) * first + rerankShare * relevances[i]!);
  });
}

/** New ranks; `scores.rerank` (0…1) where a logit was given, null elsewhere. The hits handed over stay as they are. */
export function reorder(hits: readonly Hit[], logits: readonly number[]): Hit[] {
  const relevances = logits.map(relevanceOf);
  const scores = blendScores(
    hits.map(({ score }) => score),
    relevances,
  );
  const places = relevances.map((_, i) => i);
  places.sort((a, b) => scores[b]! - scores[a]! || relevances[b]! - relevances[a]! || a - b);
  const reached = places.map((i): Hit => {
    const hit = hits[i]!;
    return {
      ...hit,
      score: scores[i]!,
      scores: { ...hit.scores, rerank: relevances[i]! },
      explanation: { ...hit.explanation, moved: 'reranked' },
    };
  });
  return [...reached, ...hits.slice(logits.length)].map((hit, i) => ({ ...hit, rank: i + 1 }));
}
