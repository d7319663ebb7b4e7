/**
 * Fits the frame to a corpus: its mean, and the rotation after which signs lose least.
 * In: a sample of embeddings. Out: a Frame, rounded as it will be stored.
 * Source: Gong & Lazebnik, Iterative quantization, CVPR 2011, here without the reduction by PCA: the code keeps every
 * dimension, and the rotation alone does the work.
 */
import { isSet } from './binary';
import { centre, checkDim, countRows, decodeFrame, encodeFrame, type Frame } from './frame';
import { multiplyTransposed, polarFactor } from './matrix';
import { mixingRotation } from './rotation';

/** With fewer rows a fitted rotation fits the sample rather than the corpus. */
export const fitRows = 1000;

/** Rows beyond this gain nothing that could be measured, while the fit's time grows with them. */
export const sampleRows = 4096;

const iterations = 20;

/**
 * The frame for a corpus; the same sample gives the same frame, and encodeFrame → decodeFrame gives it back unchanged.
 * Shapes: sample float32[m × dim]; every row is used, so draw at most `sampleRows`. Below `fitRows` rows the rotation is
 * the mixing one. Errors: ShapeError. Cost: m · dim² · 20 + dim³ · 120 multiplications.
 */
export function fitFrame(sample: Float32Array, dim: number): Frame {
  checkDim(dim);
  const m = countRows('Sample of embeddings', sample, dim);
  const mean = meanOf(sample, dim);
  const initial = mixingRotation(dim);
  if (m < fitRows) return { dim, mean, rotation: initial, kind: 'random' };
  const rotation = fitRotation(centre(sample, mean), initial, dim);
  return decodeFrame(encodeFrame({ dim, mean, rotation, kind: 'fitted' }));
}

function meanOf(rows: Float32Array, dim: number): Float32Array {
  const sums = new Float64Array(dim);
  for (let at = 0; at < rows.length; at += dim) for (let j = 0; j < dim; j++) sums[j]! += rows[at + j]!;
  const m = Math.max(1, rows.length / dim);
  return Float32Array.from(sums, (sum) => sum / m);
}

/** Alternates B = sign(V · Rᵀ) and R = the orthogonal matrix nearest to Bᵀ · V. */
function fitRotation(v: Float32Array, initial: Float32Array, dim: number): Float32Array {
  let rotation = initial;
  const rotated = new Float32Array(v.length);
  const signs = new Int8Array(v.length);
  const product = new Float64Array(dim * dim);
  for (let step = 0; step < iterations; step++) {
    multiplyTransposed(v, rotation, dim, rotated);
    addFlips(v, rotated, signs, product, dim);
    const nearest = polarFactor(product, dim);
    // A sample that does not span the space has no nearest rotation: what is fitted so far stands.
    if (!nearest) break;
    rotation = new Float32Array(nearest);
  }
  return rotation;
}

/** Brings signs and Bᵀ · V up to date. Few signs change from step to step, so most of the product is kept. */
function addFlips(
  v: Float32Array,
  rotated: Float32Array,
  signs: Int8Array,
  product: Float64Array,
  dim: number,
): void {
  for (let at = 0; at < v.length; at += dim) {
    for (let i = 0; i < dim; i++) {
      const sign = isSet(rotated[at + i]!) ? 1 : -1;
      const change = sign - signs[at + i]!;
      if (change === 0) continue;
      signs[at + i] = sign;
      const row = i * dim;
      for (let j = 0; j < dim; j++) product[row + j]! += change * v[at + j]!;
    }
  }
}
