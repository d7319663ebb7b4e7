/**
 * Whole numbers of one kind, in as few bytes as DEFLATE can make of them afterwards.
 * In: unsigned 32-bit numbers. Out: bytes, and back.
 * Column: varint n · varint least number · varint planes · the differences to the least, one byte plane after the other,
 * lowest first: what varies least lies together.
 */
import type { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';

export function encodeColumn(values: ArrayLike<number>): Uint8Array {
  let least = 0xffffffff;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  if (values.length === 0) least = 0;
  let planes = 0;
  while (most - least >= 2 ** (8 * planes)) planes++;
  const writer = new ByteWriter();
  for (const value of [values.length, least, planes]) writer.varint(value);
  for (let plane = 0; plane < planes; plane++)
    writer.bytes(Uint8Array.from(values, (value) => (value - least) >>> (8 * plane)));
  return writer.finish();
}

/** Errors: FormatError format-corrupt. `most`: there can be no more numbers than that. */
export function decodeColumn(reader: ByteReader, most: number): Uint32Array {
  const n = reader.varint();
  const least = reader.varint();
  const planes = reader.varint();
  if (n > most || planes > 4) throw reader.damaged();
  const values = new Uint32Array(n).fill(least);
  for (let plane = 0; plane < planes; plane++) {
    const bytes = reader.bytes(n);
    for (let i = 0; i < n; i++) values[i]! += bytes[i]! * 2 ** (8 * plane);
  }
  return values;
}

/** From a rising series to the steps between its numbers; the first step is from 0. */
export function stepsOf(rising: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(rising, (value, i) => value - (rising[i - 1] ?? 0));
}

/** Adds the steps up again, in place. */
export function addUp(steps: Uint32Array): Uint32Array {
  for (let i = 1; i < steps.length; i++) steps[i]! += steps[i - 1]!;
  return steps;
}
