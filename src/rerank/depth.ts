/**
 * How many of the first pages are worth a reranker's time.
 * In: the first stage's scores, best first. Out: a number of pages.
 * The more the scores stand together, the more pages: as many as hold most of what the list's scores have above its last one.
 * Source: Kratzwald & Feuerriegel 2018 (adaptive document retrieval: a threshold on the summed, normalised scores).
 */

/** No list is read deeper, whatever its scores. Units: pages. */
export const mostReranked = 20;
/** A shorter order has little to correct. Units: pages. */
export const leastReranked = 4;
/** Share of the scores' sum above the last score. Towards 1: always `mostReranked`; towards 0: always `leastReranked`. */
export const depthShare = 0.9;

/** 0: nothing to put in another order. */
export function rerankDepth(scores: readonly number[]): number {
  const list = scores.slice(0, mostReranked);
  if (list.length < 2) return 0;
  const floor = list.at(-1)!;
  const wanted = depthShare * list.reduce((sum, score) => sum + score - floor, 0);
  let held = 0;
  let depth = 0;
  while (depth < list.length && (held < wanted || depth < leastReranked)) held += list[depth++]! - floor;
  // Scores that are all equal hold nothing above the last: none of them is worth less than another.
  return wanted === 0 ? list.length : depth;
}
