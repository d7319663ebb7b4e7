import { expect, test } from 'vitest';
import { multiplySparse, rowsAt, type SparseRows, transposed } from './sparse';

/** [[0, 2, 0], [], [1, 0, 3]] with the second row empty. */
const matrix: SparseRows = {
  starts: Uint32Array.of(0, 1, 1, 3),
  columns: Uint32Array.of(1, 0, 2),
  values: Float32Array.of(2, 1, 3),
};

test('a product adds up the rows that a sparse row names', () => {
  const dense = Float32Array.of(1, 10, 2, 20, 3, 30);
  const out = multiplySparse(matrix, dense, 2, new Float32Array(6).fill(9));
  expect([...out]).toEqual([4, 40, 0, 0, 10, 100]);
});

test('a transposed matrix has its columns as rows, and twice transposed it is itself', () => {
  const across = transposed(matrix, 3);
  expect([...across.starts]).toEqual([0, 1, 2, 3]);
  expect([...across.columns]).toEqual([2, 0, 2]);
  expect([...across.values]).toEqual([1, 2, 3]);
  expect(transposed(across, 3)).toEqual(matrix);
});

test('rows are picked in the order named', () => {
  expect(rowsAt(matrix, Uint32Array.of(2, 1, 0))).toEqual({
    starts: Uint32Array.of(0, 2, 2, 3),
    columns: Uint32Array.of(0, 2, 1),
    values: Float32Array.of(1, 3, 2),
  });
});
