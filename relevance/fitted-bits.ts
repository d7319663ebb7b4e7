/**
 * Bits fitted to a corpus without a rotation (methods A1): an embedding is approximated by a sum of dim vectors, the
 * atoms, each with the sign that its bit says.
 * In: centred embeddings of the corpus. Out: atoms; the code of any row. Nothing else is looked at: no query, no judgement.
 * A rotation gives every bit an axis of the same weight. Atoms may be long where embeddings vary much and short where they
 * do not, so that strong directions get several bits. Atoms by least squares and bits by coordinate descent take turns.
 * An error along the embedding itself is the one that changes the cosine of documents near the query, so it counts more.
 * Source: binary case of additive quantization (Babenko & Lempitsky, CVPR 2014); the loss as in Guo et al., Accelerating
 * large-scale inference with anisotropic vector quantization, ICML 2020.
 */
import { isSet, packSigns, signBytes } from '../src/codes/binary';
import { multiplyTransposed } from '../src/codes/matrix';

const rounds = 4;
const sweeps = 3;
/** How much more an error along the embedding counts than one across it. Taken, not fitted: 2 and 8 do nearly as well. */
const alongWeight = 3;
/** Keeps the least squares solvable where bits always agree. */
const ridge = 1e-3;
/** Rows coded at a time. */
const chunkRows = 4096;

/** Shapes: sample float32[m × dim], centred; rotation float32[dim × dim], where to start → float32[dim × dim], an atom a row. */
export function fitAtoms(sample: Float32Array, rotation: Float32Array, dim: number): Float32Array {
  const signs = signsOf(multiplyTransposed(sample, rotation, dim, new Float32Array(sample.length)));
  let atoms = rotation;
  for (let round = 0; round < rounds; round++) {
    atoms = leastSquares(signs, sample, dim);
    improveSigns(sample, atoms, signs, dim, 0);
  }
  return atoms;
}

/** Shapes: rows float32[n × dim], centred → u8[n × signBytes(dim)]. Cost: 2 · n · dim² multiplications. */
export function encodeBits(
  rows: Float32Array,
  atoms: Float32Array,
  rotation: Float32Array,
  dim: number,
): Uint8Array {
  const codeBytes = signBytes(dim);
  const codes = new Uint8Array((rows.length / dim) * codeBytes);
  for (let from = 0; from < rows.length; from += chunkRows * dim) {
    const chunk = rows.subarray(from, from + chunkRows * dim);
    const signs = signsOf(multiplyTransposed(chunk, rotation, dim, new Float32Array(chunk.length)));
    improveSigns(chunk, atoms, signs, dim, alongWeight);
    for (let at = 0; at < signs.length; at += dim)
      codes.set(packSigns(signs.subarray(at, at + dim)), ((from + at) / dim) * codeBytes);
  }
  return codes;
}

function signsOf(rows: Float32Array): Float32Array {
  return rows.map((x) => (isSet(x) ? 1 : -1));
}

/** Flips signs as long as that brings the sum of atoms nearer to the row: |e|² + along · (e · y / |y|)², e = y − Σ s · atom. */
function improveSigns(
  rows: Float32Array,
  atoms: Float32Array,
  signs: Float32Array,
  dim: number,
  along: number,
): void {
  const gram = multiplyTransposed(atoms, atoms, dim, new Float32Array(dim * dim));
  const wanted = multiplyTransposed(rows, atoms, dim, new Float32Array(rows.length));
  const reached = multiplyTransposed(signs, gram, dim, new Float32Array(rows.length));
  for (let at = 0; at < rows.length; at += dim) {
    let squares = 0;
    for (let j = 0; j < dim; j++) squares += rows[at + j]! ** 2;
    if (squares === 0) continue;
    const weight = along / squares;
    // What the row's own length still lacks, times that length.
    let lacking = squares;
    for (let j = 0; j < dim; j++) lacking -= wanted[at + j]! * signs[at + j]!;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      let flips = 0;
      for (let j = 0; j < dim; j++) {
        const sign = signs[at + j]!;
        const own = wanted[at + j]!;
        const pull =
          own - reached[at + j]! + gram[j * dim + j]! * sign + weight * own * (lacking + own * sign);
        const best = isSet(pull) ? 1 : -1;
        if (best === sign) continue;
        const change = best - sign;
        signs[at + j] = best;
        lacking -= own * change;
        for (let i = 0; i < dim; i++) reached[at + i]! += change * gram[j * dim + i]!;
        flips++;
      }
      if (flips === 0) break;
    }
  }
}

/** The atoms whose sums by these signs come nearest to the rows: (SᵀS + ridge) · atoms = SᵀY. */
function leastSquares(signs: Float32Array, rows: Float32Array, dim: number): Float32Array {
  const m = rows.length / dim;
  const bits = transpose(signs, m, dim);
  const system = multiplyTransposed(bits, bits, m, new Float64Array(dim * dim));
  for (let j = 0; j < dim; j++) system[j * dim + j]! += ridge * m;
  const target = multiplyTransposed(bits, transpose(rows, m, dim), m, new Float64Array(dim * dim));
  solve(system, target, dim);
  return new Float32Array(target);
}

/** Shapes: [m × dim] → [dim × m]. */
function transpose(rows: Float32Array, m: number, dim: number): Float32Array {
  const columns = new Float32Array(rows.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < dim; j++) columns[j * m + i] = rows[i * dim + j]!;
  return columns;
}

/** Puts A⁻¹ · B into B; A, symmetric and positive, is used up. Gaussian elimination without pivoting. */
function solve(a: Float64Array, b: Float64Array, dim: number): void {
  const subtract = (x: Float64Array, from: number, row: number, factor: number, first: number) => {
    for (let j = first; j < dim; j++) x[from * dim + j]! -= factor * x[row * dim + j]!;
  };
  for (let p = 0; p < dim; p++) {
    for (let i = p + 1; i < dim; i++) {
      const factor = a[i * dim + p]! / a[p * dim + p]!;
      if (factor === 0) continue;
      subtract(a, i, p, factor, p);
      subtract(b, i, p, factor, 0);
    }
  }
  for (let p = dim - 1; p >= 0; p--) {
    for (let i = p + 1; i < dim; i++) subtract(b, p, i, a[p * dim + i]!, 0);
    for (let j = 0; j < dim; j++) b[p * dim + j]! /= a[p * dim + p]!;
  }
}
