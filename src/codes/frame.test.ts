import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../errors';
import { fitFrame, fitRows } from './fit';
import { applyFrame, decodeFrame, encodeFrame, type Frame } from './frame';
import { polarFactor } from './matrix';
import { mixingRotation } from './rotation';
import { clusteredUnits, dot, normals } from './synthetic.suite';

/** Largest deviation of R · Rᵀ from the identity. */
function skew(rotation: Float32Array, dim: number): number {
  let worst = 0;
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < dim; j++) {
      const expected = i === j ? 1 : 0;
      worst = Math.max(worst, Math.abs(dot(rotation, i * dim, rotation, j * dim, dim) - expected));
    }
  }
  return worst;
}

/** What is lost when every coordinate is replaced by its sign times the best single size: 1 − (mean |y|)² / mean y². */
function signLoss(frame: Frame, rows: Float32Array): number {
  const y = applyFrame(frame, rows);
  let sizes = 0;
  let squares = 0;
  for (const value of y) {
    sizes += Math.abs(value);
    squares += value * value;
  }
  return 1 - sizes ** 2 / squares / y.length;
}

describe('the mixing rotation', () => {
  for (const dim of [8, 64, 96, 384, 768]) {
    it(`is orthogonal for dim ${dim} and spreads a single component over the others`, () => {
      const rotation = mixingRotation(dim);
      expect(skew(rotation, dim)).toBeLessThan(1e-6);
      // A component of length 1 spread evenly gives 1 / √dim each; the largest share must stay near that.
      if (dim >= 64) {
        const largest = rotation.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        expect(largest * Math.sqrt(dim)).toBeLessThan(7);
      }
    });
  }

  it('never changes, since it is not stored in an index', () => {
    const first = [...mixingRotation(16).slice(0, 4)].map((x) => x.toFixed(6));
    expect(first).toMatchInlineSnapshot(`
      [
        "0.625000",
        "-0.062500",
        "-0.125000",
        "-0.312500",
      ]
    `);
  });
});

describe('fitting a frame', () => {
  const dim = 64;
  const sample = clusteredUnits(2000, dim, 1);

  it('gives the same frame for the same sample', () => {
    expect(encodeFrame(fitFrame(sample, dim))).toEqual(encodeFrame(fitFrame(sample.slice(), dim)));
  });

  it('loses less by taking signs than the mixing rotation does, on rows it has not seen', () => {
    const rows = clusteredUnits(3000, dim, 1).slice(2000 * dim);
    const fitted = fitFrame(sample, dim);
    expect(fitted.kind).toBe('fitted');
    const random: Frame = { ...fitted, rotation: mixingRotation(dim) };
    expect(signLoss(fitted, sample)).toBeLessThan(signLoss(random, sample) * 0.95);
    expect(signLoss(fitted, rows)).toBeLessThan(signLoss(random, rows));
  });

  it('keeps the rotation orthogonal but for the rounding of its rows', () => {
    expect(skew(fitFrame(sample, dim).rotation, dim)).toBeLessThan(0.02);
  });

  it('takes the mixing rotation and the mean below the number of rows that a fit needs', () => {
    const frame = fitFrame(sample.subarray(0, (fitRows - 1) * dim), dim);
    expect(frame.kind).toBe('random');
    expect(frame.rotation).toEqual(mixingRotation(dim));
    expect(frame.mean[0]).toBeCloseTo(
      sample.filter((_, i) => i % dim === 0 && i < (fitRows - 1) * dim).reduce((a, b) => a + b) /
        (fitRows - 1),
      6,
    );
  });

  it('gives a frame for a sample that is empty, all equal, or flat in most directions', () => {
    expect(fitFrame(new Float32Array(0), 8).mean).toEqual(new Float32Array(8));
    const equal = new Float32Array(1200 * 16).fill(0.25);
    expect(skew(fitFrame(equal, 16).rotation, 16)).toBeLessThan(0.02);
    const flat = Float32Array.from({ length: 1200 * 16 }, (_, i) => (i % 16 < 2 ? Math.sin(i) : 0));
    expect(skew(fitFrame(flat, 16).rotation, 16)).toBeLessThan(0.02);
  });

  it('names what it expected when a shape is wrong', () => {
    expect(() => fitFrame(new Float32Array(10), 8)).toThrow(/expected a multiple of 8 numbers, received 10/);
    expect(() => fitFrame(new Float32Array(12), 12)).toThrow(
      /expected a multiple of 8 from 8 to 1024, received 12/,
    );
    const bad = new Float32Array(24);
    bad[17] = Number.NaN;
    expect(() => fitFrame(bad, 8)).toThrow(/expected finite numbers, received NaN in row 2/);
    expect(() => fitFrame(bad, 8)).toThrow(ShapeError);
  });
});

describe('the polar factor', () => {
  it('finds the rotation in a rotation times a symmetric positive matrix', () => {
    const dim = 24;
    const rotation = mixingRotation(dim);
    // M = R · S with S = D + a little: the polar factor of M is R.
    const next = normals(5);
    const a = Float64Array.from({ length: dim * dim }, () => next());
    const m = new Float64Array(dim * dim);
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        for (let k = 0; k < dim; k++) {
          let s = k === j ? 0.1 : 0;
          for (let l = 0; l < dim; l++) s += a[k * dim + l]! * a[j * dim + l]!;
          m[i * dim + j]! += rotation[i * dim + k]! * s;
        }
      }
    }
    const found = polarFactor(m, dim)!;
    for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(rotation[i]!, 5);
  });

  it('is null for a singular matrix', () => {
    expect(polarFactor(new Float64Array(64), 8)).toBeNull();
  });
});

describe('a frame at rest', () => {
  const fitted = fitFrame(clusteredUnits(1000, 16, 2), 16);
  const random = fitFrame(clusteredUnits(10, 384, 2), 384);

  it('comes back unchanged, and small', () => {
    for (const frame of [fitted, random]) expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
    expect(encodeFrame(fitted).length).toBe(4 + 16 * 4 + 16 * 16);
    expect(encodeFrame(random).length).toBe(4 + 384 * 4);
  });

  it('can be read at any offset of a larger buffer', () => {
    const bytes = encodeFrame(fitted);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeFrame(shifted.subarray(3))).toEqual(fitted);
  });

  it('is refused when bytes are missing or make no sense', () => {
    const bytes = encodeFrame(fitted);
    const changed = (at: number, value: number) => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    const infinite = bytes.slice();
    new DataView(infinite.buffer).setFloat32(8, Number.POSITIVE_INFINITY, true);
    const emptyRow = bytes.slice().fill(0, 4 + 16 * 4, 4 + 16 * 5);
    const broken = [
      new Uint8Array(0),
      bytes.subarray(0, -1),
      changed(0, 17),
      changed(2, 2),
      infinite,
      emptyRow,
    ];
    for (const each of broken) {
      expect(() => decodeFrame(each)).toThrow(FormatError);
      expect(() => decodeFrame(each)).toThrow(/^Cannot read the frame: expected .*, received /);
    }
  });
});
