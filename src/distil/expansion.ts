/**
 * The expansion design: a page is listed under words it does not hold but means, so that a query needs no vectors.
 * In: impacts by term, rows of terms, vectors of pages. Out: impacts with what rows and vectors say added to them.
 * A query's vector is a sum of rows, so its product with a page's is a sum over words: each word's part goes into its list.
 * By term and not by page: the words nearest to a page are the names it defines, and nobody asks with those.
 * Source: after Nogueira et al., "Document expansion by query prediction" (2019).
 */
import { multiplyTransposed } from '../codes/matrix';
import { wordGain } from '../lexical/bm25';
import { isPieceTerm } from '../lexical/postings';
import { impactSteps } from '../segment/word-part';
import { impactOf, type TermImpacts } from './impacts';

export interface ExpansionOptions {
  dim: number;
  /** Of pages by number (`pageVectors`). Shapes: f32[pages × dim]. */
  vectors: Float32Array;
  /** Of terms; null: it has none. Shapes: f32[dim]. */
  rowOf(term: string): Float32Array | null;
  /** Of the index: what gains count. */
  passages: number;
  /** Pages kept of a term. Default 1024. */
  limit?: number;
  /** Pages that a term takes in at most. Default 64: with 256 lists are no better and longer. */
  more?: number;
}

/** Terms of fewer passages are names: people who type them want the pages that hold them. */
const fewestPassages = 10;
/** What a cosine of 1 between a word and a page is worth, in impacts of a word of gain `usualGain`. */
const strength = 0.5;
/** Of a word in a twentieth of all passages. */
const usualGain = 6;
/** Terms multiplied at once; even. */
const batch = 64;

/** Mean direction of each page's passages, less the mean of all pages. Shapes: f32[pages × dim]. */
export function pageVectors(
  entries: Float32Array,
  entryPages: Uint32Array,
  pages: number,
  dim: number,
): Float32Array {
  const vectors = new Float32Array(pages * dim);
  for (const [i, page] of entryPages.entries())
    for (let k = 0; k < dim; k++) vectors[page * dim + k]! += entries[i * dim + k]!;
  const mean = new Float64Array(dim);
  for (let page = 0; page < pages; page++) {
    const vector = vectors.subarray(page * dim, (page + 1) * dim);
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
    for (let k = 0; k < dim; k++) {
      vector[k]! /= length;
      mean[k]! += vector[k]! / pages;
    }
  }
  for (let i = 0; i < vectors.length; i++) vectors[i]! -= mean[i % dim]!;
  return vectors;
}

/** The same terms in the same order. Cost: terms with rows × pages × dim multiplications. */
export function* expandImpacts(
  impacts: Iterable<TermImpacts>,
  options: ExpansionOptions,
): Generator<TermImpacts, void, undefined> {
  const { dim, vectors } = options;
  const pages = vectors.length / dim;
  const rows = new Float32Array(batch * dim);
  const products = new Float32Array(pages * batch);
  let waiting: TermImpacts[] = [];
  let places: (number | null)[] = [];
  let filled = 0;
  const flush = function* () {
    multiplyTransposed(vectors, rows, dim, products);
    for (const [i, entry] of waiting.entries()) {
      const place = places[i]!;
      yield place === null ? entry : expandOne(entry, (page) => products[page * batch + place]!, options);
    }
    waiting = [];
    places = [];
    filled = 0;
    rows.fill(0);
  };
  for (const entry of impacts) {
    const isName = entry.df < fewestPassages || isPieceTerm(entry.term);
    const row = isName ? null : options.rowOf(entry.term);
    if (row) rows.set(unit(row), filled * dim);
    waiting.push(entry);
    places.push(row ? filled++ : null);
    if (filled === batch) yield* flush();
  }
  yield* flush();
}

/** Pages that hold the term gain by what they mean; the `more` nearest others join them. */
function expandOne(
  entry: TermImpacts,
  productOf: (page: number) => number,
  { vectors, dim, passages, limit = 1024, more = 64 }: ExpansionOptions,
): TermImpacts {
  const factor = (strength * usualGain) / wordGain(entry.df, passages);
  const held = new Map([...entry.pages].map((page, i) => [page, i]));
  const listed = [...new Set([...entry.pages, ...nearest(productOf, vectors.length / dim, more)])].map(
    (page) => {
      const at = held.get(page);
      const share = at === undefined ? 0 : entry.impacts[at]! / impactSteps;
      return {
        page,
        impact: impactOf(share + factor * Math.max(0, productOf(page))),
        title: at === undefined ? 0 : entry.titles[at]!,
      };
    },
  );
  const kept = listed
    .sort((a, b) => b.impact - a.impact || a.page - b.page)
    .slice(0, limit)
    .sort((a, b) => a.page - b.page);
  return {
    ...entry,
    pages: Uint32Array.from(kept, ({ page }) => page),
    impacts: Uint8Array.from(kept, ({ impact }) => impact),
    titles: Uint8Array.from(kept, ({ title }) => title),
  };
}

/** The `k` pages with the highest products above 0; of equal ones the lower numbers. */
function nearest(productOf: (page: number) => number, pages: number, k: number): number[] {
  const best: { page: number; product: number }[] = [];
  for (let page = 0; page < pages; page++) {
    const product = productOf(page);
    if (product <= (best.length < k ? 0 : best.at(-1)!.product)) continue;
    let at = best.length;
    while (at > 0 && best[at - 1]!.product < product) at--;
    best.splice(at, 0, { page, product });
    if (best.length > k) best.pop();
  }
  return best.map(({ page }) => page);
}

function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
  return row.map((x) => x / length);
}
