/**
 * Judged queries through the instant tier: the steps that a reader sees.
 * In: an open instant searcher, the ids of the index's pages, judged queries. Out: metrics of the words' list and of the last one.
 */
import type { InstantSearcher } from '../instant/searcher';
import { version } from '../version';
import { depth, type Evaluation, kept, meanLists, noLists, type QueryOutcome, wantedOf } from './evaluate';
import { type JudgedText, judgedPages } from './judged-pages';
import { percentile, queryMetrics } from './metrics';

export async function evaluateInstant(
  dataset: string,
  queries: readonly JudgedText[],
  { searcher, ids }: { searcher: InstantSearcher; ids: readonly string[] },
): Promise<Evaluation> {
  const { grades, missing } = judgedPages(queries, ids);
  const elapsed: number[] = [];
  const perQuery: QueryOutcome[] = [];
  for (const [i, { id, text }] of queries.entries()) {
    const began = performance.now();
    const outcome: QueryOutcome = { id, text, wanted: wantedOf(grades[i]!), got: [], lists: noLists() };
    for await (const { tier, hits } of searcher.steps(text, { limit: depth })) {
      const ranked = hits.map((hit) => hit.id);
      outcome.lists[tier === 'lexical' ? 'lexical' : 'fused'] = queryMetrics(ranked, grades[i]!);
      outcome.got = ranked.slice(0, kept);
    }
    elapsed.push(performance.now() - began);
    perQuery.push(outcome);
  }
  return {
    version,
    dataset,
    tier: 'instant',
    queries: queries.length,
    ms: { p50: percentile(elapsed, 0.5), p95: percentile(elapsed, 0.95) },
    lists: meanLists(perQuery),
    missing,
    perQuery,
  };
}
