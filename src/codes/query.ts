/**
 * A query's embedding, coded for both stages: a sign code to scan with, int8 coordinates to rescore with.
 * In: a frame, an embedding. Out: a QueryCode.
 * With y = R · (d − mean) of a document d, the cosine of unit embeddings is q · d = q · mean + (R · q) · y: the query is
 * centred for the scan only, and the constant part goes into `offset`.
 */
import { ShapeError } from '../errors';
import { packSigns } from './binary';
import { centre, countRows, type Frame, rotate } from './frame';

export interface QueryCode {
  /** Shapes: u8[codeBytes], signs of R · (q − mean). */
  code: Uint8Array;
  /** Shapes: int8[dim], R · q / scale. */
  int8: Int8Array;
  scale: number;
  /** q · mean. */
  offset: number;
  /**
   * For each byte of a plane and each of its 256 values, the sum of the byte's eight int8 coordinates, each negative where
   * its bit is 0. Rescoring then looks up a byte instead of taking eight bits apart. Shapes: int16[dim / 8 × 256].
   */
  sums: Int16Array;
}

/** Codes one query. Shapes: q float32[dim]. Errors: ShapeError. Cost: 4 · dim² multiplications. */
export function encodeQuery(frame: Frame, q: Float32Array): QueryCode {
  const { dim, mean } = frame;
  if (q.length !== dim) {
    throw new ShapeError('shape-mismatch', {
      what: 'Embedding of a query',
      expected: `${dim} numbers`,
      received: q.length,
    });
  }
  countRows('Embedding of a query', q, dim);
  const both = new Float32Array(2 * dim);
  both.set(q);
  both.set(centre(q, mean), dim);
  const turned = rotate(frame, both);
  const rotated = turned.subarray(0, dim);
  const scale = rotated.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) / 127 || 1;
  const int8 = Int8Array.from(rotated, (x) => Math.round(x / scale));
  let offset = 0;
  for (let j = 0; j < dim; j++) offset += q[j]! * mean[j]!;
  return { code: packSigns(turned.subarray(dim)), int8, scale, offset, sums: sumsOf(int8) };
}

function sumsOf(int8: Int8Array): Int16Array {
  const sums = new Int16Array((int8.length / 8) * 256);
  for (let byte = 0; byte < int8.length / 8; byte++) {
    const table = sums.subarray(byte * 256, (byte + 1) * 256);
    for (let j = 0; j < 8; j++) table[0]! -= int8[byte * 8 + j]!;
    // Each value differs in its lowest set bit from one that is done already.
    for (let value = 1; value < 256; value++) {
      const without = value & (value - 1);
      const j = Math.clz32(value ^ without) - 24;
      table[value] = table[without]! + 2 * int8[byte * 8 + j]!;
    }
  }
  return sums;
}
