/**
 * Passages to postings.
 * In: passages in ordinal order, by field. Out: the postings of each term, terms in UTF-16 code unit order.
 * Keeps one log of (term, ordinal, frequencies) in typed arrays and sorts it by counting at the end:
 * about 9 bytes a posting while it grows, 14 while it is sorted.
 */

import { ShapeError } from '../errors';
import type { Analyser } from './analyser';
import { fieldWeights } from './bm25';
import { packFrequency, pieceTerm, type TermPostings } from './postings';
import { textRuns } from './tokens';

export interface PassageFields {
  /** Title of the page, and the passage's headings joined: repeated for each passage of the page. */
  title: string;
  headings: string;
  body: string;
}

type Field = keyof PassageFields;

/** One writer per index; the analyser may change from passage to passage. */
export class PostingsWriter {
  readonly #ids = new Map<string, number>();
  #size = 0;
  #logTerms = new Uint32Array(1 << 16);
  #logOrdinals = new Uint32Array(1 << 16);
  #logFrequencies = new Uint8Array(1 << 16);
  /** Per term id: the packed frequency in the passage at hand. */
  #current = new Uint8Array(1 << 12);
  #touched: number[] = [];
  #lastOrdinal = -1;

  /** Number of distinct terms so far. */
  get terms(): number {
    return this.#ids.size;
  }

  /**
   * Returns the passage's field-weighted length and its title's, which the scorer needs; names' pieces and stop words
   * do not count.
   * Errors: ShapeError `shape-mismatch` when ordinals do not ascend.
   */
  add(ordinal: number, fields: PassageFields, analyser: Analyser): { length: number; titleLength: number } {
    if (ordinal <= this.#lastOrdinal) {
      const expected = `an ordinal above ${this.#lastOrdinal}`;
      throw new ShapeError('shape-mismatch', { what: 'PostingsWriter.add', expected, received: ordinal });
    }
    this.#lastOrdinal = ordinal;
    const titleLength = this.#addField('title', fields.title, analyser);
    const length =
      fieldWeights.title * titleLength +
      fieldWeights.headings * this.#addField('headings', fields.headings, analyser) +
      fieldWeights.body * this.#addField('body', fields.body, analyser);
    for (const id of this.#touched) {
      if (this.#size === this.#logTerms.length) this.#growLog();
      this.#logTerms[this.#size] = id;
      this.#logOrdinals[this.#size] = ordinal;
      this.#logFrequencies[this.#size] = this.#current[id]!;
      this.#size += 1;
      this.#current[id] = 0;
    }
    this.#touched = [];
    return { length, titleLength };
  }

  /** Call once, after the last passage. The arrays given are views of one buffer. */
  *finish(): Iterable<TermPostings> {
    const terms = [...this.#ids.keys()];
    // Counting sort by term id; stable, so ordinals stay ascending within a term.
    const ends = new Uint32Array(terms.length + 1);
    for (let i = 0; i < this.#size; i++) ends[this.#logTerms[i]! + 1]! += 1;
    for (let id = 0; id < terms.length; id++) ends[id + 1]! += ends[id]!;
    const ordinals = new Uint32Array(this.#size);
    const frequencies = new Uint8Array(this.#size);
    const next = ends.slice();
    for (let i = 0; i < this.#size; i++) {
      const to = next[this.#logTerms[i]!]!++;
      ordinals[to] = this.#logOrdinals[i]!;
      frequencies[to] = this.#logFrequencies[i]!;
    }
    // The default order of strings is that of their UTF-16 code units.
    for (const term of [...terms].sort()) {
      const id = this.#ids.get(term)!;
      const [from, to] = [ends[id]!, ends[id + 1]!];
      yield { term, ordinals: ordinals.subarray(from, to), frequencies: frequencies.subarray(from, to) };
    }
  }

  /** Returns the number of words counted. */
  #addField(field: Field, text: string, analyser: Analyser): number {
    let length = 0;
    for (const [run] of textRuns(text)) {
      for (const { term, kind } of analyser.runTerms(run)) {
        if (kind === 'word') length += 1;
        // A page titled "this" or ":has()" must be found; in the body stop words say nothing.
        if (kind !== 'stop' || field !== 'body')
          this.#count(field, kind === 'piece' ? pieceTerm(term) : term);
      }
    }
    return length;
  }

  #count(field: Field, term: string): void {
    let id = this.#ids.get(term);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(term, id);
      if (id === this.#current.length) this.#current = grown(this.#current, new Uint8Array(2 * id));
    }
    const packed = this.#current[id]!;
    if (packed === 0) this.#touched.push(id);
    this.#current[id] = packFrequency(packed, field);
  }

  #growLog(): void {
    this.#logTerms = grown(this.#logTerms, new Uint32Array(2 * this.#size));
    this.#logOrdinals = grown(this.#logOrdinals, new Uint32Array(2 * this.#size));
    this.#logFrequencies = grown(this.#logFrequencies, new Uint8Array(2 * this.#size));
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
