/**
 * The reranker that a command names.
 * In: its folder, whether queries are embedded. Out: a Reranker, or null where none is named.
 */
import { resolve } from 'node:path';
import { NearbitError } from '../errors';
import { openReranker } from '../rerank/open-reranker.node';
import type { Reranker } from '../rerank/reranker';

/** `full`: the answers are full ones. Errors: usage where they are not; ModelError as `openReranker`. */
export async function openCommandReranker(
  folder: string | undefined,
  full: boolean,
): Promise<Reranker | null> {
  if (folder === undefined) return null;
  if (!full)
    throw new NearbitError('usage', {
      what: 'Cannot rerank',
      expected: 'full answers',
      received: 'answers by words alone',
      fix: 'leave out --reranker, or use the full tier of an index with embeddings',
    });
  return openReranker(resolve(folder));
}
