/**
 * Dictionaries of several segments to one: a merge of sorted terms, block by block.
 * In: posting blocks of each segment, and where its passages went. Out: payloads of posting blocks.
 * Memory: one open block a segment, and the one being written. Deliberately not here: where blocks are read and written.
 */
import type { TermPostings } from '../lexical/postings';
import { blockPath } from '../segment/block';
import { type PostingsCut, PostingsCutter } from '../segment/cut-postings';
import { openPostings, type PostingsSlice } from '../segment/postings-block';
import type { PostingsRef } from '../types';

/** A passage that is not taken along. */
export const gone = 0xffffffff;

/** One of the segments, oldest first. */
export interface PostingsSource {
  postings: readonly PostingsRef[];
  /** Shapes: u32[passages]: ordinal in the merged segment, ascending over all sources, or `gone`. */
  ordinals: Uint32Array;
  read(ref: PostingsRef): Promise<Uint8Array>;
}

/** Terms between two moments at which the merge can be left alone: well below a millisecond of work. */
const termsAtOnce = 64;

/**
 * The blocks in order; null: nothing yet, a moment to stop. Terms that no passage holds any more are left out.
 * Errors: those of `read`; FormatError format-corrupt.
 */
export async function* mergePostings(
  sources: readonly PostingsSource[],
): AsyncGenerator<PostingsCut | null, void, undefined> {
  const cursors = sources.map((source) => new Cursor(source));
  const cutter = new PostingsCutter();
  for (let merged = 1; ; merged++) {
    for (const cursor of cursors)
      if (cursor.needsBlock) {
        await cursor.readOn();
        yield null;
      }
    const term = leastOf(cursors);
    if (term === null) break;
    const entry = joined(
      term,
      cursors.flatMap((cursor) => cursor.take(term) ?? []),
    );
    const cut = entry.ordinals.length > 0 && cutter.add(entry);
    if (cut) yield cut;
    else if (merged % termsAtOnce === 0) yield null;
  }
  const last = cutter.finish();
  if (last) yield last;
}

function leastOf(cursors: readonly Cursor[]): string | null {
  let least: string | null = null;
  for (const { term } of cursors) if (term !== null && (least === null || term < least)) least = term;
  return least;
}

function joined(term: string, parts: readonly TermPostings[]): TermPostings {
  if (parts.length === 1) return parts[0]!;
  const n = parts.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const ordinals = new Uint32Array(n);
  const frequencies = new Uint8Array(n);
  let at = 0;
  for (const part of parts) {
    ordinals.set(part.ordinals, at);
    frequencies.set(part.frequencies, at);
    at += part.ordinals.length;
  }
  return { term, ordinals, frequencies };
}

/** Where the merge stands in one segment. */
class Cursor {
  readonly #source: PostingsSource;
  #blocks = 0;
  #slices: PostingsSlice[] = [];
  #at = 0;

  constructor(source: PostingsSource) {
    this.#source = source;
  }

  get needsBlock(): boolean {
    return this.#at === this.#slices.length && this.#blocks < this.#source.postings.length;
  }

  /** Null: no more terms. */
  get term(): string | null {
    return this.#slices[this.#at]?.term ?? null;
  }

  async readOn(): Promise<void> {
    const { postings, ordinals, read } = this.#source;
    const ref = postings[this.#blocks++]!;
    const block = openPostings(await read(ref), blockPath('postings', ref), ordinals.length);
    this.#slices = block.withPrefix('', block.n);
    this.#at = 0;
  }

  /** The term's postings by their new ordinals, if it is the one at hand. */
  take(term: string): TermPostings | null {
    if (this.term !== term) return null;
    const { ordinals, frequencies } = this.#slices[this.#at++]!.read();
    const to = this.#source.ordinals;
    let n = 0;
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = to[ordinals[i]!]!;
      if (ordinal === gone) continue;
      ordinals[n] = ordinal;
      frequencies[n++] = frequencies[i]!;
    }
    return { term, ordinals: ordinals.subarray(0, n), frequencies: frequencies.subarray(0, n) };
  }
}
