/**
 * Pages in the order of their cells, so that what is alike lies together in every pack.
 * In: the cell of each coded passage. Out: new numbers of the pages, and the cells to write.
 */
import { levelBytes } from '../codes/levels';
import type { Cell } from '../segment/instant-shape';

export interface PageOrder {
  /** The page of each new number. Shapes: u32[pages]. */
  pages: Uint32Array;
  /** The new number of each page. Shapes: u32[pages]. */
  numbers: Uint32Array;
  /** First page of each cell, then the number of pages. Shapes: u32[cells + 1]. */
  cellPages: Uint32Array;
}

/**
 * By the cell of a page's first passage; within a cell pages stay in their order, since neighbours are often alike. Pages
 * without passages come last, in the last cell.
 * Shapes: entries u32[n] ascending, with the first passage of each page; cellOf u32[n]; pageStart u32[pages + 1].
 */
export function orderPages(
  entries: Uint32Array,
  cellOf: Uint32Array,
  pageStart: Uint32Array,
  cells: number,
): PageOrder {
  const n = pageStart.length - 1;
  const ofPage = new Uint32Array(n).fill(cells);
  for (const [i, page] of pagesOf(entries, pageStart).entries())
    if (entries[i] === pageStart[page]) ofPage[page] = cellOf[i]!;
  const pages = ofPage.map((_, page) => page).sort((a, b) => ofPage[a]! - ofPage[b]! || a - b);
  const numbers = new Uint32Array(n);
  for (const [number, page] of pages.entries()) numbers[page] = number;
  const cellPages = new Uint32Array(cells + 1);
  for (const cell of ofPage) if (cell + 1 < cells) cellPages[cell + 1]!++;
  for (let cell = 1; cell < cells; cell++) cellPages[cell]! += cellPages[cell - 1]!;
  cellPages[cells] = n;
  return { pages, numbers, cellPages };
}

/** What is known of each coded passage. */
export interface CodedEntries {
  /** Ordinals, ascending. Shapes: u32[n]. */
  entries: Uint32Array;
  /** Shapes: u32[n]. */
  cellOf: Uint32Array;
  /** Shapes: u8[n × levelBytes]. */
  codes: Uint8Array;
  /** Shapes: float32[n]. */
  lengths: Float32Array;
}

/** Cells as they are written, in order; their entries by page, then by place among the coded passages of it. */
export function makeCells(
  { entries, cellOf, codes, lengths }: CodedEntries,
  pageStart: Uint32Array,
  { numbers, cellPages }: PageOrder,
  dim: number,
  bits: number,
): Cell[] {
  const size = levelBytes(dim, bits);
  const pageOf = pagesOf(entries, pageStart);
  const places = new Uint32Array(entries.length);
  for (let i = 1; i < places.length; i++) places[i] = pageOf[i] === pageOf[i - 1] ? places[i - 1]! + 1 : 0;
  const members: number[][] = Array.from({ length: cellPages.length - 1 }, () => []);
  for (const [i, cell] of cellOf.entries()) members[cell]!.push(i);
  return members.map((list) => {
    list.sort((a, b) => numbers[pageOf[a]!]! - numbers[pageOf[b]!]! || a - b);
    const ofCell = new Uint8Array(list.length * size);
    for (const [k, i] of list.entries()) ofCell.set(codes.subarray(i * size, (i + 1) * size), k * size);
    return {
      pages: Uint32Array.from(list, (i) => numbers[pageOf[i]!]!),
      passages: Uint8Array.from(list, (i) => places[i]!),
      codes: ofCell,
      lengths: Float32Array.from(list, (i) => lengths[i]!),
    };
  });
}

/** Page of each ordinal. */
function pagesOf(entries: Uint32Array, pageStart: Uint32Array): Uint32Array {
  let page = 0;
  return entries.map((ordinal) => {
    while (pageStart[page + 1]! <= ordinal) page++;
    return page;
  });
}
