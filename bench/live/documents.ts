/**
 * Documents by number: real passages, and from the second round on the same with words exchanged, so that dictionary and postings
 * grow as they do with new texts. Embeddings are made from the number: near to those of the same passage, and random otherwise.
 * In: passages, numbers. Out: documents, queries. Nothing here comes from a model.
 */
import { normalise } from '../../src/embed/pooling';
import type { BenchDocument } from './contestant';

export interface SourcePassage {
  title: string;
  text: string;
}

export const dim = 384;
/** Every so many words one is exchanged. */
const exchangedEvery = 4;
/** Share of an embedding that is its own. */
const ownShare = 0.7;

export class Documents {
  readonly #passages: readonly SourcePassage[];
  readonly #words: string[];

  constructor(passages: readonly SourcePassage[]) {
    this.#passages = passages;
    this.#words = [...new Set(passages.flatMap(({ text }) => text.match(/\p{L}{3,}/gu) ?? []))];
  }

  of(n: number): BenchDocument {
    const passage = this.#passages[n % this.#passages.length]!;
    const round = Math.floor(n / this.#passages.length);
    const text = round === 0 ? passage.text : this.#exchanged(passage.text, n);
    return { id: `p${n}`, title: passage.title, text, embedding: this.embedding(n) };
  }

  range(from: number, to: number): BenchDocument[] {
    return Array.from({ length: to - from }, (_, i) => this.of(from + i));
  }

  embedding(n: number): Float32Array {
    const shared = randomRow(n % this.#passages.length);
    const own = randomRow(1e6 + n);
    return normalise(shared.map((x, d) => (1 - ownShare) * x + ownShare * own[d]!));
  }

  /** An embedding whose nearest is the document's. */
  query(n: number): Float32Array {
    const own = this.embedding(n);
    const noise = randomRow(2e6 + n);
    return normalise(own.map((x, d) => x + 0.02 * noise[d]!));
  }

  #exchanged(text: string, n: number): string {
    let state = n;
    let at = 0;
    return text.replace(/\p{L}{3,}/gu, (word) => {
      at += 1;
      if ((at + n) % exchangedEvery !== 0) return word;
      state = step(state);
      return this.#words[state % this.#words.length]!;
    });
  }
}

function randomRow(seed: number): Float32Array {
  let state = step(seed + 1);
  return Float32Array.from({ length: dim }, () => {
    let sum = 0;
    // The sum of three is near enough to a normal distribution.
    for (let i = 0; i < 3; i++) {
      state = step(state);
      sum += state / 2 ** 31 - 1;
    }
    return sum;
  });
}

function step(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x45d9f3b) + 0x9e3779b9;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
