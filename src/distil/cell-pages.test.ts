import { describe, expect, it } from 'vitest';
import { makeCells, orderPages } from './cell-pages';

describe('orderPages', () => {
  it('goes by the cell of the first passage, and within it by the order of the pages', () => {
    // Pages of 2, 1, 1 and 2 passages, with codes in cells 1 0 | 0 | 1 | 0 2.
    const entries = Uint32Array.of(0, 1, 2, 3, 4, 5);
    const order = orderPages(entries, Uint32Array.of(1, 0, 0, 1, 0, 2), Uint32Array.of(0, 2, 3, 4, 6), 3);
    expect([...order.pages]).toEqual([1, 3, 0, 2]);
    expect([...order.numbers]).toEqual([2, 0, 3, 1]);
    expect([...order.cellPages]).toEqual([0, 2, 4, 4]);
  });

  it('puts pages without passages last', () => {
    const order = orderPages(Uint32Array.of(0, 1), Uint32Array.of(1, 0), Uint32Array.of(0, 0, 1, 1, 2, 2), 2);
    expect([...order.pages]).toEqual([3, 1, 0, 2, 4]);
    expect([...order.cellPages]).toEqual([0, 1, 5]);
  });
});

describe('makeCells', () => {
  it('lists entries by page and by place among those coded', () => {
    // A page of 4 passages of which 3 are coded, then one of 2.
    const entries = Uint32Array.of(0, 2, 3, 4, 5);
    const cellOf = Uint32Array.of(1, 0, 1, 0, 1);
    const pageStart = Uint32Array.of(0, 4, 6);
    const order = orderPages(entries, cellOf, pageStart, 2);
    const codes = Uint8Array.of(10, 11, 20, 21, 30, 31, 40, 41, 50, 51);
    const cells = makeCells(
      { entries, cellOf, codes, lengths: Float32Array.of(1, 2, 3, 4, 5) },
      pageStart,
      order,
      8,
      2,
    );
    expect(cells).toEqual([
      {
        pages: Uint32Array.of(0, 1),
        passages: Uint8Array.of(0, 1),
        codes: Uint8Array.of(40, 41, 20, 21),
        lengths: Float32Array.of(4, 2),
      },
      {
        pages: Uint32Array.of(0, 1, 1),
        passages: Uint8Array.of(1, 0, 2),
        codes: Uint8Array.of(50, 51, 10, 11, 30, 31),
        lengths: Float32Array.of(5, 1, 3),
      },
    ]);
  });
});
