/**
 * The parts of the dictionary that one query has read.
 * In: where parts begin and how to read one. Out: entries by term or beginning, out of what is at hand.
 * Deliberately not here: caches over queries, which are the reader's.
 */
import type { WordEntry } from '../segment/instant-shape';
import type { WordPart } from '../segment/word-part';

/** Where parts come from. */
export interface WordParts {
  /** Where each part begins, ascending (`WordCut.firstTerm`). */
  firstTerms: readonly string[];
  /** Null: it could not be read; whoever reads says so. */
  readPart(part: number): Promise<WordPart | null>;
}

export class PartsAtHand {
  readonly #parts: WordParts;
  readonly #read = new Map<number, WordPart | null>();

  constructor(parts: WordParts) {
    this.#parts = parts;
  }

  /** The part that holds a term if any does. Cost: a binary search. */
  partOf(term: string): number {
    const { firstTerms } = this.#parts;
    let low = 0;
    let high = firstTerms.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firstTerms[middle]! <= term) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  has(part: number): boolean {
    return this.#read.has(part);
  }

  /** False: all of them had been asked for before. */
  async fetch(parts: Iterable<number>): Promise<boolean> {
    const wanted = [...new Set(parts)].filter(
      (part) => part < this.#parts.firstTerms.length && !this.has(part),
    );
    const read = await Promise.all(wanted.map((part) => this.#parts.readPart(part)));
    wanted.forEach((part, i) => {
      this.#read.set(part, read[i]!);
    });
    return wanted.length > 0;
  }

  find(term: string): WordEntry | null {
    return this.#read.get(this.partOf(term))?.find(term) ?? null;
  }

  /** The first `limit` entries of the part where terms with this beginning start. */
  withPrefix(prefix: string, limit: number): WordEntry[] {
    return this.#read.get(this.partOf(prefix))?.withPrefix(prefix, limit) ?? [];
  }

  /** Letters of all terms at hand. */
  letters(): Set<string> {
    const terms = [...this.#read.values()].flatMap((part) => part?.terms ?? []);
    return new Set(terms.join('').match(/\p{L}/gu));
  }
}
