import { describe, expect, it } from 'vitest';
import { maxEntry } from '../kernels/kernel';
import { fitFrame } from './fit';
import type { Frame } from './frame';
import { codeSizes, encodeCodes } from './planes';
import { encodeQuery } from './query';
import { clusteredUnits, dot } from './synthetic.suite';
import { scanTables } from './tables';

/** What a kernel sums: one entry per half byte of a row, the high half first. */
function tableDistance(tables: Uint8Array, row: Uint8Array): number {
  let distance = 0;
  for (const [i, byte] of row.entries())
    distance += tables[i * 32 + (byte >> 4)]! + tables[i * 32 + 16 + (byte & 15)]!;
  return distance;
}

/** Rows as scanTables expects them: the code, and for two planes the next plane padded to the code's length. */
function rowsOf(frame: Frame, embeddings: Float32Array, planes: 1 | 2): Uint8Array[] {
  const { codeBytes, fineBytes } = codeSizes(frame.dim);
  const { codes, fine } = encodeCodes(frame, embeddings);
  return Array.from({ length: codes.length / codeBytes }, (_, i) => {
    const row = new Uint8Array(codeBytes * planes);
    row.set(codes.subarray(i * codeBytes, (i + 1) * codeBytes));
    if (planes === 2) row.set(fine.subarray(i * fineBytes, i * fineBytes + frame.dim / 8), codeBytes);
    return row;
  });
}

/** A frame that changes nothing, so that a query's coordinates are its components. */
function plainFrame(dim: number): Frame {
  const rotation = Float32Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0));
  return { dim, mean: new Float32Array(dim), rotation, kind: 'random' };
}

function isSetAt(row: Uint8Array, bit: number): boolean {
  return ((row[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1;
}

/** The k lowest, ties to the lower ordinal. */
function lowest(distances: readonly number[], k: number): number[] {
  return distances
    .map((distance, ordinal) => ({ distance, ordinal }))
    .sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal)
    .slice(0, k)
    .map(({ ordinal }) => ordinal);
}

describe('tables of a query', () => {
  // By hand: int8 coordinates 127, -64, 32, 0 | 0, 0, -127, 0. The first half byte weighs at most 223, which becomes 31.
  const query = encodeQuery(plainFrame(8), Float32Array.of(1, -64 / 127, 32 / 127, 0, 0, 0, -1, 0));
  const entry = (tables: Uint8Array, plane: number, half: number, value: number) =>
    tables[plane * 8 * 32 + half * 16 + value];

  it('weigh the bits of a half byte that differ from the query, the first component in the highest bit', () => {
    const tables = scanTables(query, 1);
    expect(tables).toHaveLength(codeSizes(8).codeBytes * 32);
    // Expected signs 1 0 1 x: nothing differs in 1010 and 1011, everything that counts in 0100.
    expect(entry(tables, 0, 0, 0b1010)).toBe(0);
    expect(entry(tables, 0, 0, 0b1011)).toBe(0);
    expect(entry(tables, 0, 0, 0b0100)).toBe(maxEntry);
    expect(entry(tables, 0, 0, 0b0010)).toBe(Math.round((127 * 31) / 223));
    expect(entry(tables, 0, 0, 0b1110)).toBe(Math.round((64 * 31) / 223));
    expect(entry(tables, 0, 0, 0b1000)).toBe(Math.round((32 * 31) / 223));
    // In the second half only the third component counts, and it should be 0.
    expect(entry(tables, 0, 1, 0b1101)).toBe(0);
    expect(entry(tables, 0, 1, 0b0010)).toBe(Math.round((127 * 31) / 223));
  });

  it('weigh a second plane half as much', () => {
    const tables = scanTables(query, 2);
    expect(tables).toHaveLength(2 * codeSizes(8).codeBytes * 32);
    expect(entry(tables, 0, 0, 0b0100)).toBe(maxEntry);
    expect(entry(tables, 1, 0, 0b0100)).toBe(Math.round(31 / 2));
    expect(entry(tables, 1, 0, 0b1010)).toBe(0);
  });

  it('take half of the mean from the query, so that nearness to the mean neither helps nor harms', () => {
    const mean = Float32Array.of(1, 0, 1, 0, 0, 0, 0, 0);
    const asked = encodeQuery({ ...plainFrame(8), mean }, Float32Array.of(1, 1, 0, 0, 0, 0, 0, 0));
    // The coordinates .5, 1, -.5: the sign of the third is the centred query's, the first weighs half of the second.
    const tables = scanTables(asked, 1);
    expect(entry(tables, 0, 0, 0b1100)).toBe(0);
    expect(entry(tables, 0, 0, 0b0010)).toBe(maxEntry);
    expect(entry(tables, 0, 0, 0b0100)).toBe(Math.round((64 * 31) / 255));
    expect(entry(tables, 0, 0, 0b1110)).toBe(Math.round((64 * 31) / 255));
    // A scan by Hamming distance asks for the signs of the whole difference: 0, 1, -1.
    expect(asked.code[0]).toBe(0b0100_0000);
  });

  it('take bits beyond dim for nothing', () => {
    for (const planes of [1, 2] as const) {
      const tables = scanTables(query, planes);
      for (let plane = 0; plane < planes; plane++) {
        const padding = tables.subarray((plane * 8 + 1) * 32, (plane + 1) * 8 * 32);
        expect(padding.every((x) => x === 0)).toBe(true);
      }
    }
  });

  it('of a query of zeros find no difference anywhere', () => {
    const zeros = encodeQuery(plainFrame(64), new Float32Array(64));
    expect(scanTables(zeros, 2)).toEqual(new Uint8Array(8 * 2 * 32));
  });

  it('are equal for a query and its double, since only directions are compared', () => {
    const dim = 96;
    const frame = plainFrame(dim);
    const q = clusteredUnits(1, dim, 5);
    const doubled = q.map((x) => 2 * x);
    expect(scanTables(encodeQuery(frame, doubled), 1)).toEqual(scanTables(encodeQuery(frame, q), 1));
  });
});

describe('the order by tables', () => {
  for (const dim of [128, 384]) {
    const n = 2000;
    const queries = 20;
    const all = clusteredUnits(n + queries, dim, 21);
    const documents = all.slice(0, n * dim);
    const frame = fitFrame(documents.slice(0, 900 * dim), dim);
    const rows = { 1: rowsOf(frame, documents, 1), 2: rowsOf(frame, documents, 2) };
    const coded = Array.from({ length: queries }, (_, i) =>
      encodeQuery(frame, all.slice((n + i) * dim, (n + i + 1) * dim)),
    );

    const nearest = Array.from({ length: queries }, (_, q) => {
      const distances = rows[1].map((_, d) => -dot(all, (n + q) * dim, documents, d * dim, dim));
      return new Set(lowest(distances, 100));
    });

    /** Share of the 100 nearest embeddings that are among the 100 lowest distances, over all queries. */
    function recall(distancesOf: (q: number) => number[]): number {
      const found = nearest.map((best, q) => lowest(distancesOf(q), 100).filter((d) => best.has(d)).length);
      return found.reduce((a, b) => a + b) / 100 / queries;
    }

    const byTables = (planes: 1 | 2) => (q: number) => {
      const tables = scanTables(coded[q]!, planes);
      return rows[planes].map((row) => tableDistance(tables, row));
    };
    const byHamming = (q: number) =>
      rows[1].map((row) => {
        let distance = 0;
        for (const [i, byte] of row.entries()) {
          for (let rest = byte ^ coded[q]!.code[i]!; rest > 0; rest &= rest - 1) distance++;
        }
        return distance;
      });
    /** Without rounding to 31 steps: the product of the float query's coordinates with signs or two-bit levels. */
    const byProduct = (planes: 1 | 2) => (q: number) => {
      const { direction } = coded[q]!;
      const codeBytes = rows[1][0]!.length;
      return rows[planes].map((row) => {
        let product = 0;
        for (let j = 0; j < dim; j++) {
          for (let plane = 0; plane < planes; plane++) {
            const isSet = isSetAt(row, plane * codeBytes * 8 + j);
            if (isSet) product += direction[j]! * 2 ** (planes - 1 - plane);
          }
        }
        return -product;
      });
    };

    it(`keeps more of the 100 nearest embeddings than Hamming distance, and two planes still more, dim ${dim}`, () => {
      const hamming = recall(byHamming);
      const one = recall(byTables(1));
      const two = recall(byTables(2));
      expect(one).toBeGreaterThan(hamming + 0.1);
      expect(two).toBeGreaterThan(one + 0.05);
    });

    it(`loses at most .015 of them by counting in 31 steps, dim ${dim}`, () => {
      for (const planes of [1, 2] as const) {
        expect(recall(byTables(planes))).toBeGreaterThan(recall(byProduct(planes)) - 0.015);
      }
    });
  }
});
