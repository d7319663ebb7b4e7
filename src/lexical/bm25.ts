/**
 * BM25 over fields: postings to passage scores.
 * In: the postings of each query term. Out: scores by ordinal, the best passages, the highest score possible.
 * A query word may be answered by several dictionary terms (spellings, pieces, completions): their weighted
 * frequencies add up before saturation and they share one idf, so a rare completion cannot outscore the word itself.
 * Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), sections 3.4 to 3.6.
 */

import { type TermPostings, unpackFrequency } from './postings';

/** How fast repetition saturates, and how much long passages pay. Tuning them brought nothing on eight collections. */
export const k1 = 0.9;
export const b = 0.4;
/** A word of the title counts twice. */
export const fieldWeights = { title: 2, headings: 1, body: 1 } as const;
/** A piece of a name (`stop` in `stopPropagation`) against a word of its own. */
export const pieceWeight = 0.3;
/** A completion of an unfinished word against the word itself. */
export const prefixWeight = 0.5;

export interface WeightedPostings {
  postings: TermPostings;
  /** Of one occurrence, above 0, at most 1. */
  weight: number;
}

const weightedFrequency = Float32Array.from({ length: 256 }, (_, packed) => {
  const { title, headings, body } = unpackFrequency(packed);
  return fieldWeights.title * title + fieldWeights.headings * headings + fieldWeights.body * body;
});

/** Scores one query over all passages. */
export class Bm25Scorer {
  readonly #scores: Float32Array;
  readonly #frequencies: Float32Array;
  readonly #lengths: ArrayLike<number>;
  readonly #averageLength: number;
  readonly #matched: number[] = [];
  #theoreticalMaximum = 0;

  /** Units: field-weighted terms, as `PostingsWriter.add` returns them; one length per passage of the corpus. */
  constructor(lengths: ArrayLike<number>, averageLength: number) {
    this.#lengths = lengths;
    this.#averageLength = Math.max(averageLength, 1);
    this.#scores = new Float32Array(lengths.length);
    this.#frequencies = new Float32Array(lengths.length);
  }

  /** Σ weight · idf · (k1 + 1) over the words added that the corpus holds: no passage can score more. */
  get theoreticalMaximum(): number {
    return this.#theoreticalMaximum;
  }

  /** Adds one word of the query. */
  add(answers: readonly WeightedPostings[], weight: number): void {
    const matched: number[] = [];
    for (const answer of answers) {
      const { ordinals, frequencies } = answer.postings;
      for (let i = 0; i < ordinals.length; i++) {
        const ordinal = ordinals[i]!;
        if (this.#frequencies[ordinal] === 0) matched.push(ordinal);
        this.#frequencies[ordinal]! += answer.weight * weightedFrequency[frequencies[i]!]!;
      }
    }
    if (matched.length === 0) return;
    const n = this.#lengths.length;
    const idf = Math.log(1 + (n - matched.length + 0.5) / (matched.length + 0.5));
    const gain = weight * idf * (k1 + 1);
    this.#theoreticalMaximum += gain;
    for (const ordinal of matched) {
      const frequency = this.#frequencies[ordinal]!;
      const norm = k1 * (1 - b + (b * this.#lengths[ordinal]!) / this.#averageLength);
      if (this.#scores[ordinal] === 0) this.#matched.push(ordinal);
      this.#scores[ordinal]! += (gain * frequency) / (frequency + norm);
      this.#frequencies[ordinal] = 0;
    }
  }

  /** 0: no word of the query stands in the passage. */
  score(ordinal: number): number {
    return this.#scores[ordinal] ?? 0;
  }

  /** The best `k` matching passages, sorted by (score descending, ordinal); fewer when fewer match. */
  top(k: number): { ordinals: Uint32Array; scores: Float32Array } {
    const ordinals = new Uint32Array(Math.min(k, this.#matched.length));
    const scores = new Float32Array(ordinals.length);
    let size = 0;
    for (const ordinal of this.#matched) {
      const score = this.#scores[ordinal]!;
      let at = size;
      while (at > 0 && (score > scores[at - 1]! || (score === scores[at - 1] && ordinal < ordinals[at - 1]!)))
        at--;
      if (at === ordinals.length) continue;
      scores.copyWithin(at + 1, at, size);
      ordinals.copyWithin(at + 1, at, size);
      scores[at] = score;
      ordinals[at] = ordinal;
      size = Math.min(size + 1, ordinals.length);
    }
    return { ordinals, scores };
  }
}
