import { expect, it } from 'vitest';
import { allowedRows, countBits } from './allowed-rows';

it('keeps no bit beyond the last row, whatever the bitmaps hold there', () => {
  for (const n of [1, 31, 32, 33, 64, 100]) {
    const filter = new Uint32Array(8).fill(0xffffffff);
    const allowed = allowedRows(n, { filter });
    expect(allowed.length).toBe(Math.ceil(n / 32));
    expect(countBits(allowed)).toBe(n);
    expect(countBits(allowedRows(n, {}))).toBe(n);
  }
  expect(countBits(allowedRows(0, {}))).toBe(0);
});

it('takes the tombstones out of the filter', () => {
  const filter = Uint32Array.of(0b1111, 0x80000000);
  const tombstones = Uint32Array.of(0b0110, 0);
  expect([...allowedRows(64, { filter, tombstones })]).toEqual([0b1001, 0x80000000]);
  expect(countBits(allowedRows(64, { tombstones }))).toBe(62);
});
