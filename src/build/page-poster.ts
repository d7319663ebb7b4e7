/**
 * Passages to what the lexical leg reads of them: postings, and the lengths of passages and titles.
 * In: cut pages in reading order, each with its language. Out: numbers by page and by passage.
 * Shared by builds and live indexes, so that both post alike.
 */
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { PostingsWriter } from '../lexical/postings-writer';
import { quantiseLength } from '../segment/pages-block';
import type { Passage } from '../types';
import { Growing } from './growing';

export class PagePoster {
  readonly postings = new PostingsWriter();
  readonly passagesPerPage = new Growing(Uint32Array);
  /** Of passages, quantised. */
  readonly lengths = new Growing(Uint8Array);
  /** Of pages. Units: terms, 255 at most. */
  readonly titleLengths = new Growing(Uint8Array);
  /** Pages by base language. */
  readonly languages = new Map<string, number>();
  /** Of all passages, not quantised. Units: terms. */
  totalLength = 0;
  readonly #analysers: Map<string, Analyser>;

  /** `analysers`: by base language; kept by who posts again and again. */
  constructor(analysers = new Map<string, Analyser>()) {
    this.#analysers = analysers;
  }

  /** Passages so far, which is the ordinal of the next one. */
  get passages(): number {
    return this.lengths.length;
  }

  /** `language`: a base language, or ''. */
  async post(title: string, passages: readonly Passage[], language: string): Promise<void> {
    let analyser = this.#analysers.get(language);
    if (!analyser) {
      analyser = await loadAnalyser(language);
      this.#analysers.set(language, analyser);
    }
    this.languages.set(language, (this.languages.get(language) ?? 0) + 1);
    for (const [i, { headings, text }] of passages.entries()) {
      const fields = { title, headings: headings.join('\n'), body: text };
      const { length, titleLength } = this.postings.add(this.passages, fields, analyser);
      this.totalLength += length;
      this.lengths.push(quantiseLength(length));
      if (i === 0) this.titleLengths.push(Math.min(titleLength, 255));
    }
    this.passagesPerPage.push(passages.length);
  }

  /** Mean field-weighted length of a passage. Units: terms. */
  get averageLength(): number {
    return this.passages === 0 ? 0 : this.totalLength / this.passages;
  }
}
