/**
 * Rows whose sums come near given embeddings: least squares, drawn to where the rows began.
 * In: features of texts, their embeddings, first rows. Out: rows.
 * min ‖X·W − Y‖² + λ‖W − W₀‖² by conjugate gradients; dimensions are independent and go through in slices, so that memory
 * stays small. The direction of a sum matters and not its length: each text counts in units of its present length.
 */
import { multiplySparse, rowCount, type SparseRows, transposed } from './sparse';

/** Rows that few texts speak of stay near their beginning. From .3 to 3 nothing changes. */
const lambda = 1;
/** More, up to 40, leave the order of pages as it is. */
const iterations = 6;
/** Dimensions at a time: a row's slice is four cache lines. */
const sliceDim = 64;
/** A sum that is shorter than this part of the median is not blown up further. */
const shortest = 0.2;

/** Shapes: targets f32[rows of x × dim]; rows f32[terms × dim], changed in place. Cost: 14 × values of x × dim. */
export function fitRidge(x: SparseRows, targets: Float32Array, rows: Float32Array, dim: number): void {
  const scaled = atUnitLength(x, rows, dim);
  const across = transposed(scaled, rows.length / dim);
  for (let from = 0; from < dim; from += sliceDim) {
    const width = Math.min(sliceDim, dim - from);
    const start = slice(rows, dim, from, width);
    putSlice(solve(scaled, across, slice(targets, dim, from, width), start, width), rows, dim, from, width);
  }
}

/** Conjugate gradients on (XᵀX + λ) Δ = Xᵀ(Y − X W₀), a step length of its own for each dimension. */
function solve(
  x: SparseRows,
  across: SparseRows,
  targets: Float32Array,
  start: Float32Array,
  width: number,
): Float32Array {
  const sums = multiplySparse(x, start, width, new Float32Array(rowCount(x) * width));
  for (let i = 0; i < sums.length; i++) sums[i] = targets[i]! - sums[i]!;
  const rest = multiplySparse(across, sums, width, new Float32Array(start.length));
  const direction = rest.slice();
  const applied = new Float32Array(start.length);
  const rows = start.slice();
  let power = columnProducts(rest, rest, width);
  for (let step = 0; step < iterations; step++) {
    multiplySparse(x, direction, width, sums);
    multiplySparse(across, sums, width, applied);
    for (let i = 0; i < applied.length; i++) applied[i]! += lambda * direction[i]!;
    const curvature = columnProducts(direction, applied, width);
    const lengths = power.map((value, d) => value / Math.max(1e-12, curvature[d]!));
    for (let i = 0, d = 0; i < rows.length; i++, d = d + 1 === width ? 0 : d + 1) {
      rows[i]! += lengths[d]! * direction[i]!;
      rest[i]! -= lengths[d]! * applied[i]!;
    }
    const next = columnProducts(rest, rest, width);
    const share = next.map((value, d) => value / Math.max(1e-12, power[d]!));
    for (let i = 0, d = 0; i < rows.length; i++, d = d + 1 === width ? 0 : d + 1)
      direction[i] = rest[i]! + share[d]! * direction[i]!;
    power = next;
  }
  return rows;
}

/** The same features, each row over the length of the sum it makes. */
function atUnitLength(x: SparseRows, rows: Float32Array, dim: number): SparseRows {
  const sums = multiplySparse(x, rows, dim, new Float32Array(rowCount(x) * dim));
  const lengths = new Float32Array(rowCount(x));
  for (let row = 0; row < lengths.length; row++) {
    let square = 0;
    for (let d = row * dim; d < (row + 1) * dim; d++) square += sums[d]! * sums[d]!;
    lengths[row] = Math.sqrt(square);
  }
  const least = shortest * (lengths.slice().sort()[lengths.length >> 1] ?? 0);
  const values = x.values.slice();
  for (let row = 0; row < lengths.length; row++) {
    // Without first rows all sums are 0: nothing to scale by.
    const length = least > 0 ? Math.max(least, lengths[row]!) : 1;
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) values[k]! /= length;
  }
  return { ...x, values };
}

function columnProducts(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < a.length; at += width)
    for (let d = 0; d < width; d++) sums[d]! += a[at + d]! * b[at + d]!;
  return sums;
}

function slice(dense: Float32Array, dim: number, from: number, width: number): Float32Array {
  const out = new Float32Array((dense.length / dim) * width);
  for (let at = from, to = 0; at < dense.length; at += dim, to += width)
    out.set(dense.subarray(at, at + width), to);
  return out;
}

function putSlice(part: Float32Array, into: Float32Array, dim: number, from: number, width: number): void {
  for (let at = from, i = 0; at < into.length; at += dim, i += width)
    into.set(part.subarray(i, i + width), at);
}
