/**
 * Range requests: which to send, and whether an answer to one is right.
 * In: parts wanted of a pack; status and headers of an answer. Out: ranges of parts; what is wrong, in words.
 * Source: RFC 9110, section 14.
 */
import { partOffset, partsOfPack } from '../segment/instant-part';
import type { PartTable } from '../segment/instant-shape';

/**
 * A pack is read whole where a range of it would spare less. Units: bytes. Every browser keeps whole files on disk, and
 * only Chromium keeps ranges.
 */
const leastSpared = 512;

/** What is known of a host's Range. `refuse`: packs are read whole from now on. */
export interface RangeTrust {
  state(): 'untried' | 'proved' | 'refused';
  prove(): void;
  refuse(reason: string): void;
}

/**
 * One range from the first to the last part wanted; null: the whole pack. Never two ranges of one file: Chromium's cache
 * lets the second wait for the first (measured in version 156), which costs more than the parts between them.
 */
export function rangeOf(
  table: PartTable,
  pack: number,
  parts: readonly number[],
): [first: number, end: number] | null {
  const at = (part: number) => partOffset(table, pack, part);
  const [first, end] = [Math.min(...parts), Math.max(...parts) + 1];
  const whole = at(partsOfPack(table, pack)[1]);
  return whole - (at(end) - at(first)) < leastSpared ? null : [first, end];
}

/** Null: the answer is bytes `from` to `to` (end exclusive) of a file of `size` bytes, as far as headers and length say. */
export function rangeVerdict(
  { status, headers, bytes }: { status: number; headers: Headers; bytes: Uint8Array },
  from: number,
  to: number,
  size: number,
): string | null {
  const says = 'the host answers a Range request with';
  if (status === 200 && bytes.length === size) return `${says} the whole file`;
  if (status !== 206) return `${says} status ${status}`;
  const encoding = headers.get('content-encoding');
  if (encoding && encoding !== 'identity') return `${says} Content-Encoding ${encoding}`;
  const range = headers.get('content-range');
  if (range !== `bytes ${from}-${to - 1}/${size}` && range !== `bytes ${from}-${to - 1}/*`)
    return `${says} Content-Range ${range ?? 'missing or hidden'}`;
  if (bytes.length !== to - from) return `${says} ${bytes.length} bytes instead of ${to - from}`;
  return null;
}
