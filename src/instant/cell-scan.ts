/**
 * What meaning says to a query without a model: which cells to fetch, and the cosines of the pages in them.
 * In: the query's vector, the leading pages by words, then cells. Out: numbers of cells, best first; a score for each page.
 * The leading pages lend words their company: their cells are fetched, and the query moves towards them (Rocchio 1971), by
 * centroids before the codes are there. Source for the first: Yang et al., CluSD, 2024, without its model.
 * Deliberately not here: estimates for pages whose cells were not fetched, by which no list became better.
 */
import { addLevels, levelBytes } from '../codes/levels';
import { rangeOf } from '../search/layout';
import type { Cell, InstantMeaning } from '../segment/instant-shape';
import type { MeaningScores } from './rank-pages';

/** Cells fetched for a query. Fewer find less, more cost 3 KB each. */
const cellsFetched = 8;
/** A site of no more cells has all of them fetched, once: later queries need none. */
const allCells = 20;
/** Of the leading pages’ mean, beside the query’s 1. Twice as much helps proxies made from links and harms questions. */
const feedback = 0.125;

export interface CellScores extends MeaningScores {
  /** Those with codes in the cells scanned. */
  pages: Iterable<number>;
}

/** Shapes: query float32[dim] of length 1. `leading`: pages by words, best first; about three. */
export function chooseCells(
  query: Float32Array,
  { centroids, cellPages, dim }: InstantMeaning,
  leading: readonly number[],
): number[] {
  const cells = Array.from({ length: cellPages.length - 1 }, (_, cell) => cell);
  if (cells.length <= allCells) return cells;
  const centroidOf = (cell: number) => centroids.subarray(cell * dim, (cell + 1) * dim);
  const near = leading.map((page) => rangeOf(cellPages, page));
  const moved = towards(query, near.map(centroidOf));
  const scores = cells.map((cell) => product(moved, centroidOf(cell)));
  cells.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return [...new Set([...near, ...cells])].slice(0, cellsFetched);
}

/** `cells` by number. Shapes: query float32[dim] of length 1. Cost: dim multiplications and additions for each entry. */
export function scanCells(
  query: Float32Array,
  cells: ReadonlyMap<number, Cell>,
  { dim, bits, mean, spread, cellPages }: InstantMeaning,
  leading: readonly number[],
): CellScores {
  const size = levelBytes(dim, bits);
  /** Less the corpus's mean. */
  const vectorOf = ({ codes, lengths }: Cell, i: number) => {
    const vector = new Float32Array(dim);
    addLevels(codes.subarray(i * size, (i + 1) * size), lengths[i]!, spread, bits, vector);
    return vector;
  };
  const firsts = leading.flatMap((page) => {
    const cell = cells.get(rangeOf(cellPages, page));
    // Entries of a page stand in order, and its first one in this cell.
    const i = cell?.pages.indexOf(page) ?? -1;
    return cell && i >= 0 ? [vectorOf(cell, i)] : [];
  });
  const moved = towards(query, firsts);
  const average = product(moved, mean);
  const best = new Map<number, { score: number; passage: number }>();
  for (const cell of cells.values()) {
    for (const [i, page] of cell.pages.entries()) {
      const score = average + product(moved, vectorOf(cell, i));
      const known = best.get(page);
      if (!known || score > known.score) best.set(page, { score, passage: cell.passages[i]! });
    }
  }
  return { pages: best.keys(), mean: average, exact: (page) => best.get(page) };
}

/** The query, moved by a share of the vectors' mean, of length 1 again. */
function towards(query: Float32Array, vectors: readonly Float32Array[]): Float32Array {
  const moved = query.map((x, d) =>
    vectors.reduce((sum, vector) => sum + (feedback * vector[d]!) / vectors.length, x),
  );
  const length = Math.sqrt(product(moved, moved));
  return length > 0 ? moved.map((x) => x / length) : moved;
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}
