/**
 * The arithmetic of the language measurements: scores of whole pages, ranks of the right one, what moves them.
 * In: embeddings or a lexical leg. Out: score tables, ranks, means over questions.
 * A page here is one sentence with one right answer per question, so a page scores as its best passage and the rank of
 * the right page says everything. Deliberately not here: codes; these are float cosines, the ceiling of any code.
 */
import { mean } from '../src/eval/metrics';
import type { LexicalLeg } from '../src/search/lexical-leg';
import { Notices } from '../src/search/notices';

/** Ranks below are all as bad: without a limit a few lost questions would be the whole variance. */
const deepestRank = 100;

/** Shapes: float32[queries × pages]. */
export interface ScoreTable {
  pages: number;
  scores: Float32Array;
}

/** Shapes: queries float32[queries × dim], passages float32[passages × dim]; pageStart is one longer than the pages. */
export function cosineTable(
  queries: Float32Array,
  passages: Float32Array,
  dim: number,
  pageStart: Uint32Array,
): ScoreTable {
  const pages = pageStart.length - 1;
  const n = queries.length / dim;
  const scores = new Float32Array(n * pages).fill(Number.NEGATIVE_INFINITY);
  for (let query = 0; query < n; query++)
    for (let page = 0; page < pages; page++)
      for (let row = pageStart[page]!; row < pageStart[page + 1]!; row++) {
        let dot = 0;
        for (let d = 0; d < dim; d++) dot += queries[query * dim + d]! * passages[row * dim + d]!;
        const at = query * pages + page;
        scores[at] = Math.max(scores[at]!, dot);
      }
  return { pages, scores };
}

/** BM25 over its theoretical maximum, the unit of fusion. */
export async function termTable(
  lexical: LexicalLeg,
  queries: readonly string[],
  pageStart: Uint32Array,
): Promise<ScoreTable> {
  const pages = pageStart.length - 1;
  const scores = new Float32Array(queries.length * pages);
  for (const [query, text] of queries.entries()) {
    const terms = await lexical.run(text, undefined, new Notices());
    if (terms.scorer.theoreticalMaximum === 0) continue;
    for (let page = 0; page < pages; page++)
      for (let row = pageStart[page]!; row < pageStart[page + 1]!; row++) {
        const at = query * pages + page;
        scores[at] = Math.max(scores[at]!, terms.scorer.score(row) / terms.scorer.theoreticalMaximum);
      }
  }
  return { pages, scores };
}

/** weight · cosine / spread + words, as the searcher adds them up. */
export function fuse(words: ScoreTable, cosines: ScoreTable, weight: number, spread: number): ScoreTable {
  const scores = words.scores.map((score, i) => score + (weight * cosines.scores[i]!) / spread);
  return { pages: words.pages, scores };
}

/** Tables of the same questions over other pages, side by side: one index of them all. */
export function beside(tables: readonly ScoreTable[]): ScoreTable {
  const pages = tables.reduce((sum, table) => sum + table.pages, 0);
  const queries = tables[0]!.scores.length / tables[0]!.pages;
  const scores = new Float32Array(queries * pages);
  for (let query = 0; query < queries; query++) {
    let at = query * pages;
    for (const table of tables) {
      scores.set(table.scores.subarray(query * table.pages, (query + 1) * table.pages), at);
      at += table.pages;
    }
  }
  return { pages, scores };
}

/** Rank of one page per query, from 1. Ties go to the lower page, pages that score nothing come in page order. */
export function ranksOf({ pages, scores }: ScoreTable, right: readonly number[]): number[] {
  return right.map((wanted, query) => {
    const row = scores.subarray(query * pages, (query + 1) * pages);
    const own = row[wanted]!;
    let rank = 1;
    for (let page = 0; page < pages; page++)
      if (row[page]! > own || (row[page] === own && page < wanted)) rank++;
    return rank;
  });
}

/** nDCG@10 with one right page per question. */
export function meanGain(ranks: readonly number[]): number {
  return mean(ranks.map((rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0)));
}

export function recallAt(ranks: readonly number[], k: number): number {
  return mean(ranks.map((rank) => (rank <= k ? 1 : 0)));
}

/**
 * How far the rank of one answer moves with the language of the question: the variance over languages, mean over questions.
 * Shapes: one list of ranks a language, questions in the same order.
 */
export function meanRankVariance(byLanguage: readonly (readonly number[])[]): number {
  const questions = byLanguage[0]!.length;
  const variances = Array.from({ length: questions }, (_, i) => {
    const ranks = byLanguage.map((list) => Math.min(deepestRank, list[i]!));
    const centre = mean(ranks);
    return mean(ranks.map((rank) => (rank - centre) ** 2));
  });
  return mean(variances);
}

/** Spread of all cosines of a table: what a model's `cosineSd` stands for. */
export function spreadOf({ scores }: ScoreTable): number {
  let sum = 0;
  let squares = 0;
  for (const score of scores) {
    sum += score;
    squares += score * score;
  }
  return Math.sqrt(squares / scores.length - (sum / scores.length) ** 2);
}

/** Mean and standard deviation of each dimension. Shapes: rows float32[n × dim]. */
export function momentsOf(rows: Float32Array, dim: number): { mean: Float64Array; deviation: Float64Array } {
  const n = rows.length / dim;
  const sums = new Float64Array(dim);
  const squares = new Float64Array(dim);
  for (const [i, value] of rows.entries()) {
    sums[i % dim]! += value;
    squares[i % dim]! += value * value;
  }
  const centre = sums.map((sum) => sum / n);
  return { mean: centre, deviation: squares.map((sum, d) => Math.sqrt(sum / n - centre[d]! ** 2)) };
}

/** Rows less a mean, over a deviation where one is given, at length 1 again. Shapes: rows float32[n × dim]. */
export function centred(
  rows: Float32Array,
  { mean: centre, deviation }: { mean: Float64Array; deviation?: Float64Array },
): Float32Array {
  const dim = centre.length;
  const moved = rows.map((value, i) => (value - centre[i % dim]!) / (deviation?.[i % dim] ?? 1));
  for (let row = 0; row < moved.length; row += dim) {
    const length = Math.hypot(...moved.subarray(row, row + dim));
    for (let d = row; d < row + dim; d++) moved[d]! /= length;
  }
  return moved;
}
