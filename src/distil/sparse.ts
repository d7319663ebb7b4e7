/**
 * Sparse matrices by rows: which terms a text holds, and with which weights.
 * In and out: typed arrays. Products with dense row-major matrices; sums run in a fixed order, so that results repeat.
 */

/** Row `i` has `values[k]` in column `columns[k]`, k from `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  /** Shapes: u32[rows + 1]. */
  starts: Uint32Array;
  columns: Uint32Array;
  values: Float32Array;
}

export function rowCount({ starts }: SparseRows): number {
  return starts.length - 1;
}

/** x · dense. Shapes: dense f32[columns × dim] → out f32[rows × dim]. Cost: values × dim. */
export function multiplySparse(
  { starts, columns, values }: SparseRows,
  dense: Float32Array,
  dim: number,
  out: Float32Array,
): Float32Array {
  out.fill(0);
  for (let row = 0; row + 1 < starts.length; row++) {
    const to = row * dim;
    for (let k = starts[row]!; k < starts[row + 1]!; k++) {
      const from = columns[k]! * dim;
      const value = values[k]!;
      for (let d = 0; d < dim; d++) out[to + d]! += value * dense[from + d]!;
    }
  }
  return out;
}

/** Columns become rows; within each, in ascending order of what was the row. */
export function transposed({ starts, columns, values }: SparseRows, columnCount: number): SparseRows {
  const ends = new Uint32Array(columnCount + 1);
  for (const column of columns) ends[column + 1]! += 1;
  for (let i = 0; i < columnCount; i++) ends[i + 1]! += ends[i]!;
  const next = ends.slice();
  const rows = new Uint32Array(columns.length);
  const moved = new Float32Array(columns.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let k = starts[row]!; k < starts[row + 1]!; k++) {
      const to = next[columns[k]!]!++;
      rows[to] = row;
      moved[to] = values[k]!;
    }
  }
  return { starts: ends, columns: rows, values: moved };
}

/** Some rows, in the order named. */
export function rowsAt({ starts, columns, values }: SparseRows, chosen: Uint32Array): SparseRows {
  const ends = new Uint32Array(chosen.length + 1);
  for (const [i, row] of chosen.entries()) ends[i + 1] = ends[i]! + starts[row + 1]! - starts[row]!;
  const picked = {
    starts: ends,
    columns: new Uint32Array(ends.at(-1)!),
    values: new Float32Array(ends.at(-1)!),
  };
  for (const [i, row] of chosen.entries()) {
    picked.columns.set(columns.subarray(starts[row]!, starts[row + 1]!), ends[i]!);
    picked.values.set(values.subarray(starts[row]!, starts[row + 1]!), ends[i]!);
  }
  return picked;
}
