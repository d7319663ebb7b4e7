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
  /** Σ int8: what a document with all levels at 1 would have as its product with the query. */
  sum: number;
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
  const sum = int8.reduce((a, b) => a + b, 0);
  let offset = 0;
  for (let j = 0; j < dim; j++) offset += q[j]! * mean[j]!;
  return { code: packSigns(turned.subarray(dim)), int8, scale, offset, sum };
}
