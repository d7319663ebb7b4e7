/**
 * Rows whose sums rank the site's own passages as the model does, and better: the step of the fit that counts.
 * In: features of texts, their embeddings and pages, entries of the index, rows. Out: the same rows, moved.
 * Kullback–Leibler divergence between softmaxes over random entries; what is wanted is mostly the model's, and in part the
 * page that the text was taken from, which the model often misses. Adagrad with one rate a row.
 * Cosines of unit sums are what readers rank by, so lengths do not count here.
 */
import { multiplyTransposed } from '../codes/matrix';
import { transpose } from './linear-map';
import { seededRandom } from './random';
import { rowCount, type SparseRows } from './sparse';

export interface SoftmaxFitOptions {
  /** Steps. More than a few hundred learn the texts by heart. */
  steps: number;
  /** Texts a step. */
  batch: number;
  /** Entries a step that they are compared with: those of their own pages, and random ones. Even, above `batch`. */
  anchors: number;
  /** Cosines are divided by it: lower looks at the nearest entries only. */
  temperature: number;
  /** How much of what is wanted is the text's own page: 0 learns the model alone, 1 forgets it. */
  ownShare: number;
  /** Of Adagrad. */
  rate: number;
  seed: number;
  onStep?: (done: number) => void;
}

export interface SoftmaxFitInput {
  features: SparseRows;
  /** Model's embeddings of the texts. Shapes: f32[texts × dim]. */
  targets: Float32Array;
  /** The entry of its own page that suits each text best; -1: it has none, or several pages say it. Shapes: i32[texts]. */
  own: Int32Array;
  /** Shapes: f32[n × dim]. */
  entries: Float32Array;
  dim: number;
}

export interface SoftmaxFitReport {
  /** Mean divergence over the first and over the last tenth of the steps. Units: nats. */
  first: number;
  last: number;
}

/**
 * Shapes: rows f32[terms × dim], changed in place.
 * Cost: 3 × steps × batch × anchors × dim multiplications.
 */
export function fitSoftmax(
  { features, targets, own, entries, dim }: SoftmaxFitInput,
  rows: Float32Array,
  options: SoftmaxFitOptions,
): SoftmaxFitReport {
  const { steps, temperature, ownShare, rate, seed, onStep } = options;
  const n = entries.length / dim;
  const texts = rowCount(features);
  const batch = Math.min(options.batch, texts);
  // Products take an even number of columns.
  const anchors = Math.min(options.anchors, n - (n % 2));
  const report = { first: 0, last: 0 };
  if (batch === 0 || anchors === 0) return report;
  const tenth = Math.max(1, Math.floor(steps / 10));
  const random = seededRandom(seed);
  const pickTexts = sampler(texts, random);
  const pickEntries = sampler(n, random);
  const squares = new Float32Array(rows.length / dim).fill(1e-6);
  const near = new Float32Array(anchors * dim);
  const across = new Float32Array(anchors * dim);
  const wanted = new Float32Array(batch * dim);
  const sums = new Float32Array(batch * dim);
  const lengths = new Float32Array(batch);
  const model = new Float32Array(batch * anchors);
  const ours = new Float32Array(batch * anchors);
  const slope = new Float32Array(batch * dim);
  for (let step = 0; step < steps; step++) {
    const chosen = pickTexts(batch);
    const columns = new Map<number, number>();
    for (const entry of [...Array.from(chosen, (text) => own[text]!), ...pickEntries(anchors)])
      if (entry >= 0 && columns.size < anchors && !columns.has(entry)) columns.set(entry, columns.size);
    gather(entries, [...columns.keys()], dim, near);
    gather(targets, chosen, dim, wanted);
    sumRows(features, chosen, rows, dim, sums, lengths);
    multiplyTransposed(wanted, near, dim, model);
    multiplyTransposed(sums, near, dim, ours);
    let divergence = 0;
    for (const [i, text] of chosen.entries()) {
      const [from, to] = [i * anchors, (i + 1) * anchors];
      const share = own[text]! >= 0 ? ownShare : 0;
      const place = columns.get(own[text]!) ?? 0;
      divergence += differ(model.subarray(from, to), ours.subarray(from, to), temperature, share, place);
    }
    if (step < tenth) report.first += divergence / batch / tenth;
    if (step >= steps - tenth) report.last += divergence / batch / tenth;
    multiplyTransposed(ours, transpose(near, dim, across), anchors, slope);
    acrossSums(slope, sums, lengths, dim, 1 / (temperature * batch));
    descend(features, chosen, slope, rows, squares, dim, rate);
    onStep?.(step + 1);
  }
  return report;
}

/**
 * Both scores to probabilities, with `share` of what is wanted on the entry at `place`; leaves ours less what is wanted
 * in `ours`. Returns the divergence.
 */
function differ(
  model: Float32Array,
  ours: Float32Array,
  temperature: number,
  share: number,
  place: number,
): number {
  const modelFactor = (1 - share) / exponentials(model, temperature);
  const oursFactor = 1 / exponentials(ours, temperature);
  let divergence = 0;
  for (let i = 0; i < ours.length; i++) {
    const p = model[i]! * modelFactor + (i === place ? share : 0);
    const q = ours[i]! * oursFactor;
    if (p > 0 && q > 0) divergence += p * Math.log(p / q);
    ours[i] = q - p;
  }
  return divergence;
}

function exponentials(scores: Float32Array, temperature: number): number {
  let most = -Infinity;
  for (const score of scores) if (score > most) most = score;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const value = Math.exp((scores[i]! - most) / temperature);
    scores[i] = value;
    sum += value;
  }
  return sum;
}

/** Sums of rows at length 1, and the lengths they had. */
function sumRows(
  { starts, columns, values }: SparseRows,
  chosen: Uint32Array,
  rows: Float32Array,
  dim: number,
  sums: Float32Array,
  lengths: Float32Array,
): void {
  sums.fill(0);
  for (const [i, text] of chosen.entries()) {
    const to = i * dim;
    for (let k = starts[text]!; k < starts[text + 1]!; k++) {
      const from = columns[k]! * dim;
      for (let d = 0; d < dim; d++) sums[to + d]! += values[k]! * rows[from + d]!;
    }
    let square = 0;
    for (let d = to; d < to + dim; d++) square += sums[d]! * sums[d]!;
    lengths[i] = Math.sqrt(square) + 1e-6;
    for (let d = to; d < to + dim; d++) sums[d]! /= lengths[i]!;
  }
}

/** The slope by unit sums to the slope by sums: what lies along the sum changes only its length. */
function acrossSums(
  slope: Float32Array,
  sums: Float32Array,
  lengths: Float32Array,
  dim: number,
  factor: number,
): void {
  for (const [i, length] of lengths.entries()) {
    let along = 0;
    for (let d = i * dim; d < (i + 1) * dim; d++) along += slope[d]! * sums[d]!;
    for (let d = i * dim; d < (i + 1) * dim; d++)
      slope[d] = ((slope[d]! - along * sums[d]!) * factor) / length;
  }
}

/** One step of Adagrad on the rows that the texts hold. */
function descend(
  { starts, columns, values }: SparseRows,
  chosen: Uint32Array,
  slope: Float32Array,
  rows: Float32Array,
  squares: Float32Array,
  dim: number,
  rate: number,
): void {
  const slopes = new Map<number, Float32Array>();
  for (const [i, text] of chosen.entries()) {
    for (let k = starts[text]!; k < starts[text + 1]!; k++) {
      const column = columns[k]!;
      const sum = slopes.get(column) ?? new Float32Array(dim);
      slopes.set(column, sum);
      const value = values[k]!;
      for (let d = 0; d < dim; d++) sum[d]! += value * slope[i * dim + d]!;
    }
  }
  for (const [column, sum] of slopes) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += sum[d]! * sum[d]!;
    squares[column]! += square / dim;
    const size = rate / Math.sqrt(squares[column]!);
    for (let d = 0; d < dim; d++) rows[column * dim + d]! -= size * sum[d]!;
  }
}

function gather(from: Float32Array, chosen: Iterable<number>, dim: number, out: Float32Array): void {
  let at = 0;
  for (const row of chosen) {
    out.set(from.subarray(row * dim, (row + 1) * dim), at);
    at += dim;
  }
}

/** Draws without repetition; each draw continues a shuffle, so that all come up about equally often. */
function sampler(n: number, random: () => number): (count: number) => Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const j = i + Math.floor(random() * (n - i));
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order.slice(0, count);
  };
}
