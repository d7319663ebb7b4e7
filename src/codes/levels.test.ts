import { describe, expect, it } from 'vitest';
import { addLevels, encodeLevels, factorByte, factorOf, levelBytes, spreadOf } from './levels';

const dim = 192;

/** Rows of numbers that are about normal, the same in every run. */
function normalRows(n: number): Float32Array {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: n * dim }, (_, i) => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += next();
    return sum * (1 + ((i % dim) % 5));
  });
}

function decode(code: Uint8Array, factor: number, spread: Float32Array, bits: number): Float32Array {
  const out = new Float32Array(spread.length);
  addLevels(code, factor, spread, bits, out);
  return out;
}

const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, d) => sum + x * b[d]!, 0);

describe('levels', () => {
  it('writes the sign first and the most significant bit first', () => {
    const spread = new Float32Array(8).fill(1);
    const vector = Float32Array.of(-2, -0.1, 0.1, 2, 0, -0.99, 0.99, 0.97);
    expect([...encodeLevels(vector, spread, 2).codes]).toEqual([0b00011011, 0b01001110]);
    expect([...encodeLevels(vector, spread, 1).codes]).toEqual([0b00110011]);
  });

  it.each([1, 2] as const)('keeps the direction at %i bits, and the product with itself', (bits) => {
    const vectors = normalRows(200);
    const spread = spreadOf(vectors, dim);
    const { codes, lengths } = encodeLevels(vectors, spread, bits);
    expect(codes).toHaveLength(200 * levelBytes(dim, bits));
    for (let i = 0; i < 200; i++) {
      const z = vectors.subarray(i * dim, (i + 1) * dim);
      const code = codes.subarray(i * levelBytes(dim, bits), (i + 1) * levelBytes(dim, bits));
      const back = decode(code, lengths[i]!, spread, bits);
      expect(product(back, z) / product(z, z)).toBeCloseTo(1, 1);
      const cosine = product(back, z) / Math.sqrt(product(z, z) * product(back, back));
      expect(cosine).toBeGreaterThan(bits === 1 ? 0.7 : 0.88);
    }
  });

  it('gives the spread of each dimension', () => {
    expect([...spreadOf(Float32Array.of(1, -2, -1, 2), 2)]).toEqual([1, 2]);
  });

  it('knows a vector without direction', () => {
    const { codes, lengths } = encodeLevels(new Float32Array(8), new Float32Array(8).fill(1), 2);
    expect(lengths[0]).toBe(0);
    expect([...decode(codes, lengths[0]!, new Float32Array(8).fill(1), 2)].every((x) => x === 0)).toBe(true);
  });

  it('keeps a dimension without spread at zero', () => {
    const spread = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 0);
    const { codes, lengths } = encodeLevels(Float32Array.of(1, -1, 1, -1, 1, -1, 1, 0), spread, 2);
    expect(decode(codes, lengths[0]!, spread, 2)[7]).toBeCloseTo(0);
  });

  it('keeps factors to about one in a hundred, in one byte', () => {
    for (let factor = 0.07; factor < 15; factor *= 1.01) {
      const kept = factorOf(factorByte(factor));
      expect(Math.abs(Math.log(kept / factor))).toBeLessThan(0.0115);
      expect(factorByte(kept)).toBe(factorByte(factor));
    }
    expect(factorByte(1000)).toBe(255);
    expect(factorByte(1e-6)).toBe(1);
  });
});
