/**
 * Pages by one leg or by both, without their texts: what an evaluation needs.
 * In: a searcher, a query with its embedding or null. Out: pages in order, with what each leg gave to them.
 * Deliberately not here: answers for readers (plan.ts); no browser loads this file.
 */
import { Bm25Scorer, describeCorpus } from '../lexical/bm25';
import type { RankedPage } from './fuse';
import { rankQuery, startRun } from './plan';
import type { Searcher } from './searcher';

/** Which lists a ranking is made of; `fused` is what readers get. */
export type Leg = 'lexical' | 'vector' | 'fused';

/** Legs that need an embedding give no page without one. Errors: ShapeError for a wrong dimension. */
export async function rankBy(
  searcher: Pick<Searcher, 'open'>,
  leg: Leg,
  query: string,
  embedding: Float32Array | null,
): Promise<RankedPage[]> {
  const corpus = await searcher.open();
  const needed = leg === 'lexical' ? null : embedding;
  if (leg !== 'lexical' && !(needed && corpus.openMeaning)) return [];
  const run = startRun();
  if (leg !== 'vector') return (await rankQuery(corpus, query, needed, undefined, run)).pages;
  const scorer = new Bm25Scorer(describeCorpus(new Float32Array(0), 0, new Uint32Array(1), null));
  const words = { ...corpus.words, run: async () => ({ terms: [], scorer }) };
  // A list by meaning alone shows what the embeddings know.
  const { pages } = await rankQuery({ ...corpus, linked: null, words }, query, needed, undefined, run);
  for (const { passages } of pages) for (const passage of passages) passage.lexical = null;
  return pages;
}
