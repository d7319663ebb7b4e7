/**
 * The codes that an index holds, all of them in memory.
 * In: a prepared collection. Out: its frame, first planes, and the rows that rescoring reads.
 */
import { codeSizes, decodeFrame, type Frame, levelsForm, readStep, writeLevels } from '../../src/codes';
import { rowBytesOf } from '../../src/kernels/kernel';
import type { Prepared } from '../prepare';

export interface StoredCodes {
  frame: Frame;
  codeBytes: number;
  /** Shapes: u8[passages × codeBytes]. */
  codes: Uint8Array;
  /** Shapes: u8[passages × bytes of a rescorer's row]. */
  rows: Uint8Array;
  /** Shapes: float32[passages]. */
  steps: Float32Array;
}

/** null: the index is of words alone. */
export async function storedCodes({ store, manifest, layout }: Prepared): Promise<StoredCodes | null> {
  if (!manifest.code) return null;
  const frame = decodeFrame(await store.readBlock('frame', manifest.code.frame));
  const { codeBytes, fineBytes } = codeSizes(frame.dim);
  const rowBytes = rowBytesOf(levelsForm(frame.dim));
  const codes = new Uint8Array(layout.passages * codeBytes);
  let filled = 0;
  for (const ref of manifest.codes) {
    const block = await store.readBlock('codes', ref);
    codes.set(block, filled);
    filled += block.length;
  }
  const rows = new Uint8Array(layout.passages * rowBytes);
  const steps = new Float32Array(layout.passages);
  let ordinal = 0;
  for (const group of manifest.groups) {
    const fine = await store.readBlock('fine', group.fine!);
    for (let i = 0; i < group.passages; i++, ordinal++) {
      const row = fine.subarray(i * fineBytes, (i + 1) * fineBytes);
      const code = codes.subarray(ordinal * codeBytes, (ordinal + 1) * codeBytes);
      writeLevels(code, row, frame.dim, rows, ordinal * rowBytes);
      steps[ordinal] = readStep(row);
    }
  }
  return { frame, codeBytes, codes, rows, steps };
}
