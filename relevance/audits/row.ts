/**
 * What an audit says, and what audits share: judged lists of a collection, samples that do not move, ranks.
 * In: a prepared collection. Out: rows for the table.
 * Nothing here is fitted; a bar that is missed stays in the table as missed.
 */

import { createHash } from 'node:crypto';
import { seededRandom } from '../../src/distil/random';
import { judgedPages } from '../../src/eval/judged-pages';
import { type Grades, type ListMetrics, queryMetrics } from '../../src/eval/metrics';
import type { RankedPage } from '../../src/search/fuse';
import type { Leg } from '../../src/search/rank-by';
import { rankBy } from '../../src/search/rank-by';
import type { StoredPage } from '../../src/types';
import type { Prepared } from '../prepare';

export interface Row {
  name: string;
  value: string;
  /** What was asked for beforehand; empty: a figure without a bar. */
  bar: string;
  /** null: no bar. */
  met: boolean | null;
}

export type Audit = (prepared: Prepared) => Promise<Row[]>;

export const legs: readonly Leg[] = ['lexical', 'vector', 'fused'];

export function figure(name: string, value: number | string): Row {
  return { name, value: shown(value), bar: '', met: null };
}

export function barred(name: string, value: number, bar: string, met: boolean): Row {
  return { name, value: shown(value), bar, met };
}

function shown(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return value.toFixed(3);
}

/** A seed that depends on the text alone. */
export function seedOf(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 8), 16);
}

/** Numbers that depend on the text alone. */
export function randomOf(text: string): () => number {
  return seededRandom(seedOf(text));
}

/** One judged query and what each leg makes of it. */
export interface Judged {
  text: string;
  embedding: Float32Array;
  grades: Grades;
  lists: Record<Leg, ListMetrics>;
  /** The fused list's first hundred pages. */
  ranked: RankedPage[];
}

const known = new WeakMap<Prepared, Promise<Judged[]>>();

/** Every judged query by every leg; ranked once, however many audits ask. */
export function judged(prepared: Prepared): Promise<Judged[]> {
  const found = known.get(prepared) ?? rankJudged(prepared);
  known.set(prepared, found);
  return found;
}

async function rankJudged(prepared: Prepared): Promise<Judged[]> {
  const { queries, pages, queryEmbeddings } = prepared;
  const ids = pages.map(({ id }) => id);
  const { grades } = judgedPages(queries, ids);
  const all: Judged[] = [];
  for (const [i, { text }] of queries.entries()) {
    const embedding = rowOf(prepared, queryEmbeddings, i);
    const ranked = (await rankBy(prepared.searcher, 'fused', text, embedding)).slice(0, 100);
    const lists = {
      lexical: await metricsOf(prepared, text, embedding, 'lexical', grades[i]!),
      vector: await metricsOf(prepared, text, embedding, 'vector', grades[i]!),
      fused: queryMetrics(idsOf(ranked, pages), grades[i]!),
    };
    all.push({ text, embedding, grades: grades[i]!, lists, ranked });
  }
  return all;
}

export async function metricsOf(
  prepared: Prepared,
  text: string,
  embedding: Float32Array,
  leg: Leg,
  grades: Grades,
): Promise<ListMetrics> {
  const ranked = await rankBy(prepared.searcher, leg, text, embedding);
  return queryMetrics(idsOf(ranked.slice(0, 100), prepared.pages), grades);
}

export function idsOf(ranked: readonly RankedPage[], pages: readonly StoredPage[]): string[] {
  return ranked.map(({ page }) => pages[page]!.id);
}

/** Shapes: row float32[dim], a view. */
export function rowOf({ dim }: Prepared, embeddings: Float32Array, i: number): Float32Array {
  return embeddings.subarray(i * dim, (i + 1) * dim);
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Ids of the relevant pages. */
export function relevantOf(grades: Grades): string[] {
  return [...grades].filter(([, grade]) => grade > 0).map(([id]) => id);
}

const means = new WeakMap<Prepared, Float32Array>();

/** Mean of the passages' embeddings: what the mean cosine of a query is read from. Shapes: float32[dim]. */
export function meanEmbedding(prepared: Prepared): Float32Array {
  const found = means.get(prepared);
  if (found) return found;
  const { dim, embeddings } = prepared;
  const sums = new Float64Array(dim);
  for (let i = 0; i < embeddings.length; i++) sums[i % dim]! += embeddings[i]!;
  const made = Float32Array.from(sums, (sum) => (sum * dim) / Math.max(1, embeddings.length));
  means.set(prepared, made);
  return made;
}

/** Spearman's rank correlation; equal values share the mean of their ranks. Shapes: of one length. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (x.length - 1) / 2;
  let [both, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    both += (x[i]! - middle) * (y[i]! - middle);
    ofX += (x[i]! - middle) ** 2;
    ofY += (y[i]! - middle) ** 2;
  }
  return ofX === 0 || ofY === 0 ? 0 : both / Math.sqrt(ofX * ofY);
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]!,
  );
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let i = from; i <= to; i++) out[order[i]!] = (from + to) / 2;
    from = to + 1;
  }
  return out;
}
