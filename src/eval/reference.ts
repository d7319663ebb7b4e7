/**
 * The yardstick of the vector list: plain float cosines of an unquantized model over the same passages.
 * In: judged queries, an index's texts, the reference model. Out: metrics of a list by cosine alone.
 * The score of a page is the same share of best and first passage that search uses, so that only the vectors differ.
 */
import { type EmbeddingCache, embedPassages } from '../build/embed-stage';
import { bestAndFirst, defaultWeights } from '../search/fuse';
import type { ReadableStore } from '../store/store';
import { readStoredPages } from '../store/stored-pages';
import { passageInput } from '../text';
import type { Encoder } from '../types';
import { type JudgedText, judgedPages } from './judged-pages';
import { type ListMetrics, meanMetrics } from './metrics';

export async function evaluateReference(
  queries: readonly JudgedText[],
  store: ReadableStore,
  models: { queries: Encoder; documents: Encoder },
  cache: EmbeddingCache,
): Promise<ListMetrics> {
  const manifest = await store.readManifest();
  const weights = manifest.weights ?? defaultWeights;
  const inputs: string[] = [];
  const pages: { id: string; first: number; end: number }[] = [];
  for await (const page of readStoredPages(store, manifest)) {
    const first = inputs.length;
    for (const passage of page.passages) inputs.push(passageInput(page.title, passage));
    pages.push({ id: page.id, first, end: inputs.length });
  }
  const { embeddings } = await embedPassages(inputs, models.documents, { cache });
  const { dim } = models.documents.card;
  const lists: string[][] = [];
  for (const { text } of queries) {
    const query = await models.queries.embed([text], 'query');
    const cosine = (ordinal: number): number => {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += query[d]! * embeddings[ordinal * dim + d]!;
      return sum;
    };
    const scored = pages.map(({ id, first, end }) => {
      let best = Number.NEGATIVE_INFINITY;
      for (let ordinal = first; ordinal < end; ordinal++) best = Math.max(best, cosine(ordinal));
      return { id, score: bestAndFirst(best, cosine(first), weights) };
    });
    scored.sort((a, b) => b.score - a.score);
    lists.push(scored.slice(0, 100).map(({ id }) => id));
  }
  const ids = pages.map(({ id }) => id);
  return meanMetrics(lists, judgedPages(queries, ids).grades);
}
