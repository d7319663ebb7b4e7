/**
 * The dictionary and its postings, cut into blocks of consecutive terms.
 * In: terms in order with their postings, as a stream. Out: payloads of postings blocks (read by postings-block.ts).
 * A block ends where the next term would take it past the target; a term with more is a block of its own. A plain size
 * rule and no content-defined one: a new page shifts the ordinals of all later ones, so nearly every block changes anyway.
 */
import { ShapeError } from '../errors';
import type { TermPostings } from '../lexical/postings';
import { ByteWriter } from './byte-writer';
import { termBytes } from './term-bytes';

/** One block to be sealed as `postings`. */
export interface PostingsCut {
  firstTerm: string;
  terms: number;
  payload: Uint8Array;
}

/** Units: bytes before compression. Smaller: fewer bytes per query, more files. */
export const postingsTargetBytes = 48 * 1024;

/** Errors: ShapeError shape-mismatch when terms or ordinals are not ascending. */
export function* cutPostings(
  entries: Iterable<TermPostings>,
  targetBytes = postingsTargetBytes,
): Generator<PostingsCut, void, undefined> {
  const cutter = new PostingsCutter(targetBytes);
  for (const entry of entries) {
    const cut = cutter.add(entry);
    if (cut) yield cut;
  }
  const last = cutter.finish();
  if (last) yield last;
}

/** The same for terms that come one by one. Errors: as `cutPostings`. */
export class PostingsCutter {
  readonly #targetBytes: number;
  readonly #body = new ByteWriter();
  readonly #postings = new ByteWriter();
  #terms = 0;
  #firstTerm = '';
  #last: Uint8Array = new Uint8Array();
  #lastTerm: string | null = null;

  constructor(targetBytes = postingsTargetBytes) {
    this.#targetBytes = targetBytes;
  }

  /** The block before this term, where the term is the first one of a new block. */
  add({ term, ordinals, frequencies }: TermPostings): PostingsCut | null {
    if (this.#lastTerm !== null && term <= this.#lastTerm)
      throw new ShapeError('shape-mismatch', {
        what: 'cutPostings',
        expected: 'terms in ascending order',
        received: `"${term}" after "${this.#lastTerm}"`,
      });
    const body = this.#body;
    const postings = this.#postings;
    postings.clear();
    writePostings(postings, term, ordinals, frequencies);
    const bytes = termBytes(term);
    // 12: the most that the four varints of a usual term take.
    const isFull = body.length + bytes.length + postings.length + 12 > this.#targetBytes;
    const cut = isFull ? this.finish() : null;
    if (this.#terms === 0) this.#firstTerm = term;
    const shared = this.#terms === 0 ? 0 : sharedPrefix(this.#last, bytes);
    body.varint(shared);
    body.varint(bytes.length - shared);
    body.bytes(bytes.subarray(shared));
    body.varint(ordinals.length);
    body.varint(postings.length);
    body.bytes(postings.finish());
    this.#terms++;
    this.#last = bytes;
    this.#lastTerm = term;
    return cut;
  }

  /** The block of the terms not given out yet; null: there are none. */
  finish(): PostingsCut | null {
    if (this.#terms === 0) return null;
    const head = new ByteWriter();
    head.varint(this.#terms);
    head.bytes(this.#body.finish());
    const cut = { firstTerm: this.#firstTerm, terms: this.#terms, payload: head.finish() };
    this.#body.clear();
    this.#terms = 0;
    return cut;
  }
}

/** Gaps less one, so that no bytes can say anything but ascending ordinals. */
function writePostings(
  writer: ByteWriter,
  term: string,
  ordinals: Uint32Array,
  frequencies: Uint8Array,
): void {
  let next = 0;
  let ascending = ordinals.length > 0;
  for (const ordinal of ordinals) {
    ascending &&= ordinal >= next;
    writer.varint(ordinal - next);
    next = ordinal + 1;
  }
  if (!ascending || frequencies.length !== ordinals.length)
    throw new ShapeError('shape-mismatch', {
      what: `The postings of "${term}"`,
      expected: 'ascending ordinals, one or more, with a frequency each',
      received: `${ordinals.length} ordinals and ${frequencies.length} frequencies`,
    });
  writer.bytes(frequencies);
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
