/**
 * The little linear algebra that coding needs: products with a transposed matrix, an inverse, the polar factor.
 * In: row-major arrays. Out: row-major arrays.
 * Every sum runs over ascending indices in double precision and nothing but + - × ÷ √ is used, so that results are equal
 * bit for bit in every engine: documents are coded in one place, queries in another.
 */

/**
 * A · Bᵀ. Shapes: a [n × dim], b [m × dim] → `out` [n × m]; m even.
 * Cost: n · m · dim multiplications, about 2 per nanosecond.
 */
export function multiplyTransposed<T extends Float32Array | Float64Array>(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  dim: number,
  out: T,
): T {
  const n = a.length / dim;
  const m = b.length / dim;
  // Four rows by two: eight sums fit the registers, and each number loaded is used more than once.
  for (let i = 0; i < n; i += 4) {
    // The last block repeats the last row rather than having a loop of its own.
    const i1 = Math.min(i + 1, n - 1);
    const i2 = Math.min(i + 2, n - 1);
    const i3 = Math.min(i + 3, n - 1);
    const a0 = i * dim;
    const a1 = i1 * dim;
    const a2 = i2 * dim;
    const a3 = i3 * dim;
    for (let j = 0; j < m; j += 2) {
      const b0 = j * dim;
      const b1 = b0 + dim;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      let s20 = 0;
      let s21 = 0;
      let s30 = 0;
      let s31 = 0;
      for (let k = 0; k < dim; k++) {
        const x0 = a[a0 + k]!;
        const x1 = a[a1 + k]!;
        const x2 = a[a2 + k]!;
        const x3 = a[a3 + k]!;
        const y0 = b[b0 + k]!;
        const y1 = b[b1 + k]!;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s20 += x2 * y0;
        s21 += x2 * y1;
        s30 += x3 * y0;
        s31 += x3 * y1;
      }
      out[i * m + j] = s00;
      out[i * m + j + 1] = s01;
      out[i1 * m + j] = s10;
      out[i1 * m + j + 1] = s11;
      out[i2 * m + j] = s20;
      out[i2 * m + j + 1] = s21;
      out[i3 * m + j] = s30;
      out[i3 * m + j + 1] = s31;
    }
  }
  return out;
}

/**
 * The orthogonal matrix nearest to M: U · Vᵀ of its singular value decomposition, by the scaled Newton iteration
 * X ← (γX + (γX)⁻ᵀ) / 2. Null when M is singular. Source: Higham, Computing the polar decomposition, 1986.
 * Cost: about 6 inverses.
 */
export function polarFactor(m: Float64Array, dim: number): Float64Array | null {
  let x = m;
  for (let step = 0; step < 30; step++) {
    const inverse = invert(x, dim);
    if (!inverse) return null;
    // γ balances X and its inverse, which makes the first steps as long as the last ones.
    const gamma = Math.sqrt(Math.sqrt(normProduct(inverse, dim) / normProduct(x, dim)));
    const next = new Float64Array(dim * dim);
    let change = 0;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        const value = (gamma * x[i * dim + j]! + inverse[j * dim + i]! / gamma) / 2;
        change = Math.max(change, Math.abs(value - x[i * dim + j]!));
        next[i * dim + j] = value;
      }
    }
    x = next;
    // The iteration converges quadratically: the next change would be about this one's square.
    if (change < 1e-3) break;
  }
  return x;
}

/** Largest row sum times largest column sum of the absolute values: an estimate of the squared 2-norm. */
function normProduct(x: Float64Array, dim: number): number {
  let largestRow = 0;
  const columns = new Float64Array(dim);
  for (let i = 0; i < dim; i++) {
    let row = 0;
    for (let j = 0; j < dim; j++) {
      const size = Math.abs(x[i * dim + j]!);
      row += size;
      columns[j]! += size;
    }
    largestRow = Math.max(largestRow, row);
  }
  return largestRow * columns.reduce((a, b) => Math.max(a, b), 0);
}

/** Gauss–Jordan inverse with partial pivoting; null when a pivot vanishes. Shapes: dim a multiple of 4. Cost: dim³. */
function invert(m: Float64Array, dim: number): Float64Array | null {
  const x = m.slice();
  const swaps = new Int32Array(dim);
  for (let p = 0; p < dim; p++) {
    let largest = p;
    for (let i = p + 1; i < dim; i++) {
      if (Math.abs(x[i * dim + p]!) > Math.abs(x[largest * dim + p]!)) largest = i;
    }
    swaps[p] = largest;
    if (largest !== p) swapRows(x, dim, p, largest);
    const value = x[p * dim + p]!;
    if (!(Math.abs(value) > 0)) return null;
    x[p * dim + p] = 1;
    const pivot = x.slice(p * dim, (p + 1) * dim).map((y) => y / value);
    eliminate(x, dim, p, pivot);
  }
  for (let p = dim - 1; p >= 0; p--) if (swaps[p] !== p) swapColumns(x, dim, p, swaps[p]!);
  return x;
}

/** Subtracts from every row the multiple of the pivot row that clears column p, and puts the pivot row in its place. */
function eliminate(x: Float64Array, dim: number, p: number, pivot: Float64Array): void {
  // Four rows at a time, so that each number of the pivot row is loaded once for four uses.
  for (let a = 0; a < x.length; a += 4 * dim) {
    const b = a + dim;
    const c = b + dim;
    const d = c + dim;
    const xa = x[a + p]!;
    const xb = x[b + p]!;
    const xc = x[c + p]!;
    const xd = x[d + p]!;
    x[a + p] = 0;
    x[b + p] = 0;
    x[c + p] = 0;
    x[d + p] = 0;
    for (let j = 0; j < dim; j++) {
      const y = pivot[j]!;
      x[a + j]! -= xa * y;
      x[b + j]! -= xb * y;
      x[c + j]! -= xc * y;
      x[d + j]! -= xd * y;
    }
  }
  // The loop went over the pivot row too, which is cheaper than going around it.
  x.set(pivot, p * dim);
}

function swapRows(x: Float64Array, dim: number, a: number, b: number): void {
  const row = x.slice(a * dim, (a + 1) * dim);
  x.copyWithin(a * dim, b * dim, (b + 1) * dim);
  x.set(row, b * dim);
}

function swapColumns(x: Float64Array, dim: number, a: number, b: number): void {
  for (let at = 0; at < x.length; at += dim) {
    const value = x[at + a]!;
    x[at + a] = x[at + b]!;
    x[at + b] = value;
  }
}
