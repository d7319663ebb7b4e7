/**
 * Runs kept in the repository, so that a test can fuse them again without models and data.
 * In: a prepared collection. Out: relevance/runs/<set>.jsonl: a line about the set, then a line a query with the raw scores
 * of its best pages; and those lines fused by the product's `rankPages`.
 * Numbers and grades alone: no text of a collection is in them. Queries are taken in the order of their ids' hashes, as
 * many as the size allows.
 */
import { type Grades, ndcgAtK } from '../src/eval/metrics';
import {
  type Candidate,
  defaultWeights,
  foreignCosineWeight,
  isForeign,
  passageScore,
  rankPages,
} from '../src/search/fuse';
import { orderOf } from './lists';
import { openEvidence } from './lists-evidence';
import type { Prepared } from './prepare';
import { sampleBy } from './sample';

/** nDCG@10. */
export type SetQuality = Record<'lexical' | 'vector' | 'fused', number>;

/** First line of a run. */
export interface RunHead {
  set: string;
  /** The version of nearbit that wrote it. */
  version: string;
  cosineSd: number;
  /** The model was not made for the language. */
  foreign: boolean;
  /** nDCG@10 of the whole set when the run was written. */
  ndcg10: SetQuality;
  /** Queries of the whole set. */
  of: number;
  /** Queries in this file. */
  queries: number;
  /** nDCG@10 of the queries in this file, fused as when it was written. */
  fused: number;
}

/**
 * One page: BM25 as one text, BM25 and cosine of its first passage, then of the best by words and the best by meaning
 * where those are others. The first number is left out where it is the second: the numbers are then even.
 * Units: BM25 in 1/10,000 of the query's maximum; cosines in 1/10,000.
 */
export type RunPage = number[];

export interface Run {
  head: RunHead;
  queries: RunQuery[];
}

/** A line after the first. */
export interface RunQuery {
  id: string;
  /** Units: 1/10,000. */
  mean: number;
  /** Place among `pages` and grade of the relevant ones. */
  graded: [number, number][];
  /** Grades of relevant pages that are not among `pages`. */
  absent: number[];
  /** By page ordinal. */
  pages: RunPage[];
  /** 0 to 255 per page; null: the index does not say. */
  links: number[] | null;
}

/** Of each leg and of the default list; more pages would not reach the first ten. */
const keptPages = 12;
const unit = 10_000;
/** Units: bytes of a file. */
const maxBytes = 60_000;

/** The text of a run's file. */
export async function writeRun(
  prepared: Prepared,
  grades: readonly Grades[],
  { version, ndcg10 }: { version: string; ndcg10: SetQuality },
): Promise<string> {
  const { queries, pages, layout, manifest } = prepared;
  const reader = await openEvidence(prepared);
  const order = sampleBy(queries.keys(), queries.length, (i) => queries[i]!.id);
  const lines: string[] = [];
  const head: RunHead = {
    set: prepared.name,
    version,
    cosineSd: manifest.model?.cosineSd ?? 1,
    foreign: isForeign(manifest),
    ndcg10: { lexical: round(ndcg10.lexical), vector: round(ndcg10.vector), fused: round(ndcg10.fused) },
    of: queries.length,
    queries: 0,
    fused: 0,
  };
  let bytes = 300;
  let sum = 0;
  for (const q of order) {
    const { id } = queries[q]!;
    const evidence = await reader.read(q);
    const { candidates, context } = evidence.fused;
    const legs = {
      lexical: orderOf(evidence.lexical),
      vector: orderOf(evidence.vector),
      fused: orderOf(evidence.fused),
    };
    const kept = new Set(Object.values(legs).flatMap((list) => list.slice(0, keptPages)));
    const byPage = new Map<number, Candidate[]>();
    for (const { page, passages } of rankPages(candidates, context))
      if (kept.has(page)) byPage.set(page, passages);
    const found = [...byPage.keys()].sort((a, b) => a - b);
    const graded = grades[q]!;
    const isKept = new Set(found.map((page) => pages[page]!.id));
    const relative = (bm25: number) =>
      context.lexicalMaximum === 0 ? 0 : Math.round((unit * bm25) / context.lexicalMaximum);
    const gradesOf = (of: readonly number[]) => of.map((page) => graded.get(pages[page]!.id) ?? 0);
    const line: RunQuery = {
      id,
      mean: Math.round(unit * context.cosineMean),
      graded: gradesOf(found).flatMap((grade, place) => (grade > 0 ? [[place, grade]] : [])),
      absent: [...graded].filter(([page, grade]) => grade > 0 && !isKept.has(page)).map(([, grade]) => grade),
      pages: found.map((page) => {
        const scores = keptPassages(byPage.get(page)!, layout.pageStart[page]!).flatMap(
          ({ lexical, vector }) => [relative(lexical ?? 0), Math.round(unit * (vector ?? 0))],
        );
        const words = relative(context.pageWords(page));
        return words === scores[0] ? scores : [words, ...scores];
      }),
      links: reader.linked && found.map((page) => reader.linked![page]!),
    };
    const written = JSON.stringify(line);
    if (bytes + written.length + 1 > maxBytes) break;
    bytes += written.length + 1;
    lines.push(written);
    sum += fuseAgain(line, head);
  }
  await reader.close();
  head.queries = lines.length;
  head.fused = round(sum / lines.length);
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

function round(value: number): number {
  return Math.round(value * unit) / unit;
}

/** What a page's score is made of: its first passage, the best by words, the best by meaning, each once. */
function keptPassages(passages: readonly Candidate[], first: number): Candidate[] {
  const best = (leg: 'lexical' | 'vector') =>
    passages.reduce((a, b) => ((b[leg] ?? -1) > (a[leg] ?? -1) ? b : a));
  const own = passages.find(({ ordinal }) => ordinal === first);
  return [...new Set([own ?? best('lexical'), best('lexical'), best('vector')])];
}

export function readRun(text: string): Run {
  const [head, ...lines] = text.trimEnd().split('\n');
  return { head: JSON.parse(head!), queries: lines.map((line) => JSON.parse(line)) };
}

/** nDCG@10 of a query under the fusion of the sources. */
export function fuseAgain({ pages, mean, graded, absent, links }: RunQuery, head: RunHead): number {
  const scores = pages.map((page) => (page.length % 2 === 0 ? page : page.slice(1)));
  const pageStart = new Uint32Array(pages.length + 1);
  for (const [i, own] of scores.entries()) pageStart[i + 1] = pageStart[i]! + own.length / 2;
  const passages = pageStart[pages.length]!;
  const weights = head.foreign ? { ...defaultWeights, cosine: foreignCosineWeight } : defaultWeights;
  const context = {
    layout: { pages: pages.length, passages, pageStart, groupStart: Uint32Array.of(0, pages.length) },
    weights,
    lexicalMaximum: unit,
    pageWords: (page: number) => pages[page]![0]!,
    cosineMean: mean / unit,
    cosineSd: head.cosineSd,
    linked: links && ((page: number) => links[page]! / 255),
  };
  const candidates = scores.flatMap((own, i) =>
    Array.from({ length: own.length / 2 }, (_, at): Candidate => {
      const lexical = own[2 * at]!;
      const vector = own[2 * at + 1]! / unit;
      return { ordinal: pageStart[i]! + at, lexical, vector, score: passageScore(lexical, vector, context) };
    }),
  );
  const ranked = rankPages(candidates, context).map(({ page }) => String(page));
  const grades = new Map(graded.map(([place, grade]) => [String(place), grade]));
  for (const [i, grade] of absent.entries()) grades.set(`absent ${i}`, grade);
  return ndcgAtK(ranked, grades, 10);
}

/**
 * By how much the fusion of the sources is above the better leg: what the whole set had when the run was written, and by how
 * much the kept queries have changed since. A sample says little of a small difference, but much of a change.
 */
export function gainOver({ head, queries }: Run): number {
  const { lexical, vector, fused } = head.ndcg10;
  const sum = queries.reduce((total, query) => total + fuseAgain(query, head), 0);
  return fused - Math.max(lexical, vector) + sum / queries.length - head.fused;
}
