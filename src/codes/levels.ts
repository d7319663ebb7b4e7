/**
 * Codes of one or two bits a dimension, and the factor that restores what they lose of a vector's length.
 * In: vectors less the corpus's mean, the spread of each dimension. Out: codes and factors, and vectors again.
 * A level is what a normal variable has in the middle of its part (Max 1960), times the dimension's spread. Its first bit is
 * the sign; bits lie most significant first (binary.ts). The factor is ⟨z,z⟩ / ⟨levels,z⟩, with which a vector's product with
 * its own code is exact. Source: Gao & Long, RaBitQ, SIGMOD 2024.
 */
import { isSet } from './binary';

const outer = 1.51;
const inner = 0.453;
/** Levels by bits of a dimension (1 or 2), then by the bits that stand for them. */
const levels: readonly (readonly number[])[] = [[], [-0.798, 0.798], [-outer, -inner, inner, outer]];

/** Steps of a factor's byte to an octave: a factor is 1.1 % off at most. */
const factorSteps = 32;

/** Length of a code. Shapes: bits 1 or 2, dim a multiple of 8. Units: bytes. */
export function levelBytes(dim: number, bits: number): number {
  return (dim * bits) / 8;
}

/** Standard deviation of each dimension. Shapes: vectors float32[n × dim] → float32[dim]. */
export function spreadOf(vectors: Float32Array, dim: number): Float32Array {
  const squares = new Float64Array(dim);
  for (let at = 0; at < vectors.length; at += dim)
    for (let d = 0; d < dim; d++) squares[d]! += vectors[at + d]! ** 2;
  const n = Math.max(1, vectors.length / dim);
  return Float32Array.from(squares, (sum) => Math.sqrt(sum / n));
}

/**
 * Shapes: vectors float32[n × dim], spread float32[dim] as readers have it → codes u8[n × levelBytes], lengths float32[n],
 * each a number that `factorByte` keeps.
 */
export function encodeLevels(
  vectors: Float32Array,
  spread: Float32Array,
  bits: number,
): { codes: Uint8Array; lengths: Float32Array } {
  const dim = spread.length;
  const n = vectors.length / dim;
  const size = levelBytes(dim, bits);
  const codes = new Uint8Array(n * size);
  const lengths = new Float32Array(n);
  const middle = (outer + inner) / 2;
  for (let i = 0; i < n; i++) {
    let squares = 0;
    let product = 0;
    for (let d = 0; d < dim; d++) {
      const x = vectors[i * dim + d]!;
      const sign = isSet(x) ? 1 : 0;
      // Both sides of zero count upwards: 00 and 11 are the outer levels.
      const level = bits === 1 ? sign : sign * 2 + (Math.abs(x) > middle * spread[d]! ? sign : 1 - sign);
      codes[i * size + ((d * bits) >> 3)]! |= level << (8 - bits - ((d * bits) & 7));
      squares += x * x;
      product += x * levels[bits]![level]! * spread[d]!;
    }
    lengths[i] = product > 0 ? factorOf(factorByte(squares / product)) : 0;
  }
  return { codes, lengths };
}

/** Adds `weight` × the vector of a code to `out`. Shapes: code u8[levelBytes], out float32[dim]. */
export function addLevels(
  code: Uint8Array,
  weight: number,
  spread: Float32Array,
  bits: number,
  out: Float32Array,
): void {
  const values = levels[bits]!;
  const mask = (1 << bits) - 1;
  for (let d = 0, bit = 0; d < out.length; d++, bit += bits)
    out[d]! += weight * spread[d]! * values[(code[bit >> 3]! >> (8 - bits - (bit & 7))) & mask]!;
}

/** 0 for nothing, else logarithmic from 1/16 to 16. */
export function factorByte(factor: number): number {
  if (factor <= 0) return 0;
  return Math.min(255, Math.max(1, 128 + Math.round(Math.log2(factor) * factorSteps)));
}

export function factorOf(byte: number): number {
  return byte === 0 ? 0 : Math.fround(2 ** ((byte - 128) / factorSteps));
}
