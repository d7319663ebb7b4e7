/**
 * A row for each term, so that the sum of a query's rows stands for the model's embedding of the query.
 * In: features, embeddings and pages of pseudo-queries, embeddings of single words, entries; all in the projected space.
 * Out: rows, and the unit in which fusion reads their cosines.
 * Order: each word's own embedding, less what all words share and less the commoner it is → one linear map → ridge → the
 * ranking of the entries. Rows that no pseudo-query holds keep what the linear map makes of them.
 * Source: the weights by frequency are those of Arora et al. 2017 (SIF).
 */
import { multiplyTransposed } from '../codes/matrix';
import { applyLinearMap, fitLinearMap } from './linear-map';
import { seededRandom } from './random';
import { fitRidge } from './ridge';
import { fitSoftmax } from './softmax-fit';
import { multiplySparse, rowCount, rowsAt, type SparseRows } from './sparse';

export interface FitInput {
  dim: number;
  /** Model's embeddings of each term's word alone. Shapes: f32[terms × dim]. */
  words: Float32Array;
  /** Passages that hold each term; 0: none does. Shapes: u32[terms]. */
  frequencies: Uint32Array;
  /** Terms of each pseudo-query. */
  features: SparseRows;
  /** Model's embeddings of the pseudo-queries. Shapes: f32[queries × dim]. */
  targets: Float32Array;
  /** The page each pseudo-query was taken from; -1: several say it. Shapes: i32[queries]. */
  pages: Int32Array;
  /** What readers score. Shapes: f32[n × dim]. */
  entries: Float32Array;
  /** The page of each entry, in the same numbering as `pages`. Shapes: u32[n]. */
  entryPages: Uint32Array;
  /** Spread of the model's own cosines (`ModelCard.cosineSd`). */
  cosineSd: number;
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

export interface FittedRows {
  /** Shapes: f32[terms × dim]. */
  rows: Float32Array;
  /** Unit in which fusion reads a cosine of a sum of rows. */
  cosineSd: number;
  /** Mean divergence from the model's ranking when the last step of the fit began and when it ended. Units: nats. */
  divergence: { first: number; last: number };
}

/** A word that makes up a thousandth of the text counts half. */
const sif = 1e-3;
/** A site with few texts has seen them all often enough by then. */
const fewestSteps = 250;
/** From 250 to 500 steps MDN gains .01 of nDCG@10; smaller sites gain nothing. */
const mostSteps = 500;
/** Times that each text comes up, where the bounds above allow it. */
const rounds = 4;
const softmaxFit = {
  batch: 384,
  anchors: 1024,
  ownShare: 0.3,
  rate: 0.02,
};

/**
 * Temperature of the softmaxes, in units of the model's spread of cosines: .05 for MiniLM. At that, a model whose cosines lie
 * closer together (e5, .023) would tell no entry from another.
 */
const temperature = 0.05 / 0.109;

/** What the unit of cosines is read from. */
const comparedTexts = 512;
/** Of so many texts one at most is kept for that. */
const fewestBetween = 8;
const comparedEntries = 4096;
const comparedHits = 10;

/** Cost: at most 600 million multiplications × dim, a minute or less of one core in 128 dimensions. */
export function fitRows(whole: FitInput): FittedRows {
  const { held, input } = holdOut(whole);
  const { dim, features, targets, entries, seed, onProgress } = input;
  const rows = firstRows(input);
  mapRows(rows, input);
  fitRidge(features, targets, rows, dim);
  const texts = rowCount(features);
  const steps = Math.max(fewestSteps, Math.min(mostSteps, Math.ceil((rounds * texts) / softmaxFit.batch)));
  const fitted = { features, targets, own: ownEntries(input), entries, dim };
  const divergence = fitSoftmax(fitted, rows, {
    ...softmaxFit,
    temperature: temperature * input.cosineSd,
    steps,
    seed,
    ...(onProgress && { onStep: (done) => onProgress(done, steps) }),
  });
  return { rows, cosineSd: readingUnit(held, rows), divergence };
}

/** Some texts are kept from the fit: how far a sum can be trusted is not to be told by texts that it was fitted to. */
function holdOut(input: FitInput): { held: FitInput; input: FitInput } {
  const texts = rowCount(input.features);
  const step = Math.max(fewestBetween, Math.ceil(texts / comparedTexts));
  const places = Uint32Array.from({ length: texts }, (_, i) => i);
  const of = (chosen: Uint32Array): FitInput => ({
    ...input,
    features: rowsAt(input.features, chosen),
    targets: gatherRows(input.targets, chosen, input.dim),
    pages: Int32Array.from(chosen, (text) => input.pages[text]!),
  });
  return {
    held: of(places.filter((text) => text % step === step - 1)),
    input: of(places.filter((text) => text % step !== step - 1)),
  };
}

/** All rows by the one map that suits the sums best. */
function mapRows(rows: Float32Array, { dim, features, targets }: FitInput): void {
  const sums = multiplySparse(features, rows, dim, new Float32Array(rowCount(features) * dim));
  toUnitLength(sums, dim);
  applyLinearMap(rows, fitLinearMap(sums, targets, dim), dim);
}

/** Words at the distance from their mean, less the commoner they are. */
function firstRows({ dim, words, frequencies }: FitInput): Float32Array {
  const terms = frequencies.length;
  const mean = new Float64Array(dim);
  for (let i = 0; i < words.length; i++) mean[i % dim]! += words[i]! / terms;
  let total = 0;
  for (const frequency of frequencies) total += frequency;
  const rows = new Float32Array(words.length);
  for (let term = 0; term < terms; term++) {
    const weight = sif / (sif + frequencies[term]! / Math.max(1, total));
    for (let d = 0; d < dim; d++) rows[term * dim + d] = weight * (words[term * dim + d]! - mean[d]!);
  }
  return rows;
}

/** For each pseudo-query the entry of its own page that the model finds nearest to it; -1 without one. */
function ownEntries({ dim, pages, targets, entries, entryPages }: FitInput): Int32Array {
  const ofPage = new Map<number, number[]>();
  for (const [entry, page] of entryPages.entries()) {
    const list = ofPage.get(page);
    if (list) list.push(entry);
    else ofPage.set(page, [entry]);
  }
  return Int32Array.from(pages, (page, text) => {
    let best = -1;
    let most = -Infinity;
    for (const entry of ofPage.get(page) ?? []) {
      let score = 0;
      for (let d = 0; d < dim; d++) score += targets[text * dim + d]! * entries[entry * dim + d]!;
      if (score > most) [best, most] = [entry, score];
    }
    return best;
  });
}

/**
 * The model's unit times how much higher than the model sums score the entries that they put first: part of what stands first
 * by a sum stands there by error, and fusion then gives it the weight that the model would.
 */
function readingUnit(
  { dim, features, targets, entries, cosineSd, seed }: FitInput,
  rows: Float32Array,
): number {
  const random = seededRandom(seed + 1);
  const pick = (n: number, most: number) =>
    Uint32Array.from({ length: Math.min(n, most) }, (_, i) => (n <= most ? i : Math.floor(random() * n)));
  const n = entries.length / dim;
  // Products take an even number of columns.
  const near = gatherRows(entries, pick(n - (n % 2), comparedEntries), dim);
  const texts = pick(rowCount(features), comparedTexts);
  const sums = multiplySparse(rowsAt(features, texts), rows, dim, new Float32Array(texts.length * dim));
  toUnitLength(sums, dim);
  const columns = near.length / dim;
  const size = texts.length * columns;
  const ours = multiplyTransposed(sums, near, dim, new Float32Array(size));
  const model = multiplyTransposed(gatherRows(targets, texts, dim), near, dim, new Float32Array(size));
  let high = 0;
  let reached = 0;
  for (let at = 0; at < size; at += columns) {
    const wanted = model.subarray(at, at + columns);
    const got = ours.subarray(at, at + columns);
    const bar = got.slice().sort().at(-comparedHits) ?? 0;
    // Above what the whole site scores, as fusion reads it.
    const [usual, usualGot] = [mean(wanted), mean(got)];
    for (const [i, score] of got.entries()) {
      if (score < bar) continue;
      high += wanted[i]! - usual;
      reached += score - usualGot;
    }
  }
  return high > 0 && reached > 0 ? (cosineSd * reached) / high : cosineSd;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function toUnitLength(rows: Float32Array, dim: number): void {
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let d = at; d < at + dim; d++) square += rows[d]! * rows[d]!;
    if (square > 0) for (let d = at; d < at + dim; d++) rows[d]! /= Math.sqrt(square);
  }
}

function gatherRows(from: Float32Array, chosen: Uint32Array, dim: number): Float32Array {
  const out = new Float32Array(chosen.length * dim);
  for (const [i, row] of chosen.entries()) out.set(from.subarray(row * dim, (row + 1) * dim), i * dim);
  return out;
}
