import { describe, expect, test } from 'vitest';
import { packSigns, signBytes } from '../src/codes/binary';
import { centre } from '../src/codes/frame';
import { multiplyTransposed } from '../src/codes/matrix';
import { mixingRotation } from '../src/codes/rotation';
import { clusteredUnits, dot } from '../src/codes/synthetic.suite';
import { encodeBits, fitAtoms } from './fitted-bits';
import { principalAxes, project } from './principal-axes';

const dim = 64;
const n = 1200;
const embeddings = clusteredUnits(n, dim, 3);
const mean = Float32Array.from({ length: dim }, (_, j) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += embeddings[i * dim + j]!;
  return sum / n;
});
const rows = centre(embeddings, mean);
const rotation = mixingRotation(dim);

/** Share of the rows' squares that the sums of atoms leave over, each row at its best length. */
function lost(atoms: Float32Array, codes: Uint8Array): number {
  let [left, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    const sum = new Float32Array(dim);
    for (let k = 0; k < dim; k++) {
      const isPositive = (codes[i * signBytes(dim) + (k >> 3)]! >> (7 - (k & 7))) & 1;
      for (let j = 0; j < dim; j++) sum[j]! += (isPositive ? 1 : -1) * atoms[k * dim + j]!;
    }
    const own = dot(rows, i * dim, rows, i * dim, dim);
    left += own - dot(rows, i * dim, sum, 0, dim) ** 2 / dot(sum, 0, sum, 0, dim);
    all += own;
  }
  return left / all;
}

describe('fitted bits', () => {
  test('lose less of the embeddings than the signs of their rotation, which they start from', () => {
    const turned = multiplyTransposed(rows, rotation, dim, new Float32Array(rows.length));
    const signs = new Uint8Array(n * signBytes(dim));
    for (let i = 0; i < n; i++)
      signs.set(packSigns(turned.subarray(i * dim, (i + 1) * dim)), i * signBytes(dim));
    const atoms = fitAtoms(rows, rotation, dim);
    expect(lost(atoms, encodeBits(rows, atoms, rotation, dim))).toBeLessThan(0.75 * lost(rotation, signs));
  });

  test('of a row do not depend on the rows coded with it', () => {
    const atoms = fitAtoms(rows, rotation, dim);
    const all = encodeBits(rows, atoms, rotation, dim);
    const one = encodeBits(rows.slice(7 * dim, 8 * dim), atoms, rotation, dim);
    expect(one).toEqual(all.slice(7 * signBytes(dim), 8 * signBytes(dim)));
  });
});

test('principal axes are orthogonal unit rows, and the first ones hold most', () => {
  const axes = principalAxes(embeddings, dim, 16);
  for (let a = 0; a < 16; a++)
    for (let b = 0; b <= a; b++)
      expect(dot(axes, a * dim, axes, b * dim, dim)).toBeCloseTo(a === b ? 1 : 0, 5);
  const held = (count: number) => {
    const part = project(rows, axes, dim, count);
    return dot(part, 0, part, 0, part.length);
  };
  expect(held(8)).toBeGreaterThan((8 / dim) * dot(rows, 0, rows, 0, rows.length));
  expect(held(16) - held(8)).toBeLessThan(held(8));
});
