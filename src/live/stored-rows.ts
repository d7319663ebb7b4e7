/**
 * The codes and finer planes of a group that has been embedded, and an embedding back from them.
 * In: a reader, a group. Out: rows by passage of the group; null where there are none yet.
 */
import { codeSizes, decodeCodes, type Frame } from '../codes';
import { blockPath } from '../segment/block';
import { corrupt } from '../segment/damage';
import type { SegmentReader } from './segment-reader';

/** Shapes: codes u8[n × codeBytes], fine u8[n × fineBytes] for the n passages of the group. */
export interface StoredRows {
  codes: Uint8Array;
  fine: Uint8Array;
}

/** Errors: those of `readBlock`; FormatError format-corrupt. */
export async function readRows(
  { segment, readBlock }: Pick<SegmentReader, 'segment' | 'readBlock'>,
  group: number,
): Promise<StoredRows | null> {
  const { fine: fineRef, passages } = segment.groups[group]!;
  if (!segment.code || !fineRef) return null;
  const { codeBytes, fineBytes } = codeSizes(segment.code.bits);
  let first = segment.groups.slice(0, group).reduce((sum, before) => sum + before.passages, 0);
  const ref = segment.codes.find((block) => {
    if (first < block.passages) return true;
    first -= block.passages;
    return false;
  });
  if (!ref) return null;
  const codes = (await readBlock('codes', ref)).subarray(first * codeBytes, (first + passages) * codeBytes);
  const fine = await readBlock('fine', fineRef);
  if (codes.length !== passages * codeBytes)
    throw corrupt(blockPath('codes', ref), `${first + passages} rows of ${codeBytes} bytes`, 'fewer');
  if (fine.length !== passages * fineBytes)
    throw corrupt(
      blockPath('fine', fineRef),
      `${passages} rows of ${fineBytes} bytes`,
      `${fine.length} bytes`,
    );
  return { codes, fine };
}

/** Passages before each page of a group, from the group's first. */
export function firstRows(passagesPerPage: Iterable<number>): Uint32Array {
  const firsts = [0];
  for (const n of passagesPerPage) firsts.push(firsts.at(-1)! + n);
  return Uint32Array.from(firsts);
}

/** The embedding of one row, as near as its levels tell, of length 1. Shapes: float32[dim]. */
export function embeddingOf({ codes, fine }: StoredRows, row: number, frame: Frame): Float32Array {
  const { dim, mean, rotation } = frame;
  const { codeBytes, fineBytes } = codeSizes(dim);
  const coordinates = decodeCodes(
    codes.subarray(row * codeBytes, (row + 1) * codeBytes),
    fine.subarray(row * fineBytes, (row + 1) * fineBytes),
    dim,
  );
  // A rotation's inverse is its transpose.
  const embedding = mean.slice();
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < dim; j++) embedding[j]! += coordinates[i]! * rotation[i * dim + j]!;
  const length = Math.hypot(...embedding);
  return embedding.map((x) => x / (length || 1));
}
