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
  const body = new ByteWriter();
  const postings = new ByteWriter();
  let terms = 0;
  let firstTerm = '';
  let last: Uint8Array = new Uint8Array();
  let lastTerm: string | null = null;
  const close = (): PostingsCut => {
    const head = new ByteWriter();
    head.varint(terms);
    head.bytes(body.finish());
    body.clear();
    const cut = { firstTerm, terms, payload: head.finish() };
    terms = 0;
    return cut;
  };
  for (const { term, ordinals, frequencies } of entries) {
    if (lastTerm !== null && term <= lastTerm)
      throw new ShapeError('shape-mismatch', {
        what: 'cutPostings',
        expected: 'terms in ascending order',
        received: `"${term}" after "${lastTerm}"`,
      });
    postings.clear();
    writePostings(postings, term, ordinals, frequencies);
    const bytes = termBytes(term);
    // 12: the most that the four varints of a usual term take.
    if (terms > 0 && body.length + bytes.length + postings.length + 12 > targetBytes) yield close();
    if (terms === 0) firstTerm = term;
    const shared = terms === 0 ? 0 : sharedPrefix(last, bytes);
    body.varint(shared);
    body.varint(bytes.length - shared);
    body.bytes(bytes.subarray(shared));
    body.varint(ordinals.length);
    body.varint(postings.length);
    body.bytes(postings.finish());
    terms++;
    last = bytes;
    lastTerm = term;
  }
  if (terms > 0) yield close();
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
