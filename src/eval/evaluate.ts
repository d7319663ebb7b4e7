/**
 * Judged queries through the search that readers run, one list a leg.
 * In: an open searcher, an encoder for the queries, judged queries. Out: metrics per list, per query, and latencies.
 */

import { mostReranked } from '../rerank/depth';
import type { Reranker } from '../rerank/reranker';
import type { Leg } from '../search/rank-by';
import { rankBy } from '../search/rank-by';
import { searchReranked } from '../search/search-reranked';
import type { Searcher } from '../search/searcher';
import type { ReadableStore } from '../store/store';
import type { Encoder, Tier } from '../types';
import { version } from '../version';
import { type JudgedText, judgedPages, readPageIds } from './judged-pages';
import { type ListMetrics, meanOf, percentile, queryMetrics } from './metrics';

/** A list that the tier does not have is null. */
export type Lists = Record<'lexical' | 'vector' | 'fused' | 'reranked', ListMetrics | null>;

/** How one query went. */
export interface QueryOutcome {
  id: string;
  text: string;
  /** Relevant pages, the best grade first. */
  wanted: string[];
  /** What readers get first: ids of pages, at most ten. */
  got: string[];
  lists: Lists;
}

export interface Evaluation {
  /** The version that measured. */
  version: string;
  dataset: string;
  tier: Tier;
  queries: number;
  /** Units: milliseconds of one whole query, its embedding included. */
  ms: { p50: number; p95: number };
  lists: Lists;
  /** Judged addresses that no page of the index has. */
  missing: string[];
  perQuery: QueryOutcome[];
}

/** Depth to which lists are read: recall@100 needs no more. */
export const depth = 100;
/** Pages kept per query, to say what came first instead. */
export const kept = 10;

export async function evaluate(
  dataset: string,
  queries: readonly JudgedText[],
  options: {
    searcher: Searcher;
    store: ReadableStore;
    encoder: Encoder | null;
    tier: Tier;
    /** Adds a list that it has put in order. Full tier only. */
    reranker?: Reranker | null;
  },
): Promise<Evaluation> {
  const { searcher, store, encoder, tier } = options;
  const ids = await readPageIds(store, searcher.manifest);
  const { grades, missing } = judgedPages(queries, ids);
  const full = tier === 'full' && encoder !== null && searcher.manifest.model !== null;
  const reranker = full ? options.reranker : null;
  const legs: Leg[] = full ? ['lexical', 'vector', 'fused'] : ['lexical'];
  const elapsed: number[] = [];
  const perQuery: QueryOutcome[] = [];
  for (const [i, { id, text }] of queries.entries()) {
    const began = performance.now();
    const embedding = full ? await encoder.embed([text], 'query') : null;
    const answer = reranker
      ? await searchReranked({ searcher, reranker }, text, embedding, mostReranked)
      : await searcher.search(text, embedding, { limit: 10 });
    elapsed.push(performance.now() - began);
    const outcome: QueryOutcome = { id, text, wanted: wantedOf(grades[i]!), got: [], lists: noLists() };
    // The last list is what readers get.
    const take = (list: keyof Lists, ranked: string[]): void => {
      outcome.lists[list] = queryMetrics(ranked, grades[i]!);
      outcome.got = ranked.slice(0, kept);
    };
    let ranked: string[] = [];
    for (const leg of legs) {
      const pages = await rankBy(searcher, leg, text, embedding);
      ranked = pages.slice(0, depth).map(({ page }) => ids[page]!);
      take(leg, ranked);
    }
    if (reranker)
      take('reranked', [...new Set([...answer.hits.map(({ id }) => id), ...ranked])].slice(0, depth));
    perQuery.push(outcome);
  }
  return {
    version,
    dataset,
    tier: full ? 'full' : 'lexical',
    queries: queries.length,
    ms: { p50: percentile(elapsed, 0.5), p95: percentile(elapsed, 0.95) },
    lists: meanLists(perQuery),
    missing,
    perQuery,
  };
}

/** The list that readers get: the deepest of those at hand. */
export function decidingList(lists: Lists): { name: keyof Lists; metrics: ListMetrics } {
  const name = (['reranked', 'fused', 'vector', 'lexical'] as const).find((list) => lists[list] !== null);
  if (!name) throw new TypeError('an evaluation has at least one list');
  return { name, metrics: lists[name]! };
}

/** Means over queries; a list that a query lacks is null. */
export function meanLists(perQuery: readonly QueryOutcome[]): Lists {
  const lists = noLists();
  for (const name of Object.keys(lists) as (keyof Lists)[]) {
    const values = perQuery.flatMap((query) => query.lists[name] ?? []);
    if (values.length > 0) lists[name] = meanOf(values);
  }
  return lists;
}

/** Relevant pages, the best grade first. */
export function wantedOf(grades: ReadonlyMap<string, number>): string[] {
  const relevant = [...grades].filter(([, grade]) => grade > 0);
  return relevant.sort((a, b) => b[1] - a[1]).map(([id]) => id);
}

export function noLists(): Lists {
  return { lexical: null, vector: null, fused: null, reranked: null };
}
