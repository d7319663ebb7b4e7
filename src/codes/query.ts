/**
 * A query's embedding, coded for both stages: a direction to scan for, coordinates to rescore with.
 * In: a frame, an embedding. Out: a QueryCode.
 * With y = R · (d − mean) of a document d, the cosine of unit embeddings is q · d = q · mean + (R · q) · y: the constant
 * part goes into `offset`. A scan knows y by its signs, thus its direction and not its length; what that asks of the query
 * is said at `meanShare`.
 */
import { ShapeError } from '../errors';
import { packSigns } from './binary';
import { centre, countRows, type Frame, rotate } from './frame';

/**
 * How much of the mean is taken from a query before a scan by tables. Since |d| = 1, |y| is the shorter the more y points
 * along the mean: about a − mean · u of its direction u. To first order the cosine therefore orders documents as
 * (q − c · mean) · u does, c being the cosine of q and the u of documents near the top. With c = 0 documents near the mean
 * come too early, with c = 1 too late: exact directions u share with the cosine .96 to .98 of the top ten where c = .5.
 */
const meanShare = 0.5;

export interface QueryCode {
  /** For a scan by Hamming distance. Shapes: u8[codeBytes], signs of R · (q − mean). */
  code: Uint8Array;
  /** For a scan by tables. Shapes: int8[dim], R · (q − meanShare · mean) up to a factor. */
  direction: Int8Array;
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
  const centred = turned.subarray(dim);
  const between = rotated.map((x, i) => x + meanShare * (centred[i]! - x));
  const { int8, scale } = roundToInt8(rotated);
  const sum = int8.reduce((a, b) => a + b, 0);
  let offset = 0;
  for (let j = 0; j < dim; j++) offset += q[j]! * mean[j]!;
  return { code: packSigns(centred), direction: roundToInt8(between).int8, int8, scale, offset, sum };
}

/** x ≈ scale · int8. */
function roundToInt8(x: Float32Array): { int8: Int8Array; scale: number } {
  const scale = x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127 || 1;
  return { int8: Int8Array.from(x, (value) => Math.round(value / scale)), scale };
}
