/**
 * The one linear map that brings sums of single words' embeddings nearest to embeddings of whole texts.
 * In: sums and targets. Out: a dim × dim matrix, for rows that no text speaks of as well.
 * Least squares by the normal equations and Cholesky's factor.
 */
import { multiplyTransposed } from '../codes/matrix';

/** So many texts weigh as much as the wish that nothing changes; without it, a few hundred texts would spoil the rows. */
const lambda = 10;

/**
 * `map` with sums · map ≈ targets, for sums of length 1; near a multiple of the identity where texts are few.
 * Shapes: both f32[n × dim] → f64[dim × dim], transposed (row j gives dimension j).
 * Cost: n × dim².
 */
export function fitLinearMap(sums: Float32Array, targets: Float32Array, dim: number): Float64Array {
  const gram = new Float64Array(dim * dim);
  const moments = new Float64Array(dim * dim);
  // In slices, so that the transposes stay in the cache.
  const slice = 1024;
  const part = new Float64Array(dim * dim);
  for (let from = 0; from * dim < sums.length; from += slice) {
    const x = transpose(sums.subarray(from * dim, (from + slice) * dim), dim);
    const y = transpose(targets.subarray(from * dim, (from + slice) * dim), dim);
    const n = x.length / dim;
    multiplyTransposed(x, x, n, part);
    for (let i = 0; i < part.length; i++) gram[i]! += part[i]!;
    multiplyTransposed(y, x, n, part);
    for (let i = 0; i < part.length; i++) moments[i]! += part[i]!;
  }
  let agreement = 0;
  for (let i = 0; i < sums.length; i++) agreement += sums[i]! * targets[i]!;
  const usual = Math.max(0.05, agreement / Math.max(1, sums.length / dim));
  for (let d = 0; d < dim; d++) {
    gram[d * dim + d]! += lambda;
    moments[d * dim + d]! += lambda * usual;
  }
  factorise(gram, dim);
  // Each row of the transposed map is a system of its own.
  for (let j = 0; j < dim; j++) solveFactored(gram, moments.subarray(j * dim, (j + 1) * dim), dim);
  return moments;
}

/** rows ← rows · map, with `map` as `fitLinearMap` gives it. */
export function applyLinearMap(rows: Float32Array, map: Float64Array, dim: number): void {
  const slice = 1024;
  for (let at = 0; at < rows.length; at += slice * dim) {
    const part = rows.subarray(at, at + slice * dim);
    multiplyTransposed(part.slice(), map, dim, part);
  }
}

export function transpose(
  rows: Float32Array,
  dim: number,
  out = new Float32Array(rows.length),
): Float32Array {
  const n = rows.length / dim;
  for (let i = 0; i < n; i++) for (let d = 0; d < dim; d++) out[d * n + i] = rows[i * dim + d]!;
  return out;
}

/** The lower Cholesky factor, in place. */
function factorise(m: Float64Array, dim: number): void {
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m[i * dim + j]!;
      for (let k = 0; k < j; k++) sum -= m[i * dim + k]! * m[j * dim + k]!;
      m[i * dim + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / m[j * dim + j]!;
    }
  }
}

function solveFactored(factor: Float64Array, right: Float64Array, dim: number): void {
  for (let i = 0; i < dim; i++) {
    for (let k = 0; k < i; k++) right[i]! -= factor[i * dim + k]! * right[k]!;
    right[i]! /= factor[i * dim + i]!;
  }
  for (let i = dim - 1; i >= 0; i--) {
    for (let k = i + 1; k < dim; k++) right[i]! -= factor[k * dim + i]! * right[k]!;
    right[i]! /= factor[i * dim + i]!;
  }
}
