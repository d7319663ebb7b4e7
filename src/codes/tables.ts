/**
 * A query's tables for scanning: its distance from a document's bits with every component weighed, not counted.
 * In: a QueryCode. Out: the query of a scan by the measure `tables`.
 * A document's bits stand for signs s (or for the levels 2s + b of two planes) along each axis, so the product with the
 * query differs between documents only by Σ |q| over the axes whose s differs from the query's sign, plus half as much
 * where b does. That weighted Hamming distance keeps the order of the product and needs no float at scanning.
 * The int8 coordinates are used rather than the floats they came from: whole numbers give the same table everywhere.
 * Source: Gordo & Perronnin, Asymmetric distances for binary embeddings, CVPR 2011; the table per half byte as in
 * Andre et al., Cache locality is not enough, VLDB 2015.
 */
import { maxEntry } from '../kernels/kernel';
import { bitMask, isSet, signBytes } from './binary';
import type { QueryCode } from './query';

/** Components that share a table: half a byte. */
const width = 4;
const entries = 2 ** width;

/**
 * For every half byte of a row and each of its 16 values the weight of the bits that differ from the query, in steps of
 * which the heaviest half byte has 31. Bits beyond dim weigh nothing; a query of zeros gives zeros.
 * Shapes: u8[codeBytes × planes × 32]. A row of two planes is the code, then the plane below it, padded like the code.
 */
export function scanTables(query: Pick<QueryCode, 'direction'>, planes: 1 | 2): Uint8Array {
  const { direction } = query;
  const sums = new Uint16Array(signBytes(direction.length) * planes * 2 * entries);
  const planeLength = sums.length / planes;
  for (let plane = 0; plane < planes; plane++) {
    const planeWeight = 2 ** (planes - 1 - plane);
    for (let i = 0; i < direction.length; i++) {
      const weight = planeWeight * Math.abs(direction[i]!);
      // Within a half byte the order of bits is that of the lower half.
      const mask = bitMask(width + (i % width));
      const expected = isSet(direction[i]!) ? mask : 0;
      const table = plane * planeLength + Math.floor(i / width) * entries;
      for (let value = 0; value < entries; value++) {
        if ((value & mask) !== expected) sums[table + value]! += weight;
      }
    }
  }
  const largest = sums.reduce((a, b) => Math.max(a, b), 0) || 1;
  return Uint8Array.from(sums, (sum) => Math.round((sum * maxEntry) / largest));
}
