/**
 * The directions in which a corpus varies most, for codes of fewer bits than the embedding has numbers.
 * In: a sample of embeddings. Out: orthogonal unit rows, strongest first.
 * By subspace iteration: nothing beside products is needed, and the order of near-equal axes does not matter to a rotation.
 */
import { centre } from '../src/codes/frame';
import { multiplyTransposed } from '../src/codes/matrix';
import { mixingRotation } from '../src/codes/rotation';

const iterations = 40;

/** Shapes: sample float32[m × dim] → float32[count × dim]. */
export function principalAxes(sample: Float32Array, dim: number, count: number): Float32Array {
  const m = sample.length / dim;
  const mean = new Float32Array(dim);
  for (let at = 0; at < sample.length; at += dim)
    for (let j = 0; j < dim; j++) mean[j]! += sample[at + j]! / m;
  const rows = centre(sample, mean);
  const columns = new Float32Array(rows.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < dim; j++) columns[j * m + i] = rows[i * dim + j]!;
  const covariance = multiplyTransposed(columns, columns, m, new Float64Array(dim * dim));
  let axes = new Float64Array(mixingRotation(dim).subarray(0, count * dim));
  for (let step = 0; step < iterations; step++) {
    axes = multiplyTransposed(axes, covariance, dim, new Float64Array(count * dim));
    orthonormalise(axes, dim);
  }
  return new Float32Array(axes);
}

/** Shapes: rows float32[n × dim] → float32[n × count], the first `count` axes only. */
export function project(rows: Float32Array, axes: Float32Array, dim: number, count: number): Float32Array {
  return multiplyTransposed(
    rows,
    axes.subarray(0, count * dim),
    dim,
    new Float32Array((rows.length / dim) * count),
  );
}

/** Gram–Schmidt, row after row. */
function orthonormalise(rows: Float64Array, dim: number): void {
  for (let at = 0; at < rows.length; at += dim) {
    for (let before = 0; before < at; before += dim) {
      let product = 0;
      for (let j = 0; j < dim; j++) product += rows[at + j]! * rows[before + j]!;
      for (let j = 0; j < dim; j++) rows[at + j]! -= product * rows[before + j]!;
    }
    let squares = 0;
    for (let j = 0; j < dim; j++) squares += rows[at + j]! ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let j = 0; j < dim; j++) rows[at + j]! /= length;
  }
}
