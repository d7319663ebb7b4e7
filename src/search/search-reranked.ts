/**
 * A full answer whose first pages a reranker has read, all of them: no time box, as a command line wants it.
 * In: a searcher, a reranker, a query with its embedding. Out: an Answer in the new order.
 * Deliberately not here: the time box of a reader's device (client/reranker-client.ts).
 */
import { mostReranked } from '../rerank/depth';
import { rerankHits } from '../rerank/rerank-hits';
import type { Reranker } from '../rerank/reranker';
import type { Answer } from '../types';
import type { Searcher } from './searcher';

/** An answer by words alone stands as it is. Errors: as `search` of the searcher, ModelError `model-damaged`. */
export async function searchReranked(
  { searcher, reranker }: { searcher: Searcher; reranker: Reranker },
  query: string,
  embedding: Float32Array | null,
  limit: number,
): Promise<Answer> {
  const answer = await searcher.search(query, embedding, { limit: Math.max(limit, mostReranked) });
  const began = performance.now();
  const reranked =
    answer.tier === 'full'
      ? await rerankHits(answer.hits, (candidates) =>
          reranker.score(query, candidates, { ms: Number.POSITIVE_INFINITY }),
        )
      : null;
  const hits = (reranked?.hits ?? answer.hits).slice(0, limit);
  if (!reranked) return { ...answer, hits };
  const ms = performance.now() - began;
  return { ...answer, hits, ms: { ...answer.ms, rerank: ms, total: answer.ms.total + ms } };
}
