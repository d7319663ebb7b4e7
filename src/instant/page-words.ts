/**
 * Pages scored by words, from impacts.
 * In: the dictionary's entries that answer each word of a query. Out: what words give to each page, the best pages.
 * Close to the full tier's words (search/fuse.ts over lexical/bm25.ts) without knowing passages or lengths: an impact is
 * what the word alone gives to the page, and a sum of them stands for the score of all.
 * Source: Anh & Moffat, "Pruned query evaluation using pre-computed impacts" (2006).
 */
import { titleGain, wordGain } from '../lexical/bm25';
import type { ChosenTerm } from '../lexical/expand';
import type { WordEntry } from '../segment/instant-shape';
import { impactSteps } from '../segment/word-part';
import type { FusionWeights } from '../types';

/** What a page's title says to the query. */
interface Title {
  /** Words of the query that it holds, by weight, and what they are worth. */
  terms: number;
  gain: number;
  /** Units: terms. */
  length: number;
}

/** Scores one query. Cost: of memory a float for each page. */
export class PageWords {
  readonly #passages: number;
  readonly #titleShare: number;
  readonly #scores: Float32Array;
  /** Pages that hold a word of the query. */
  readonly #matched: number[] = [];
  readonly #titles = new Map<number, Title>();
  #maximum = 0;

  /** `pages` and `passages` of the index. */
  constructor(pages: number, passages: number, weights: Pick<FusionWeights, 'pageWords'>) {
    this.#passages = passages;
    this.#titleShare = titleGain * weights.pageWords;
    this.#scores = new Float32Array(pages);
  }

  /** The highest score there can be, but for titles; 0: no word of the query is in the index. */
  get maximum(): number {
    return this.#maximum;
  }

  /** Pages that hold a word of the query, in the order in which they were met. */
  get matched(): readonly number[] {
    return this.#matched;
  }

  /** Adds one word of the query. */
  add(answers: readonly ChosenTerm<WordEntry>[], weight: number): void {
    // Spellings, pieces and completions share one idf: a rare completion cannot outscore the word itself.
    const df = answers.reduce((most, { entry }) => Math.max(most, entry.df), 0);
    if (df === 0) return;
    const gain = weight * wordGain(df, this.#passages);
    this.#maximum += gain;
    const odds = new Map<number, number>();
    const inTitle = new Map<number, { weight: number; length: number }>();
    for (const { entry, weight: of } of answers) {
      entry.pages.forEach((page, i) => {
        const impact = entry.impacts[i]!;
        // f / norm of a saturated frequency: here, as in BM25, weighted frequencies add up before they saturate.
        odds.set(page, (odds.get(page) ?? 0) + (of * impact) / (impactSteps - impact));
        const length = entry.titles[i]!;
        if (length > 0 && of > (inTitle.get(page)?.weight ?? 0)) inTitle.set(page, { weight: of, length });
      });
    }
    for (const [page, sum] of odds) {
      if (this.#scores[page] === 0) this.#matched.push(page);
      this.#scores[page]! += (gain * sum) / (1 + sum);
    }
    for (const [page, held] of inTitle) {
      const { terms, gain: gained } = this.#titles.get(page) ?? { terms: 0, gain: 0 };
      this.#titles.set(page, {
        terms: terms + weight,
        gain: gained + held.weight * gain,
        length: held.length,
      });
    }
  }

  /** As `maximum` counts; 0: the page holds no word of the query, or is none of its best pages. */
  score(page: number): number {
    const title = this.#titles.get(page);
    const ofTitle = title ? this.#titleShare * title.gain * Math.min(1, title.terms / title.length) : 0;
    return (this.#scores[page] ?? 0) + ofTitle;
  }

  /** The `k` best pages, sorted by (score descending, number). */
  top(k: number): number[] {
    const scores = new Map(this.#matched.map((page) => [page, this.score(page)]));
    return [...this.#matched].sort((a, b) => scores.get(b)! - scores.get(a)! || a - b).slice(0, k);
  }
}
