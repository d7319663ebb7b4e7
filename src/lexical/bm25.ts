/**
 * BM25 over fields: postings to scores of passages and of whole pages.
 * In: the postings of each query term. Out: scores by ordinal and by page, the best passages, the highest score possible.
 * A query word may be answered by several dictionary terms (spellings, pieces, completions): their weighted
 * frequencies add up before saturation and they share one idf, so a rare completion cannot outscore the word itself.
 * A page is scored as one text from the same postings, because the words of a question seldom stand in one passage.
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
/**
 * What a page gains whose title is the query, word for word: this share of the highest BM25. A title that holds more than the
 * query, or less, gains as much less: who types "Worker" wants the page of that name before all that use one.
 */
export const titleGain = 0.4;
/** A completion of an unfinished word against the word itself. */
export const prefixWeight = 0.5;

export interface WeightedPostings {
  postings: TermPostings;
  /** Of one occurrence, above 0, at most 1. */
  weight: number;
}

/** Of a packed frequency: its fields, added up by their weights. */
export const weightedFrequency = /* @__PURE__ */ Float32Array.from({ length: 256 }, (_, packed) => {
  const { title, headings, body } = unpackFrequency(packed);
  return fieldWeights.title * title + fieldWeights.headings * headings + fieldWeights.body * body;
});

/** A word's frequency f in a text gives f / (f + norm) of what the word can give. Units: of both lengths the same. */
export function lengthNorm(length: number, averageLength: number): number {
  return k1 * (1 - b + (b * length) / averageLength);
}

/** How much a word says that stands in `df` of `n` passages: the most that it can give to a score. */
export function wordGain(df: number, n: number): number {
  return Math.log(1 + (n - df + 0.5) / (df + 0.5)) * (k1 + 1);
}

/** What a corpus must say of itself to be scored; the same for every query. */
export interface LexicalCorpus {
  /** Passages. In a live index: those that were not removed. */
  n: number;
  /** Units: field-weighted terms, as `PostingsWriter.add` returns them; one per passage. */
  lengths: Float32Array;
  averageLength: number;
  /** Page of each passage. */
  pageOf: Uint32Array;
  /** First passage of each page; every passage holds its page's title. */
  pageStart: Uint32Array;
  /** Units: terms; null: the index does not say. */
  titleLengths: Uint8Array | null;
  /** Sum of the lengths of a page's passages. */
  pageLengths: Float32Array;
  averagePageLength: number;
}

/** Shapes: pageStart u32[pages + 1]: the first passage of each page, then their number; titleLengths u8[pages]. */
export function describeCorpus(
  lengths: Float32Array,
  averageLength: number,
  pageStart: Uint32Array,
  titleLengths: Uint8Array | null,
): LexicalCorpus {
  const pages = pageStart.length - 1;
  const pageOf = new Uint32Array(lengths.length);
  const pageLengths = new Float32Array(pages);
  let total = 0;
  for (let page = 0; page < pages; page++) {
    for (let ordinal = pageStart[page]!; ordinal < pageStart[page + 1]!; ordinal++) {
      pageOf[ordinal] = page;
      pageLengths[page]! += lengths[ordinal]!;
    }
    total += pageLengths[page]!;
  }
  return {
    n: lengths.length,
    lengths,
    averageLength: Math.max(averageLength, 1),
    pageOf,
    pageStart,
    titleLengths,
    pageLengths,
    averagePageLength: Math.max(total / Math.max(pages, 1), 1),
  };
}

/** Scores one query over all passages and pages. */
export class Bm25Scorer {
  readonly #corpus: LexicalCorpus;
  /** Of these two, `matched` may be cut to what may answer. */
  readonly passages: Tally;
  readonly pages: Tally;
  /** Of the pages whose titles hold words of the query: how many, and what these words are worth. */
  readonly #titles = new Map<number, { terms: number; gain: number }>();
  #theoreticalMaximum = 0;

  constructor(corpus: LexicalCorpus) {
    this.#corpus = corpus;
    this.passages = new Tally(corpus.lengths, corpus.averageLength);
    this.pages = new Tally(corpus.pageLengths, corpus.averagePageLength);
  }

  /** Σ weight · idf · (k1 + 1) over the words added that the corpus holds: no passage and no page can score more. */
  get theoreticalMaximum(): number {
    return this.#theoreticalMaximum;
  }

  /** Adds one word of the query. */
  add(answers: readonly WeightedPostings[], weight: number): void {
    const { n, pageOf, pageStart } = this.#corpus;
    const inTitle = new Map<number, number>();
    for (const answer of answers) {
      const { ordinals, frequencies } = answer.postings;
      for (let i = 0; i < ordinals.length; i++) {
        const frequency = answer.weight * weightedFrequency[frequencies[i]!]!;
        const page = pageOf[ordinals[i]!]!;
        this.passages.count(ordinals[i]!, frequency);
        this.pages.count(page, frequency);
        if (ordinals[i] === pageStart[page] && unpackFrequency(frequencies[i]!).title > 0)
          inTitle.set(page, Math.max(answer.weight, inTitle.get(page) ?? 0));
      }
    }
    const { holders } = this.passages;
    if (holders === 0) return;
    // One idf for both: how rare a word is says the same of a passage and of its page.
    const gain = weight * wordGain(holders, n);
    this.#theoreticalMaximum += gain;
    for (const [page, share] of inTitle) {
      const title = this.#titles.get(page) ?? { terms: 0, gain: 0 };
      this.#titles.set(page, { terms: title.terms + weight, gain: title.gain + share * gain });
    }
    this.passages.settle(gain);
    this.pages.settle(gain);
  }

  /** 0: no word of the query stands in the passage. */
  score(ordinal: number): number {
    return this.passages.scores[ordinal] ?? 0;
  }

  /** The whole page as one text, more where its title is the query; 0: no word of the query stands in it. */
  pageScore(page: number): number {
    return (this.pages.scores[page] ?? 0) + this.#titleScore(page);
  }

  #titleScore(page: number): number {
    const title = this.#titles.get(page);
    const length = this.#corpus.titleLengths?.[page];
    return title && length ? titleGain * title.gain * Math.min(1, title.terms / length) : 0;
  }

  /** Ordinals of the `k` best passages, best first; fewer when fewer match. */
  topPassages(k: number): number[] {
    return this.passages.top(k);
  }

  /** For each of the `k` best pages, best first, its best passage. */
  topPages(k: number): number[] {
    const { pageOf } = this.#corpus;
    const { scores, matched } = this.passages;
    const best = new Map<number, number>(
      this.pages.top(k, (page) => this.pageScore(page)).map((page) => [page, -1]),
    );
    for (const ordinal of matched) {
      const held = best.get(pageOf[ordinal]!);
      if (held === undefined) continue;
      const isBetter =
        held < 0 || scores[ordinal]! > scores[held]! || (scores[ordinal] === scores[held] && ordinal < held);
      if (isBetter) best.set(pageOf[ordinal]!, ordinal);
    }
    return [...best.values()];
  }
}

/** Scores of texts (passages, or pages) that grow word by word. */
export class Tally {
  readonly scores: Float32Array;
  /** Texts that hold a word of the query. Those taken out are none of the best. */
  matched: number[] = [];
  readonly #frequencies: Float32Array;
  readonly #lengths: Float32Array;
  readonly #averageLength: number;
  /** Texts that hold the word at hand. */
  #current: number[] = [];

  constructor(lengths: Float32Array, averageLength: number) {
    this.#lengths = lengths;
    this.#averageLength = averageLength;
    this.scores = new Float32Array(lengths.length);
    this.#frequencies = new Float32Array(lengths.length);
  }

  get holders(): number {
    return this.#current.length;
  }

  count(text: number, frequency: number): void {
    if (this.#frequencies[text] === 0) this.#current.push(text);
    this.#frequencies[text]! += frequency;
  }

  /** Turns the word's frequencies into scores. */
  settle(gain: number): void {
    for (const text of this.#current) {
      const frequency = this.#frequencies[text]!;
      const norm = lengthNorm(this.#lengths[text]!, this.#averageLength);
      if (this.scores[text] === 0) this.matched.push(text);
      this.scores[text]! += (gain * frequency) / (frequency + norm);
      this.#frequencies[text] = 0;
    }
    this.#current = [];
  }

  /** The `k` best texts, sorted by (score descending, number). */
  top(k: number, scoreOf = (text: number) => this.scores[text]!): number[] {
    const texts = new Uint32Array(Math.min(k, this.matched.length));
    const scores = new Float32Array(texts.length);
    let size = 0;
    for (const text of this.matched) {
      const score = Math.fround(scoreOf(text));
      let at = size;
      while (at > 0 && (score > scores[at - 1]! || (score === scores[at - 1] && text < texts[at - 1]!))) at--;
      if (at === texts.length) continue;
      scores.copyWithin(at + 1, at, size);
      texts.copyWithin(at + 1, at, size);
      scores[at] = score;
      texts[at] = text;
      size = Math.min(size + 1, texts.length);
    }
    return [...texts];
  }
}
