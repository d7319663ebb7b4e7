import { expect, test } from 'vitest';
import { encodeCodes, type Frame } from '../codes';
import { mixingRotation } from '../codes/rotation';
import { clusteredUnits } from '../codes/synthetic.suite';
import { centreOf, isUncentred, shiftBetween, translateRows } from './translate-codes';

const dim = 64;
const rows = clusteredUnits(300, dim, 3);

function frameAbout(mean: Float32Array): Frame {
  return { dim, mean, rotation: mixingRotation(dim), kind: 'random' };
}

const zero = frameAbout(new Float32Array(dim));
const mean = new Float32Array(dim);
for (let i = 0; i < rows.length; i++) mean[i % dim]! += (rows[i]! * dim) / rows.length;
const central = frameAbout(mean);

/** Share of the bits that are equal. */
function agreement(a: Uint8Array, b: Uint8Array): number {
  let equal = 0;
  for (let i = 0; i < a.length; i++)
    for (let bit = 0; bit < 8; bit++) if (!((a[i]! ^ b[i]!) & (1 << bit))) equal++;
  return equal / (8 * a.length);
}

test('translated codes are nearly those of the other frame', () => {
  const from = encodeCodes(zero, rows);
  const to = encodeCodes(central, rows);
  const translated = translateRows(from, shiftBetween(zero, central));
  expect(agreement(from.codes, to.codes)).toBeLessThan(0.9);
  expect(agreement(translated.codes, to.codes)).toBeGreaterThan(0.94);
  expect(translated.fine).toHaveLength(to.fine.length);
});

test('no shift changes no sign', () => {
  const from = encodeCodes(zero, rows);
  expect(translateRows(from, shiftBetween(zero, zero)).codes).toEqual(from.codes);
});

/** As an encoder gives them whose embeddings all lie about one direction. */
const crowded = rows.map((x, i) => 0.5 * x + (i % dim === 3 ? 0.8 : 0));

test('a frame without a mean is moved to that of its rows where it is long', () => {
  expect([isUncentred(zero), isUncentred(central)]).toEqual([true, false]);
  const centred = centreOf(zero, encodeCodes(zero, crowded))!;
  const expected = new Float32Array(dim);
  for (let i = 0; i < crowded.length; i++) expected[i % dim]! += (crowded[i]! * dim) / crowded.length;
  for (let j = 0; j < dim; j++) expect(centred.mean[j]).toBeCloseTo(expected[j]!, 1);
});

test('it stays where the mean is short, or few rows tell it', () => {
  const short = rows.map((x, i) => x - mean[i % dim]!);
  expect(centreOf(zero, encodeCodes(zero, short))).toBe(null);
  expect(centreOf(zero, encodeCodes(zero, crowded.subarray(0, 31 * dim)))).toBe(null);
  expect(centreOf(zero, encodeCodes(zero, crowded.subarray(0, 32 * dim)))).not.toBe(null);
});
