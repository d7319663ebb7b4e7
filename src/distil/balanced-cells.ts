/**
 * Cuts vectors into cells of about equal size, so that each cell costs a reader about the same.
 * In: vectors. Out: a centroid for each cell, and the cell of each vector.
 * Spherical k-means, then rounds in which full cells ask a price: the dual of the transport problem, by ascent. What is still
 * too many after that moves where it loses least. Source: Zhan et al., RepCONC, WSDM 2022 (evenly used centroids by optimal
 * transport; Sinkhorn there, prices here, which need one table of products a round); Bertsekas, The auction algorithm, 1988.
 * Cells are numbered so that neighbours are alike: hosts without Range send a cell's neighbours with it.
 */
import { multiplyTransposed } from '../codes/matrix';
import { seededRandom, shuffled } from './random';

/** Vectors to a cell. Smaller ones find more for the same bytes, until the centroids of all of them cost what they save. */
const cellSize = 96;
/** Largest cell, in units of the mean. */
const mostLoad = 1.25;

/** Vectors of the first rounds. */
const sampleVectors = 8000;
const sampleRounds = 8;
const balancedRounds = 3;
/** Steps in which prices settle, within a round. */
const priceSteps = 40;
/** First step of a price (a difference of cosines) for a cell with twice its share; each later one is shorter. */
const priceStep = 0.03;
const priceDecay = 0.93;
/** Prices are settled when no cell is fuller. */
const settledLoad = 1.15;

export interface BalancedCells {
  /** Of length 1. Shapes: float32[cells × dim]. */
  centroids: Float32Array;
  /** Cell of each vector. Shapes: u32[n]. */
  cellOf: Uint32Array;
}

/**
 * Cells of about `size` vectors; of two or more none is empty, or has more than 1.25 times the mean. The same vectors give the same cells.
 * Shapes: vectors float32[n × dim]. Cost: n · cells · dim · 4 multiplications; n · cells floats of memory.
 */
export function balancedCells(vectors: Float32Array, dim: number, size = cellSize): BalancedCells {
  const n = vectors.length / dim;
  const rows = directions(vectors, dim);
  // Even, as products of matrices are.
  const cells = Math.max(1, 2 * Math.round(n / size / 2));
  const cellOf = new Uint32Array(n);
  if (cells === 1) return { centroids: meanDirections(rows, dim, cellOf, new Float32Array(dim)), cellOf };
  const sample = sampleOf(rows, dim, cells);
  let centroids: Float32Array = sample.slice(0, cells * dim);
  for (let round = 0; round < sampleRounds; round++)
    centroids = meanDirections(sample, dim, nearest(products(sample, centroids, dim), cells), centroids);
  const prices = new Float64Array(cells);
  const most = Math.max(Math.ceil(n / cells), Math.floor((mostLoad * n) / cells));
  let assigned: Uint32Array = cellOf;
  for (let round = 0; round < balancedRounds; round++) {
    const table = products(rows, centroids, dim);
    settlePrices(table, prices, n);
    assigned = nearest(table, cells, prices);
    moveOverflow(table, prices, assigned, most);
    centroids = meanDirections(rows, dim, assigned, centroids);
  }
  return renumbered({ centroids, cellOf: assigned }, dim);
}

/** Rows of length 1; zeros stay. */
function directions(vectors: Float32Array, dim: number): Float32Array {
  const rows = vectors.slice();
  for (let at = 0; at < rows.length; at += dim) {
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += rows[at + d]! ** 2;
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let d = 0; d < dim; d++) rows[at + d]! *= factor;
  }
  return rows;
}

/** Rows in a random order, `cells` of them at least. */
function sampleOf(rows: Float32Array, dim: number, cells: number): Float32Array {
  const n = rows.length / dim;
  const order = shuffled([...new Uint32Array(n).keys()], seededRandom(1));
  const chosen = order.slice(0, Math.max(cells, sampleVectors));
  const sample = new Float32Array(chosen.length * dim);
  for (const [i, row] of chosen.entries()) sample.set(rows.subarray(row * dim, (row + 1) * dim), i * dim);
  return sample;
}

function products(rows: Float32Array, centroids: Float32Array, dim: number): Float32Array {
  const cells = centroids.length / dim;
  return multiplyTransposed(rows, centroids, dim, new Float32Array((rows.length / dim) * cells));
}

/** The cell with the highest product less its price; the lower number where two are equal. */
function nearest(
  table: Float32Array,
  cells: number,
  prices: Float64Array = new Float64Array(cells),
): Uint32Array {
  const cellOf = new Uint32Array(table.length / cells);
  for (let i = 0, at = 0; i < cellOf.length; i++, at += cells) {
    let best = 0;
    let most = table[at]! - prices[0]!;
    for (let cell = 1; cell < cells; cell++) {
      const worth = table[at + cell]! - prices[cell]!;
      if (worth > most) {
        most = worth;
        best = cell;
      }
    }
    cellOf[i] = best;
  }
  return cellOf;
}

/** An empty cell keeps its centroid. */
function meanDirections(
  rows: Float32Array,
  dim: number,
  cellOf: Uint32Array,
  before: Float32Array,
): Float32Array {
  const sums = new Float32Array(before.length);
  for (let i = 0; i < cellOf.length; i++) {
    const sum = cellOf[i]! * dim;
    for (let d = 0; d < dim; d++) sums[sum + d]! += rows[i * dim + d]!;
  }
  const means = directions(sums, dim);
  for (let at = 0; at < means.length; at += dim)
    if (means.subarray(at, at + dim).every((x) => x === 0)) means.set(before.subarray(at, at + dim), at);
  return means;
}

function sizesOf(cellOf: Uint32Array, cells: number): Uint32Array {
  const sizes = new Uint32Array(cells);
  for (const cell of cellOf) sizes[cell]!++;
  return sizes;
}

/** Raises prices of full cells and lowers those of empty ones, in place. */
function settlePrices(table: Float32Array, prices: Float64Array, n: number): void {
  const share = n / prices.length;
  let step = priceStep;
  for (let i = 0; i < priceSteps; i++, step *= priceDecay) {
    const sizes = sizesOf(nearest(table, prices.length, prices), prices.length);
    if (sizes.every((size) => size <= settledLoad * share)) return;
    for (let cell = 0; cell < prices.length; cell++)
      prices[cell]! += step * Math.min(2, sizes[cell]! / share - 1);
  }
}

/** Leaves no cell with more than `most`: of what is too many, those move that lose least. In place. */
function moveOverflow(table: Float32Array, prices: Float64Array, cellOf: Uint32Array, most: number): void {
  const cells = prices.length;
  const sizes = sizesOf(cellOf, cells);
  const worth = (i: number, cell: number) => table[i * cells + cell]! - prices[cell]!;
  const elsewhere = (i: number) => {
    let best = -1;
    for (let cell = 0; cell < cells; cell++)
      if (sizes[cell]! < most && (best < 0 || worth(i, cell) > worth(i, best))) best = cell;
    return best;
  };
  for (let full = 0; full < cells; full++) {
    if (sizes[full]! <= most) continue;
    const members: { i: number; loss: number }[] = [];
    for (let i = 0; i < cellOf.length; i++)
      if (cellOf[i] === full) members.push({ i, loss: worth(i, full) - worth(i, elsewhere(i)) });
    members.sort((a, b) => a.loss - b.loss || a.i - b.i);
    for (const { i } of members.slice(0, sizes[full]! - most)) {
      // Asked again: the cell that was best may be full by now.
      const cell = elsewhere(i);
      cellOf[i] = cell;
      sizes[cell]!++;
      sizes[full]!--;
    }
  }
}

/** Each cell is followed by the one most like it of those left. Where most vectors are equal cells stay empty: they go. */
function renumbered({ centroids, cellOf }: BalancedCells, dim: number): BalancedCells {
  const cells = centroids.length / dim;
  const table = products(centroids, centroids, dim);
  const left = new Set(cellOf);
  const order: number[] = [];
  const numbers = new Uint32Array(cells);
  for (let cell: number | undefined = cellOf[0]; cell !== undefined; ) {
    left.delete(cell);
    numbers[cell] = order.length;
    order.push(cell);
    let next: number | undefined;
    for (const other of left)
      if (next === undefined || table[cell * cells + other]! > table[cell * cells + next]!) next = other;
    cell = next;
  }
  const sorted = new Float32Array(order.length * dim);
  for (const [number, cell] of order.entries())
    sorted.set(centroids.subarray(cell * dim, (cell + 1) * dim), number * dim);
  return { centroids: sorted, cellOf: cellOf.map((cell) => numbers[cell]!) };
}
