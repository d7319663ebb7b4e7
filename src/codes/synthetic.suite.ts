/**
 * Embeddings made up for tests: reproducible, of unit length.
 * In: counts and a seed. Out: float32 rows. Used by tests only.
 */

/** Reproducible normal deviates, near enough: the sum of twelve uniform ones. */
export function normals(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  };
}

/** Directions without any structure. */
export function randomUnits(n: number, dim: number, seed: number): Float32Array {
  const next = normals(seed);
  return scaleRows(
    Float32Array.from({ length: n * dim }, () => next()),
    dim,
  );
}

/**
 * What encoders give: a common direction, a spectrum that falls, topics with passages around them. Topics are small
 * against n, and each passage has its own distance from its topic.
 */
export function clusteredUnits(n: number, dim: number, seed: number): Float32Array {
  const next = normals(seed);
  const spectrum = Float64Array.from({ length: dim }, (_, j) => Math.exp((-3 * j) / dim));
  const topics = Math.ceil(n / 25);
  const centres = Float64Array.from({ length: topics * dim }, (_, i) => next() * spectrum[i % dim]!);
  const rows = new Float32Array(n * dim);
  for (let i = 0; i < n; i++) {
    const spread = 0.2 + 0.8 * Math.abs(next());
    for (let j = 0; j < dim; j++) {
      const common = j % 7 === 0 ? 0.8 : 0;
      rows[i * dim + j] = centres[(i % topics) * dim + j]! + spread * next() * spectrum[j]! + common;
    }
  }
  return scaleRows(rows, dim);
}

/** Scales every row to length 1, in place. */
function scaleRows(rows: Float32Array, dim: number): Float32Array {
  for (let at = 0; at < rows.length; at += dim) {
    const length = Math.sqrt(dot(rows, at, rows, at, dim));
    for (let j = 0; j < dim; j++) rows[at + j]! /= length;
  }
  return rows;
}

/** Dot product of two rows, by their first component's place. */
export function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, dim: number): number {
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += a[aAt + j]! * b[bAt + j]!;
  return sum;
}
