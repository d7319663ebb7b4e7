/**
 * Every tier × code × fusion as a list of pages, measured on one prepared collection.
 * In: a prepared collection. Out: per list the metrics of every query; milliseconds of what readers run.
 * `fused` is the default. The other lists are its candidates under another fusion, or float cosines in place of its codes.
 */
import { judgedPages } from '../src/eval/judged-pages';
import { type Grades, type ListMetrics, percentile, queryMetrics } from '../src/eval/metrics';
import { bestAndFirst, defaultWeights, rankPages } from '../src/search/fuse';
import type { Encoder, FusionWeights } from '../src/types';
import { type Evidence, openEvidence, topOf } from './lists-evidence';
import type { Prepared } from './prepare';

/** What each list is, for the head of the table. */
export const lists = {
  lexical: 'words alone (the lexical tier)',
  vector: 'meaning alone, the codes that ship',
  fused: 'the default: both legs, the codes that ship',
  float: 'meaning alone, float cosines of all passages',
  'fused float': 'the default fusion over float cosines',
  'rrf 60': 'reciprocal ranks of both legs, k = 60',
  'rrf 20': 'reciprocal ranks of both legs, k = 20',
  line: 'BM25 of passages/maximum + .22·cosine/sd, no links',
  'no page words': 'the default without BM25 of the page as one text',
  'best passage': 'the default without the first passage',
  'no links': 'the default without links',
} as const;

export type ListName = keyof typeof lists;
export const listNames = Object.keys(lists) as ListName[];
/** Depth to which lists are read: recall@100 needs no more. */
const depth = 100;
/** Queries whose time is taken. */
const timedQueries = 50;

/** Units: milliseconds of one whole query with ten hits, in Node on one thread; `full` encodes the query too. */
export interface ListTimes {
  lexical: { p50: number; p95: number };
  full: { p50: number; p95: number };
}

export interface MeasuredLists {
  /** In the order of the queries. */
  perQuery: Record<ListName, ListMetrics[]>;
  grades: Grades[];
  /** Judged addresses without a page. */
  missing: string[];
}

/** `ignored`: pages per query id that no list may hold, because the query was made of their words. */
export async function measureLists(
  prepared: Prepared,
  ignored: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<MeasuredLists> {
  const ids = prepared.pages.map(({ id }) => id);
  const { grades, missing } = judgedPages(prepared.queries, ids);
  const reader = await openEvidence(prepared);
  const perQuery = Object.fromEntries(listNames.map((name) => [name, [] as ListMetrics[]])) as Record<
    ListName,
    ListMetrics[]
  >;
  for (const [q, { id }] of prepared.queries.entries()) {
    const legs = await reader.read(q);
    const lexical = orderOf(legs.lexical);
    const vector = orderOf(legs.vector);
    const cosines = reader.cosines(q);
    const ranked: Record<ListName, number[]> = {
      lexical,
      vector,
      fused: orderOf(legs.fused),
      float: pagesByCosine(cosines, prepared.layout.pageStart),
      'fused float': orderOf(await reader.float(q, cosines)),
      'rrf 60': reciprocalRanks([lexical, vector], 60),
      'rrf 20': reciprocalRanks([lexical, vector], 20),
      line: straightLine(legs.fused),
      'no page words': orderOf(legs.fused, { pageWords: 0 }),
      'best passage': orderOf(legs.fused, { firstPassage: 0 }),
      'no links': orderOf(legs.fused, { links: 0 }),
    };
    const left = new Set(ignored.get(id));
    for (const name of listNames) {
      const found = ranked[name].map((page) => ids[page]!).filter((page) => !left.has(page));
      perQuery[name].push(queryMetrics(found.slice(0, depth), grades[q]!));
    }
  }
  await reader.close();
  return { perQuery, grades, missing };
}

/** Pages under the product's fusion; `changed` replaces some of its weights. */
export function orderOf({ candidates, context }: Evidence, changed: Partial<FusionWeights> = {}): number[] {
  const weights = { ...context.weights, ...changed };
  return rankPages(candidates, { ...context, weights }).map(({ page }) => page);
}

/** Both legs' scores added without a curve: the fusion before the present one. */
function straightLine({ candidates, context }: Evidence): number[] {
  const { cosineSd, lexicalMaximum } = context;
  const weight = 0.22;
  const share = 0.5;
  const scored = rankPages(candidates, context).map(({ page, passages }) => {
    const scores = passages.map(
      ({ lexical, vector }) =>
        (lexicalMaximum > 0 ? (lexical ?? 0) / lexicalMaximum : 0) + (weight * (vector ?? 0)) / cosineSd,
    );
    const first = passages.findIndex(({ ordinal }) => ordinal === context.layout.pageStart[page]);
    const best = Math.max(...scores);
    return { page, score: (1 - share) * best + share * (scores[first] ?? best) };
  });
  return scored.sort((a, b) => b.score - a.score || a.page - b.page).map(({ page }) => page);
}

/** Source: Cormack, Clarke & Büttcher 2009. */
function reciprocalRanks(ranked: readonly (readonly number[])[], k: number): number[] {
  const scores = new Map<number, number>();
  for (const pages of ranked)
    for (const [i, page] of pages.slice(0, depth).entries())
      scores.set(page, (scores.get(page) ?? 0) + 1 / (k + i + 1));
  return [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([page]) => page);
}

/** Half best passage, half first one, as in the product. */
function pagesByCosine(cosines: Float32Array, pageStart: Uint32Array): number[] {
  const scores = new Float32Array(pageStart.length - 1).map((_, page) => {
    const first = cosines[pageStart[page]!]!;
    let best = first;
    for (let i = pageStart[page]! + 1; i < pageStart[page + 1]!; i++) best = Math.max(best, cosines[i]!);
    return bestAndFirst(best, first, defaultWeights);
  });
  // A proxy query drops some pages from its list.
  return topOf(scores, 2 * depth);
}

/** Evenly chosen queries, after a few that only warm. One tier after the other, so that neither reads texts for the other. */
export async function timeLists(prepared: Prepared, encoder: Encoder): Promise<ListTimes> {
  const { queries, searcher } = prepared;
  const step = Math.max(1, Math.floor(queries.length / timedQueries));
  const asked = queries.filter((_, i) => i % step === 0).slice(0, timedQueries);
  const time = async (ask: (text: string) => Promise<unknown>) => {
    for (const { text } of asked.slice(0, 3)) await ask(text);
    const spent: number[] = [];
    for (const { text } of asked) {
      const start = performance.now();
      await ask(text);
      spent.push(performance.now() - start);
    }
    return { p50: percentile(spent, 0.5), p95: percentile(spent, 0.95) };
  };
  return {
    lexical: await time((text) => searcher.search(text, null, { limit: 10 })),
    full: await time(async (text) =>
      searcher.search(text, await encoder.embed([text], 'query'), { limit: 10 }),
    ),
  };
}
