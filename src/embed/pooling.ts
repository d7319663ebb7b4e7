/**
 * From one text's token embeddings to its one embedding.
 * In: the last hidden state of a single text (no padding, so every row counts). Out: float32[dim] of length 1.
 * Source: Reimers & Gurevych 2019 (mean and CLS pooling).
 */

import { ShapeError } from '../errors';
import type { Pooling } from '../types';

/**
 * Pools and normalises.
 * Shapes: hidden f32[tokens × dim], row-major → f32[dim]. An all-zero row stays zero.
 * Errors: ShapeError `shape-mismatch`.
 */
export function poolEmbedding(
  hidden: Float32Array,
  tokens: number,
  dim: number,
  pooling: Pooling,
): Float32Array {
  if (tokens < 1 || hidden.length !== tokens * dim) {
    throw new ShapeError('shape-mismatch', {
      what: 'last hidden state',
      expected: `${tokens} × ${dim} numbers, at least one row`,
      received: hidden.length,
    });
  }
  const rows = pooling === 'cls' ? 1 : tokens;
  const sum = new Float64Array(dim);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < dim; i++) sum[i]! += hidden[row * dim + i]!;
  }
  // The mean's divisor cancels in the normalisation.
  return normalise(sum);
}

/** The vector scaled to length 1. Shapes: [dim] → f32[dim]. */
export function normalise(vector: ArrayLike<number>): Float32Array {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! ** 2;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  return Float32Array.from(vector, (x) => x * scale);
}
