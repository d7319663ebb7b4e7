/**
 * Documents of any source in slices that are stored one after the other: small ones first, so that the first documents can be
 * found soon, then larger ones, because each slice costs a transaction.
 * In: one document, an array, an iterable, sync or async. Out: slices, pulled from the source when they are asked for and not
 * before. Deliberately not here: storing them.
 */
import type { LiveDocument } from '../../workers/live-api';
import { NearbitError } from '../errors';
import { toDocument } from './file-document';
import { abortable } from './newest';
import { documentBytes, plainDocument } from './plain-document';

/** A document, or a file that becomes one: HTML by its name or type, everything else as plain text. */
export type LiveInput = LiveDocument | File;
export type LiveInputs = LiveInput | Iterable<LiveInput> | AsyncIterable<LiveInput>;

/** Of the first slices and of all later ones. Units: documents, bytes. */
const sizes = [
  [16, 128 << 10],
  [64, 512 << 10],
  [256, 1 << 20],
  [1000, 2 << 20],
] as const;

/** What is there is stored when a source takes longer than this for its next document. Units: milliseconds. */
const patienceMs = 100;

export interface SliceOptions {
  signal?: AbortSignal | undefined;
  /** Ends a slice for whose next document the source is slow. Default: 100 ms. */
  patience?: () => Promise<unknown>;
}

type Source = Iterator<LiveInput> | AsyncIterator<LiveInput>;

const soon = () => new Promise((resolve) => setTimeout(resolve, patienceMs));

export class DocumentSlices {
  /** How many documents there are; null: the source does not say. */
  readonly total: number | null;
  /** Whether documents come one at a time, after some waiting. */
  readonly isAsync: boolean;
  readonly #source: Source;
  readonly #signal: AbortSignal;
  readonly #patience: () => Promise<unknown>;
  #asked: Promise<IteratorResult<LiveInput>> | null = null;
  #slices = 0;
  #isDone = false;

  /** Errors: NearbitError usage for what is no source of documents. */
  constructor(inputs: LiveInputs, { signal, patience = soon }: SliceOptions = {}) {
    if (typeof inputs !== 'object' || inputs === null)
      throw new NearbitError('usage', {
        what: 'Documents',
        expected: 'a document, an array of documents, or an iterable',
        received: typeof inputs,
        fix: "pass them as { id: 'note-1', text: '…' }",
      });
    this.isAsync = Symbol.asyncIterator in inputs;
    const several = this.isAsync || Symbol.iterator in inputs;
    const list = several ? inputs : [inputs as LiveInput];
    this.#source =
      Symbol.asyncIterator in list
        ? list[Symbol.asyncIterator]()
        : (list as Iterable<LiveInput>)[Symbol.iterator]();
    const { length, size } = list as { length?: number; size?: number };
    this.total = length ?? (several ? (size ?? null) : 1);
    this.#signal = signal ?? new AbortController().signal;
    this.#patience = patience;
  }

  /** Null: there are no more. Errors: AbortError; NearbitError usage, field-unusable of a document; those of the source. */
  async next(): Promise<LiveDocument[] | null> {
    const slice: LiveDocument[] = [];
    const [most, mostBytes] = sizes[Math.min(this.#slices, sizes.length - 1)]!;
    let bytes = 0;
    while (!this.#isDone && slice.length < most && bytes < mostBytes) {
      const step = await this.#step(slice.length > 0);
      if (!step) break;
      this.#isDone = step.done === true;
      if (step.done) break;
      const document = plainDocument(await toDocument(step.value));
      slice.push(document);
      bytes += documentBytes(document);
    }
    this.#slices++;
    return slice.length > 0 ? slice : null;
  }

  /** Lets the source go before its end. */
  async end(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    // A generator that is in the middle of something would only hear of it afterwards.
    if (!this.#asked) await this.#source.return?.();
    else void Promise.resolve(this.#source.return?.()).catch(() => {});
  }

  /** Null: the source takes its time, and something is there to be stored meanwhile. */
  async #step(impatient: boolean): Promise<IteratorResult<LiveInput> | null> {
    this.#signal.throwIfAborted();
    if (!this.isAsync) return (this.#source as Iterator<LiveInput>).next();
    this.#asked ??= Promise.resolve(this.#source.next());
    const asked = abortable(this.#asked, this.#signal);
    const step = await (impatient ? Promise.race([asked, this.#patience().then(() => null)]) : asked);
    if (step) this.#asked = null;
    return step;
  }
}
