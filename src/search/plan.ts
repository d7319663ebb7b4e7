/**
 * The plan of a query: words, scan, rescoring, fusion, hits; with milliseconds per stage.
 * In: a corpus (a bundle, or the segments of a live index) behind its legs, a query with its embedding or null. Out: an Answer.
 * Deliberately not here: how a corpus is opened (searcher.ts, live room), and embedding the query (inference worker).
 */
import type { Bm25Scorer } from '../lexical/bm25';
import type { TermMark } from '../lexical/marks';
import type { Answer, FusionWeights, Hit, SearchOptions, StageMs, StoredPage } from '../types';
import { placesOf } from './explanation';
import { type Candidate, type FusionContext, passageScore, type RankedPage, rankPages } from './fuse';
import { toHit } from './hits';
import { type Layout, rangeOf, withFirstPassages } from './layout';
import { type LexicalLeg, type LexicalResult, lexicalDepth } from './lexical-leg';
import { Notices, readOrNotice } from './notices';

export const defaultLimit = 10;
export const defaultPassagesPerPage = 3;

/** A query's embedding, coded for a corpus. */
export interface CodedQuery {
  /** The query's mean cosine over the corpus. */
  offset: number;
}

/** The meaning of a query against all passages; a leg is given its own coded queries alone. */
export interface MeaningLeg {
  /** Errors: ShapeError when the embedding's dimension is not the corpus's. */
  encode(embedding: Float32Array): Promise<CodedQuery>;
  /** Ordinals of the nearest codes. */
  scan(query: CodedQuery): Promise<Iterable<number>>;
  /** Cosine per ordinal; null where there is none (a read that failed is said in `notices`). */
  cosines(
    query: CodedQuery,
    ordinals: readonly number[],
    layout: Layout,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<(number | null)[]>;
}

/** What a query is answered from; stays as it is while the query runs. */
export interface Corpus {
  layout: Layout;
  /** How much the rest of the site links to each page, 0 to 255; null: the index does not say. */
  linked: Uint8Array | null;
  weights: FusionWeights;
  /** Spread of the model's cosines. */
  cosineSd: number;
  words: LexicalLeg;
  /** Called when the first embedding comes. Null: words alone. */
  openMeaning: (() => Promise<MeaningLeg>) | null;
  /** The pages of a group. */
  readTexts(group: number): Promise<StoredPage[]>;
}

/** What goes along with one query. */
export interface QueryRun {
  notices: Notices;
  signal: AbortSignal | undefined;
  /** Ends a stage, which began with the end of the one before. */
  stage(name: string): void;
  /** What the stages took so far. */
  end(): StageMs;
}

export interface Ranking extends LexicalResult {
  pages: RankedPage[];
}

/** The best passages, and the best passage of each of the best pages. */
export function candidatesOf(scorer: Bm25Scorer): Set<number> {
  return new Set([...scorer.topPassages(lexicalDepth), ...scorer.topPages(lexicalDepth)]);
}

/** Pages without their texts; by words alone where there is no embedding, here or there. */
export async function rankQuery(
  { layout, linked, weights, cosineSd, words, openMeaning }: Corpus,
  query: string,
  embedding: Float32Array | null,
  language: string | undefined,
  { notices, signal, stage }: QueryRun,
): Promise<Ranking> {
  const result = await words.run(query, language, notices, signal);
  const { scorer } = result;
  stage('lexical');
  const context: FusionContext = {
    layout,
    weights,
    lexicalMaximum: scorer.theoreticalMaximum,
    pageWords: (page) => scorer.pageScore(page),
    cosineMean: 0,
    cosineSd,
    linked: linked && ((page) => linked[page]! / 255),
  };
  const ordinals = candidatesOf(scorer);
  let cosinesOf: ((ordinals: readonly number[]) => Promise<(number | null)[]>) | null = null;
  if (embedding && openMeaning) {
    const meaning = await openMeaning();
    const code = await meaning.encode(embedding);
    context.cosineMean = code.offset;
    stage('load');
    for (const ordinal of await meaning.scan(code)) ordinals.add(ordinal);
    stage('scan');
    cosinesOf = (list) => meaning.cosines(code, list, layout, notices, signal);
  }
  const list = withFirstPassages(ordinals, layout);
  const cosines = await cosinesOf?.(list);
  if (cosines) stage('rescore');
  const candidates = list.map((ordinal, i): Candidate => {
    const lexical = scorer.score(ordinal);
    const vector = cosines?.[i] ?? null;
    return { ordinal, lexical, vector, score: passageScore(lexical, vector, context) };
  });
  return { ...result, pages: rankPages(candidates, context) };
}

/** `hits`: of the first pages, in their order; null: its texts could not be read, and the answer does without. */
export interface Outcome extends Ranking {
  answer: Answer;
  hits: (Hit | null)[];
}

/** Errors: ShapeError for a wrong dimension; AbortError. */
export async function answerQuery(
  corpus: Corpus,
  query: string,
  embedding: Float32Array | null,
  { limit = defaultLimit, passagesPerPage = defaultPassagesPerPage, language }: SearchOptions,
  run: QueryRun,
): Promise<Outcome> {
  const { notices, signal, stage } = run;
  const ranking = await rankQuery(corpus, query, embedding, language, run);
  stage('fuse');
  const { pages } = ranking;
  const marksOf = await corpus.words.marker(ranking.terms);
  const hits = await readHits(corpus, pages, limit, marksOf, passagesPerPage, notices);
  signal?.throwIfAborted();
  stage('texts');
  const tier = embedding && corpus.openMeaning ? 'full' : 'lexical';
  return { ...ranking, hits, answer: toAnswer(query, tier, hits, pages.length, run) };
}

/** `found`: pages before the limit. */
export function toAnswer(
  query: string,
  tier: Answer['tier'],
  shown: readonly (Hit | null)[],
  found: number,
  { notices, end }: QueryRun,
): Answer {
  const hits = shown.filter((hit) => hit !== null);
  for (const [i, hit] of hits.entries()) hit.rank = i + 1;
  return { query, tier, hits, ms: end(), found, notices: notices.list() };
}

/** The first `limit` pages as readers see them; null where the texts could not be read. */
export function readHits(
  { layout, readTexts }: Corpus,
  pages: readonly RankedPage[],
  limit: number,
  marksOf: (text: string) => TermMark[],
  passagesPerPage: number,
  notices: Notices,
): Promise<(Hit | null)[]> {
  const places = placesOf(pages);
  const reads = pages.slice(0, limit).map(async (ranked) => {
    const group = rangeOf(layout.groupStart, ranked.page);
    const stored = await readOrNotice(readTexts(group), notices);
    const page = stored?.[ranked.page - layout.groupStart[group]!];
    return page
      ? toHit(ranked, page, layout.pageStart[ranked.page]!, marksOf, passagesPerPage, places)
      : null;
  });
  return Promise.all(reads);
}

export function startRun(signal?: AbortSignal): QueryRun {
  const began = performance.now();
  const ms: StageMs = { total: 0 };
  let last = began;
  return {
    notices: new Notices(),
    signal,
    stage(name) {
      const now = performance.now();
      ms[name] = now - last;
      last = now;
    },
    end() {
      ms.total = performance.now() - began;
      return ms;
    },
  };
}
