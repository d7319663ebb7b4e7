import { describe, expect, it } from 'vitest';
import { packPlane, packSigns, signBytes } from './binary';

describe('the sign rule and the bit order', () => {
  it('set a bit for positive components only, the first component in the highest bit', () => {
    // Signs by hand: + 0 - + | + + - -0  then  - + + + | nan - - +, and zeros up to 64 bits.
    const x = [0.5, 0, -1, 2, 1e-30, 3, -4, -0, -1, 1, 1, 1, Number.NaN, -2, -3, 9];
    expect([...packSigns(x)]).toEqual([0b1001_1100, 0b0111_0001, 0, 0, 0, 0, 0, 0]);
  });

  it('pad a code to whole words of 64 bits', () => {
    expect([8, 64, 72, 96, 384, 768, 1024].map(signBytes)).toEqual([8, 8, 16, 16, 48, 96, 128]);
    expect(packSigns(new Float32Array(72).fill(1))).toEqual(
      Uint8Array.from({ length: 16 }, (_, i) => (i < 9 ? 255 : 0)),
    );
  });

  it('pack each plane of levels in the same order', () => {
    const levels = Uint8Array.of(8, 0, 15, 7, 1, 2, 4, 8, 15, 0, 0, 0, 0, 0, 0, 1);
    const rows = [3, 2, 1, 0].map((plane) => {
      const out = new Uint8Array(4);
      packPlane(levels, plane, out, 1);
      return [...out];
    });
    expect(rows).toEqual([
      [0, 0b1010_0001, 0b1000_0000, 0],
      [0, 0b0011_0010, 0b1000_0000, 0],
      [0, 0b0011_0100, 0b1000_0000, 0],
      [0, 0b0011_1000, 0b1000_0001, 0],
    ]);
  });
});
