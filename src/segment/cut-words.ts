/**
 * The instant tier's dictionary, cut into parts of consecutive terms.
 * In: entries in order, as a stream. Out: payloads of words parts (read by word-part.ts) and where each begins.
 * A part holds as much as the target at most; an entry with more is a part of its own. A word and its piece form (`stop`,
 * `stop!`) stay together, because whoever asks for one asks for both.
 */
import { ShapeError } from '../errors';
import { pieceTerm } from '../lexical/postings';
import type { WordEntry } from './instant-shape';
import { encodeWords } from './word-part';

/** A part is at least so full, where its entries allow. */
const leastFill = 0.6;

export interface WordCut {
  /** The shortest beginning of the part's first term that sorts above all terms of the part before. */
  firstTerm: string;
  terms: number;
  payload: Uint8Array;
}

/**
 * Units of `targetBytes`: payload, about; smaller: fewer bytes a query, more to know before the first.
 * Errors: ShapeError shape-mismatch when terms are not ascending.
 */
export function* cutWords(
  entries: Iterable<WordEntry>,
  dim: number,
  targetBytes: number,
): Generator<WordCut, void, undefined> {
  let part: SizedEntry[] = [];
  let size = 0;
  let firstTerm = '';
  const cut = (at: number): WordCut => {
    const closed = part.slice(0, at).map(({ entry }) => entry);
    part = part.slice(at);
    size = part.reduce((sum, { bytes }) => sum + bytes, 0);
    const made = { firstTerm, terms: closed.length, payload: encodeWords(closed, dim) };
    if (part[0]) firstTerm = separator(closed.at(-1)!.term, part[0].entry.term);
    return made;
  };
  for (const entry of entries) {
    const last = part.at(-1)?.entry.term;
    if (last !== undefined && entry.term <= last)
      throw new ShapeError('shape-mismatch', {
        what: 'cutWords',
        expected: 'terms in ascending order',
        received: `"${entry.term}" after "${last}"`,
      });
    part.push({ entry, bytes: sizeOf(entry, last ?? '', dim) });
    size += part.at(-1)!.bytes;
    // What is left may still be too much: a frequent term behind the cut.
    while (size > targetBytes && part.length > 1) {
      const at = bestCut(part, targetBytes);
      if (at === part.length) break;
      yield cut(at);
    }
  }
  if (part.length > 0) yield cut(part.length);
}

interface SizedEntry {
  entry: WordEntry;
  bytes: number;
}

/**
 * Before which entry to cut: of the places between three quarters of the target and all of it the one with the shortest
 * separator, because all readers fetch these. Source: Bayer & Unterauer, "Prefix B-trees" (1977).
 */
function bestCut(part: readonly SizedEntry[], targetBytes: number): number {
  let best = part.length;
  let shortest = Number.POSITIVE_INFINITY;
  let size = 0;
  for (let at = 1; at < part.length; at++) {
    size += part[at - 1]!.bytes;
    if (size > targetBytes && best < part.length) break;
    const [before, after] = [part[at - 1]!.entry.term, part[at]!.entry.term];
    if (after === pieceTerm(before)) continue;
    const { length } = separator(before, after);
    if (length <= shortest || size < leastFill * targetBytes) {
      best = at;
      shortest = size < leastFill * targetBytes ? Number.POSITIVE_INFINITY : length;
    }
  }
  return best;
}

/** Nearly what the entry takes: gaps of two bytes are few, and letters of two or three are left out. */
function sizeOf({ term, pages, row }: WordEntry, before: string, dim: number): number {
  let shared = 0;
  while (shared < term.length && term[shared] === before[shared]) shared++;
  return 4 + term.length - shared + 2 * pages.length + (row ? 2 + dim / 2 : 0);
}

/** The shortest beginning of `after` that sorts above `before`. */
function separator(before: string, after: string): string {
  let n = 1;
  while (after.slice(0, n) <= before) n++;
  return after.slice(0, n);
}
