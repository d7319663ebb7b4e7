import { expect, test } from 'vitest';
import { type FitInput, fitRows } from './fit-rows';
import { seededRandom } from './random';

const dim = 16;
const terms = 60;

/** A world where the model's embedding of a text is the sum of rows that words alone show only in part. */
function world(texts: number): FitInput & { truth: Float32Array } {
  const random = seededRandom(7);
  const normal = () => random() + random() + random() + random() - 2;
  const truth = Float32Array.from({ length: terms * dim }, normal);
  const words = truth.map((value) => value + 1.5 * normal());
  const starts = [0];
  const columns: number[] = [];
  const targets = new Float32Array(texts * dim);
  for (let text = 0; text < texts; text++) {
    // The last five terms are never spoken of.
    const held = new Set(Array.from({ length: 4 }, () => Math.floor(random() * (terms - 5))));
    columns.push(...[...held].sort((a, b) => a - b));
    starts.push(columns.length);
    for (const term of held) for (let d = 0; d < dim; d++) targets[text * dim + d]! += truth[term * dim + d]!;
    unit(targets.subarray(text * dim, (text + 1) * dim));
  }
  const entries = Float32Array.from({ length: 200 * dim }, normal);
  for (let i = 0; i < 200; i++) unit(entries.subarray(i * dim, (i + 1) * dim));
  return {
    dim,
    words,
    frequencies: new Uint32Array(terms).fill(1),
    features: {
      starts: Uint32Array.from(starts),
      columns: Uint32Array.from(columns),
      values: new Float32Array(columns.length).fill(1),
    },
    targets,
    pages: new Int32Array(texts).fill(-1),
    entries,
    entryPages: Uint32Array.from({ length: 200 }, (_, i) => i),
    cosineSd: 0.1,
    seed: 1,
    truth,
  };
}

function unit(row: Float32Array): void {
  const length = Math.hypot(...row) || 1;
  for (let d = 0; d < row.length; d++) row[d]! /= length;
}

/** Mean cosine of sums of two random rows with what the model would say. */
function agreement(rows: Float32Array, truth: Float32Array, spoken = terms - 5): number {
  let sum = 0;
  for (let term = 0; term + 1 < spoken; term++) {
    const [ours, model] = [rows, truth].map((from) => {
      const pair = Float32Array.from(
        { length: dim },
        (_, d) => from[term * dim + d]! + from[(term + 1) * dim + d]!,
      );
      unit(pair);
      return pair;
    });
    sum += ours!.reduce((dot, value, d) => dot + value * model![d]!, 0);
  }
  return sum / (spoken - 1);
}

test('sums of fitted rows come nearer to the model than sums of its words', () => {
  const input = world(240);
  const { rows, cosineSd, divergence } = fitRows(input);
  expect(agreement(input.words, input.truth)).toBeLessThan(0.75);
  expect(agreement(rows, input.truth)).toBeGreaterThan(0.9);
  expect(divergence.last).toBeLessThan(divergence.first);
  // Sums agree with the model here, so that their cosines are read in nearly its unit.
  expect(cosineSd).toBeGreaterThan(0.08);
  expect(cosineSd).toBeLessThan(0.11);
});

test('a text asks for the page it was taken from, also where the model does not', () => {
  const input = world(240);
  // Every text that holds the first term stands on page 3, far from what the model makes of it.
  const { starts, columns } = input.features;
  for (let text = 0; text < 240; text++)
    if (columns.subarray(starts[text]!, starts[text + 1]!).includes(0)) input.pages[text] = 3;
  const score = (rows: Float32Array) => {
    const row = rows.slice(0, dim);
    unit(row);
    return row.reduce((dot, value, d) => dot + value * input.entries[3 * dim + d]!, 0);
  };
  const without = fitRows({ ...input, pages: new Int32Array(240).fill(-1) });
  expect(score(fitRows(input).rows)).toBeGreaterThan(score(without.rows) + 0.1);
});

test('the same input gives the same rows', () => {
  const input = world(40);
  expect(fitRows(input).rows).toEqual(fitRows(input).rows);
});

test('few texts do not spoil what the words say', () => {
  const input = world(8);
  const { rows } = fitRows(input);
  expect(agreement(rows, input.truth)).toBeGreaterThan(agreement(input.words, input.truth) - 0.05);
});

test('without texts or entries rows point where the words do, less what all share', () => {
  const input = world(0);
  const { rows, cosineSd } = fitRows({
    ...input,
    entries: new Float32Array(0),
    entryPages: new Uint32Array(0),
  });
  expect(rows.some(Number.isNaN)).toBe(false);
  expect(agreement(rows, input.truth, terms)).toBeGreaterThan(0.5);
  expect(cosineSd).toBe(0.1);
});
