/**
 * The whole step: depth, pairs, order.
 * In: a query, its hits best first, whoever scores pairs (a worker or this thread). Out: the hits in their new order.
 * Null: there is nothing to put in order. Without time for a single pair the order stays (`reached` 0).
 */
import type { Hit } from '../types';
import { rerankDepth } from './depth';
import type { RerankCandidate } from './extract';
import { reorder } from './order';
import type { PairScores } from './reranker';

export interface Reranked {
  hits: Hit[];
  /** Pages that were read, of `wanted`. */
  reached: number;
  wanted: number;
  /** What a pair takes. Units: milliseconds. */
  pairMs: number;
}

/** `hits`: as many as are at hand, at best `mostReranked` of depth.ts or more. */
export async function rerankHits(
  hits: readonly Hit[],
  score: (candidates: RerankCandidate[]) => Promise<PairScores>,
): Promise<Reranked | null> {
  const wanted = rerankDepth(hits.map((hit) => hit.score));
  if (wanted === 0) return null;
  // Only what is read: these may cross to a worker.
  const candidates = hits.slice(0, wanted).map(({ title, passages }) => ({
    title,
    passages: passages.map(({ text, marks }) => ({ text, marks })),
  }));
  const { logits, pairMs } = await score(candidates);
  return { hits: reorder(hits, logits), reached: logits.length, wanted, pairMs };
}
