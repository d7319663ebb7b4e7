/**
 * Fewer dimensions for the instant tier: those in which a site's vectors vary most, then mixed.
 * In: vectors in the model's space. Out: an orthogonal map to a smaller space, and vectors there.
 * The rotation spreads what varies evenly over the dimensions, since each gets the same number of bits. Stays with the
 * build: rows, centroids and codes are written in the smaller space, and readers never see another.
 */
import { multiplyTransposed } from '../codes/matrix';
import { mixingRotation } from '../codes/rotation';

/** Each step divides what lies outside the subspace by the ratio of its eigenvalues to those inside. */
const iterations = 24;

/** Vectors from which directions are fitted; more change them by nothing that can be measured. */
const sampleVectors = 12_000;

export interface Projection {
  /** Dimensions of the model, and of the instant tier. */
  from: number;
  to: number;
  /** The vectors' mean, projected. Shapes: float32[to]. */
  mean: Float32Array;
  /** Orthogonal rows of length 1. Shapes: float32[to × from], row-major. */
  axes: Float32Array;
}

/**
 * Principal axes, then the mixing rotation. The same vectors give the same projection.
 * Shapes: vectors float32[n × dim]; `to` even; a smaller `dim` stays as it is. Cost: min(n, 12,000) · dim² + 24 · dim² · to multiplications.
 */
export function fitProjection(vectors: Float32Array, dim: number, to: number): Projection {
  const target = Math.min(to, dim);
  const mean = new Float64Array(dim);
  const n = vectors.length / dim;
  for (let at = 0; at < vectors.length; at += dim)
    for (let d = 0; d < dim; d++) mean[d]! += vectors[at + d]! / n;
  const principal = principalAxes(covarianceOf(vectors, mean), dim, target);
  const mixing = mixingRotation(target);
  // Rows of the product: each a mixture of all principal axes.
  const columns = transposed(principal, dim);
  const axes = multiplyTransposed(mixing, columns, target, new Float32Array(target * dim));
  return { from: dim, to: target, mean: projectRows(new Float32Array(mean), axes, dim), axes };
}

/** Shapes: vectors float32[n × from] → float32[n × to]. The mean is not taken away. Cost: n · from · to multiplications. */
export function project(vectors: Float32Array, { axes, from }: Projection): Float32Array {
  return projectRows(vectors, axes, from);
}

function projectRows(vectors: Float32Array, axes: Float32Array, dim: number): Float32Array {
  const to = axes.length / dim;
  return multiplyTransposed(vectors, axes, dim, new Float32Array((vectors.length / dim) * to));
}

/** Of an even sample. Shapes: float64[dim × dim]. */
function covarianceOf(vectors: Float32Array, mean: Float64Array): Float64Array {
  const dim = mean.length;
  const n = vectors.length / dim;
  const m = Math.min(n, sampleVectors);
  const columns = new Float32Array(dim * m);
  for (let i = 0; i < m; i++) {
    const row = Math.floor((i * n) / m) * dim;
    for (let d = 0; d < dim; d++) columns[d * m + i] = vectors[row + d]! - mean[d]!;
  }
  return multiplyTransposed(columns, columns, m, new Float64Array(dim * dim));
}

/**
 * Orthogonal iteration: only the subspace matters, since a rotation follows. Shapes: covariance float64[dim × dim] → float64[count × dim].
 * Source: Golub & Van Loan, Matrix Computations, 8.2.4.
 */
function principalAxes(covariance: Float64Array, dim: number, count: number): Float64Array {
  let axes = new Float64Array(mixingRotation(dim).subarray(0, count * dim));
  for (let step = 0; step < iterations; step++) {
    axes = multiplyTransposed(axes, covariance, dim, new Float64Array(count * dim));
    orthonormalise(axes, dim);
  }
  return axes;
}

/** Gram and Schmidt, row after row. A row that depends on those before becomes zeros. */
function orthonormalise(rows: Float64Array, dim: number): void {
  for (let at = 0; at < rows.length; at += dim) {
    const before = lengthOf(rows, at, dim);
    for (let other = 0; other < at; other += dim) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += rows[at + d]! * rows[other + d]!;
      for (let d = 0; d < dim; d++) rows[at + d]! -= product * rows[other + d]!;
    }
    const length = lengthOf(rows, at, dim);
    const factor = length > 1e-12 * before ? 1 / length : 0;
    for (let d = 0; d < dim; d++) rows[at + d]! *= factor;
  }
}

function lengthOf(rows: Float64Array, at: number, dim: number): number {
  let squares = 0;
  for (let d = 0; d < dim; d++) squares += rows[at + d]! ** 2;
  return Math.sqrt(squares);
}

/** Shapes: rows [n × dim] → float32[dim × n]. */
function transposed(rows: Float64Array, dim: number): Float32Array {
  const n = rows.length / dim;
  const columns = new Float32Array(rows.length);
  for (let i = 0; i < n; i++) for (let d = 0; d < dim; d++) columns[d * n + i] = rows[i * dim + d]!;
  return columns;
}
