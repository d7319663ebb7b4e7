/**
 * Reads a postings block: a stretch of the sorted dictionary with the postings of each term.
 * In: the payload, the number of passages. Out: terms by name or prefix; their postings are decoded when asked for.
 * Payload: varint terms, then per term: varint shared (bytes shared with the term before) · varint rest · rest bytes of the
 * term (term-bytes.ts) · varint df · varint postings bytes · df varints (ordinal, then gaps less one) · df bytes of frequencies.
 * A lookup walks the block and skips by the two lengths; it decodes no term but those it returns.
 */
import type { PostingsRef } from '../types';
import { ByteReader } from './byte-reader';
import { corrupt } from './damage';
import { termBytes, termOf } from './term-bytes';

/** A term of the block. */
export interface PostingsSlice {
  term: string;
  /** Passages that hold the term. */
  df: number;
  /** Shapes: ordinals u32[df], ascending; frequencies u8[df], a copy. Errors: FormatError format-corrupt. */
  read(): { ordinals: Uint32Array; frequencies: Uint8Array };
}

/** Cost of a lookup: about .1 ms for a block of 48 KiB. Errors: FormatError format-corrupt where the block breaks off. */
export interface PostingsBlock {
  /** Terms in the block. */
  readonly n: number;
  find(term: string): PostingsSlice | null;
  /** The first `limit` terms that begin with `prefix`, in order. */
  withPrefix(prefix: string, limit: number): PostingsSlice[];
}

/** `passages` of the index: a higher ordinal is damage. */
export function openPostings(payload: Uint8Array, path: string, passages: number): PostingsBlock {
  const n = new ByteReader(payload, path).varint();

  function withPrefix(prefix: string, limit: number): PostingsSlice[] {
    const wanted = termBytes(prefix);
    const found: PostingsSlice[] = [];
    const reader = new ByteReader(payload, path);
    reader.varint();
    /** Where the bytes begin that come next; no view of them, since a walk passes by hundreds of terms. */
    const skip = () => {
      const size = reader.count(1);
      reader.at += size;
      return reader.at - size;
    };
    /** Leading bytes of `wanted` that the term before has too; that term is below `wanted` or begins with it. */
    let common = 0;
    let length = 0;
    let term: number[] = [];
    for (let i = 0; i < n && found.length < limit; i++) {
      const shared = reader.varint();
      if (shared > length) throw reader.damaged();
      const from = skip();
      const end = reader.at;
      const df = reader.varint();
      const dataFrom = skip();
      const dataEnd = reader.at;
      length = shared + end - from;
      if (common < wanted.length) {
        if (shared > common) continue;
        if (shared < common) break;
        let at = from;
        while (at < end && common < wanted.length && payload[at] === wanted[common]) {
          at++;
          common++;
        }
        if (common < wanted.length) {
          if (at === end || payload[at]! < wanted[common]!) continue;
          break;
        }
        term = [...wanted, ...payload.subarray(at, end)];
      } else {
        if (shared < wanted.length) break;
        // An empty prefix starts here with an empty term.
        term.length = shared;
        term.push(...payload.subarray(from, end));
      }
      found.push({ term: termOf(term), df, read: () => decode(payload.subarray(dataFrom, dataEnd), df) });
    }
    return found;
  }

  function decode(data: Uint8Array, df: number) {
    // A posting takes two bytes or more: a damaged df cannot ask for more memory than the block has.
    if (df * 2 > data.length) throw corrupt(path, `${df} postings`, `${data.length} bytes`);
    const reader = new ByteReader(data, path);
    const ordinals = new Uint32Array(df);
    let next = 0;
    for (let i = 0; i < df; i++) {
      const ordinal = next + reader.varint();
      if (ordinal >= passages) throw corrupt(path, `ordinals below ${passages}`, `${ordinal}`);
      ordinals[i] = ordinal;
      next = ordinal + 1;
    }
    const frequencies = reader.bytes(df).slice();
    reader.end();
    return { ordinals, frequencies };
  }

  return {
    n,
    withPrefix,
    find(term) {
      // A term sorts before all others that begin with it.
      const first = withPrefix(term, 1)[0];
      return first?.term === term ? first : null;
    },
  };
}

/** The block that holds a term if any does. Cost: a binary search. */
export function postingsRefOf(refs: readonly PostingsRef[], term: string): PostingsRef | null {
  return refs[lastUpTo(refs, term)] ?? null;
}

/** The blocks that may hold terms with a prefix, in order. */
export function postingsRefsWithPrefix(refs: readonly PostingsRef[], prefix: string): PostingsRef[] {
  const first = Math.max(lastUpTo(refs, prefix), 0);
  let end = first;
  while (end < refs.length && (end === first || refs[end]!.firstTerm.startsWith(prefix))) end++;
  return refs.slice(first, end);
}

/** The last block whose first term is `term` or below; -1: none. */
function lastUpTo(refs: readonly PostingsRef[], term: string): number {
  let low = -1;
  let high = refs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (refs[middle]!.firstTerm <= term) low = middle;
    else high = middle - 1;
  }
  return low;
}
