/**
 * Judged queries through the search that readers run, one list a leg.
 * In: an open searcher, an encoder for the queries, judged queries. Out: metrics per list and latencies.
 * Page ids are compared as URL paths: a trailing slash or index.html makes no difference.
 */

import type { Leg, Searcher } from '../search/searcher';
import { blockPath } from '../segment/block';
import { decodeTexts } from '../segment/texts-block';
import type { ReadableStore } from '../store/store';
import type { Encoder, Manifest, Tier } from '../types';
import { type Grades, type ListMetrics, meanMetrics, percentile } from './metrics';

export interface JudgedText {
  text: string;
  grades: Grades;
}

export interface Evaluation {
  dataset: string;
  tier: Tier;
  queries: number;
  /** Units: milliseconds of one whole query, its embedding included. */
  ms: { p50: number; p95: number };
  /** A list that the tier does not have is null. */
  lists: {
    lexical: ListMetrics | null;
    vector: ListMetrics | null;
    fused: ListMetrics | null;
    reranked: ListMetrics | null;
  };
}

/** Depth to which lists are read: recall@100 needs no more. */
const depth = 100;

export async function evaluate(
  dataset: string,
  queries: readonly JudgedText[],
  options: { searcher: Searcher; store: ReadableStore; encoder: Encoder | null; tier: Tier },
): Promise<Evaluation> {
  const { searcher, store, encoder, tier } = options;
  const ids = (await readPageIds(store, searcher.manifest)).map(comparable);
  const grades = queries.map((query) => comparableGrades(query.grades));
  const full = tier === 'full' && encoder !== null && searcher.manifest.model !== null;
  const legs: Leg[] = full ? ['lexical', 'vector', 'fused'] : ['lexical'];
  const lists = new Map<Leg, string[][]>(legs.map((leg) => [leg, []]));
  const elapsed: number[] = [];
  for (const query of queries) {
    const began = performance.now();
    const embedding = full ? await encoder.embed([query.text], 'query') : null;
    await searcher.search(query.text, embedding, { limit: 10 });
    elapsed.push(performance.now() - began);
    for (const leg of legs) {
      const ranked = await searcher.rank(query.text, embedding, leg);
      lists.get(leg)!.push(ranked.slice(0, depth).map(({ page }) => ids[page]!));
    }
  }
  const metrics = (leg: Leg): ListMetrics | null => {
    const list = lists.get(leg);
    return list ? meanMetrics(list, grades) : null;
  };
  return {
    dataset,
    tier: full ? 'full' : 'lexical',
    queries: queries.length,
    ms: { p50: percentile(elapsed, 0.5), p95: percentile(elapsed, 0.95) },
    lists: {
      lexical: metrics('lexical'),
      vector: metrics('vector'),
      fused: metrics('fused'),
      reranked: null,
    },
  };
}

/** Ids of all pages in page order. */
export async function readPageIds(store: ReadableStore, manifest: Manifest): Promise<string[]> {
  const ids: string[] = [];
  for (const { texts } of manifest.groups)
    for (const page of decodeTexts(await store.readBlock('texts', texts), blockPath('texts', texts)))
      ids.push(page.id);
  return ids;
}

function comparable(id: string): string {
  return id.replace(/(^|\/)index\.html?$/, '$1').replace(/(.)\/$/, '$1');
}

function comparableGrades(grades: Grades): Grades {
  return new Map([...grades].map(([id, grade]) => [comparable(id), grade]));
}
