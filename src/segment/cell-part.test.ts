import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorOf, levelBytes } from '../codes/levels';
import { FormatError } from '../errors';
import { decodeCell, encodeCell } from './cell-part';
import type { Cell } from './instant-shape';

const dim = 16;

/** A cell of entries with these pages, steps from one to the next. */
function cellOf(steps: readonly number[], bits: number): Cell {
  let page = 0;
  return {
    pages: Uint32Array.from(steps, (step) => {
      page += step;
      return page;
    }),
    passages: Uint8Array.from(steps, (_, i) => i % 256),
    lengths: Float32Array.from(steps, (step) => factorOf(step % 256)),
    codes: Uint8Array.from({ length: steps.length * levelBytes(dim, bits) }, (_, i) => (i * 37) % 256),
  };
}

describe('a cells part', () => {
  it.each([1, 2])('comes back as it was written, with %i bits a dimension', (bits) => {
    fc.assert(
      fc.property(fc.array(fc.nat(70_000), { maxLength: 300 }), (steps) => {
        const cell = cellOf(steps, bits);
        expect(decodeCell(encodeCell(cell), dim, bits, 'c')).toEqual(cell);
      }),
      { numRuns: 50 },
    );
  });

  it('costs three bytes and its code for an entry', () => {
    const near = Array.from({ length: 100 }, (_, i) => i % 3);
    expect(encodeCell(cellOf(near, 2))).toHaveLength(1 + 100 * (3 + levelBytes(dim, 2)));
  });

  it('cut short or made longer is corrupt', () => {
    const bytes = encodeCell(cellOf([3, 0, 200, 1], 2));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeCell(bytes.subarray(0, length), dim, 2, 'c')).toThrow(FormatError);
    expect(() => decodeCell(new Uint8Array([...bytes, 1]), dim, 2, 'c')).toThrow(FormatError);
  });

  it('that claims four billion entries asks for no memory', () => {
    expect(() => decodeCell(Uint8Array.of(255, 255, 255, 255, 15, 1), dim, 2, 'c')).toThrow(FormatError);
  });

  it('whose pages go on for ever is corrupt', () => {
    const bytes = encodeCell(cellOf([0xffffffff], 2));
    const two = encodeCell(cellOf([0xffffffff, 0], 2));
    // The second step becomes 1.
    two[1 + 5] = 1;
    expect(decodeCell(bytes, dim, 2, 'c').pages[0]).toBe(0xffffffff);
    expect(() => decodeCell(two, dim, 2, 'c')).toThrow(FormatError);
  });
});
