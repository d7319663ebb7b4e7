import { expect, test } from 'vitest';
import { fitFrame } from './fit';
import { applyFrame } from './frame';
import { codeSizes, decodeCodes, encodeCodes, encodeCoordinates } from './planes';
import { clusteredUnits, dot } from './synthetic.suite';

const dim = 64;
const rows = clusteredUnits(200, dim, 5);
const frame = fitFrame(rows, dim);

test('codes say where a row lies: its product with itself is exact, and its direction within 8 degrees', () => {
  const { codes, fine } = encodeCodes(frame, rows);
  const exact = applyFrame(frame, rows);
  const decoded = decodeCodes(codes, fine, dim);
  for (let at = 0; at < rows.length; at += dim) {
    const square = dot(exact, at, exact, at, dim);
    expect(dot(exact, at, decoded, at, dim) / square).toBeCloseTo(1, 2);
    const cosine = dot(exact, at, decoded, at, dim) / Math.sqrt(square * dot(decoded, at, decoded, at, dim));
    expect(cosine).toBeGreaterThan(Math.cos((8 * Math.PI) / 180));
  }
});

test('signs stay as they are when what was decoded is coded again', () => {
  const { codes, fine } = encodeCodes(frame, rows);
  expect(encodeCoordinates(decodeCodes(codes, fine, dim), dim).codes).toEqual(codes);
});

test('a row without a direction is decoded to zeros', () => {
  const zeros = new Float32Array(dim);
  const { codes, fine } = encodeCoordinates(zeros, dim);
  expect(decodeCodes(codes, fine, dim).every((x) => x === 0)).toBe(true);
});

test('rows that are not whole are refused', () => {
  const { codeBytes, fineBytes } = codeSizes(dim);
  const decode = (c: number, f: number) => () => decodeCodes(new Uint8Array(c), new Uint8Array(f), dim);
  expect(decode(codeBytes + 1, fineBytes)).toThrow('Codes and finer planes');
  expect(decode(2 * codeBytes, fineBytes)).toThrow('Codes and finer planes');
  expect(decode(0, 0)()).toEqual(new Float32Array());
});
