/**
 * Known texts with known embeddings: does this runtime, on this device, compute what the index was made with?
 * In: encoders when the index is made, one encoder when it is read. Out: canaries; a verdict.
 * Deliberately not here: what happens to a refused runtime (the inference worker tries the next).
 */

import { FormatError } from '../errors';
import type { Canary, Encoder } from '../types';
import { normalise } from './pooling';

/** A short query, a question, prose, code, another script: lengths and tokens of different kinds. */
const texts = [
  'css grid',
  'How do I cancel a request that is already on its way?',
  'The tide comes in twice a day; at the full and the new moon it rises highest, and harbours plan their work by it.',
  'const total = items.reduce((sum, { price }) => sum + price, 0);',
  'Füße, naïveté, 東京, Ελλάδα: 42 % of 1,024 ✓',
];

/**
 * Least cosine to the recorded embedding of the same weights. Sound runtimes agree to .9992 and better (native and
 * WebAssembly, int8; equal to six digits for 4-bit weights), CPUs with other int8 instructions included in the
 * distance left; a wrong prefix, pooling, text cut or broken kernel falls far below.
 */
export const leastCosine = 0.97;
/** The same against other weights of the same model, which differ by their rounding (.974 measured at worst). */
export const leastCosineOtherWeights = 0.95;

export interface CanaryVerdict {
  ok: boolean;
  /** The lowest cosine found; 0 when an embedding was no vector at all. */
  worst: number;
}

/**
 * Records what encoders of one model (each with its own weights) make of the canary texts, as queries.
 * Cost: five short texts an encoder.
 */
export async function makeCanaries(encoders: readonly Encoder[]): Promise<Canary[]> {
  const canaries: Canary[] = texts.map((text) => ({ text, embeddings: {} }));
  for (const encoder of encoders) {
    const rows = await encoder.embed(texts, 'query');
    for (const [i, canary] of canaries.entries()) {
      canary.embeddings[encoder.report.weights] = pack(rowOf(rows, i, encoder.card.dim));
    }
  }
  return canaries;
}

/**
 * Compares an encoder with the record: with its own weights' embeddings, else with the first recorded.
 * Errors: FormatError `format-corrupt` when a recorded embedding has another dimension.
 */
export async function checkCanaries(
  encoder: Encoder,
  canaries: readonly Canary[],
  weights: string,
): Promise<CanaryVerdict> {
  const { dim } = encoder.card;
  const rows = await encoder.embed(
    canaries.map(({ text }) => text),
    'query',
  );
  let ok = true;
  let worst = 1;
  for (const [i, { embeddings }] of canaries.entries()) {
    const own = embeddings[weights];
    const recorded = own ?? Object.values(embeddings)[0];
    if (recorded === undefined) continue;
    const cosine = dot(normalise(unpack(recorded, dim)), normalise(rowOf(rows, i, dim)));
    // Written so that NaN is refused.
    ok &&= cosine >= (own === undefined ? leastCosineOtherWeights : leastCosine);
    worst = Math.min(worst, Number.isNaN(cosine) ? 0 : cosine);
  }
  return { ok, worst };
}

/**
 * Compares two records of one model's name: those of other weights or runtimes agree too. Null: no text in common.
 * Errors: FormatError `format-corrupt`.
 */
export function compareCanaries(
  a: readonly Canary[],
  b: readonly Canary[],
  dim: number,
): CanaryVerdict | null {
  let worst: number | null = null;
  for (const { text, embeddings } of a) {
    const [first] = Object.values(embeddings);
    const [second] = Object.values(b.find((canary) => canary.text === text)?.embeddings ?? {});
    if (first === undefined || second === undefined) continue;
    const cosine = dot(normalise(unpack(first, dim)), normalise(unpack(second, dim)));
    worst = Math.min(worst ?? 1, Number.isNaN(cosine) ? 0 : cosine);
  }
  return worst === null ? null : { ok: worst >= leastCosineOtherWeights, worst };
}

function rowOf(rows: Float32Array, i: number, dim: number): Float32Array {
  return rows.subarray(i * dim, (i + 1) * dim);
}

/** base64 of int8[dim], the largest component at ±127. */
function pack(embedding: Float32Array): string {
  const largest = embedding.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const bytes = Array.from(embedding, (x) => Math.round((x / largest) * 127) & 0xff);
  return btoa(String.fromCharCode(...bytes));
}

function unpack(packed: string, dim: number): Int8Array {
  const bytes = atob(packed);
  if (bytes.length !== dim) {
    const values = {
      path: 'a canary of the manifest',
      expected: `${dim} bytes`,
      received: `${bytes.length} bytes`,
    };
    throw new FormatError('format-corrupt', values);
  }
  return Int8Array.from(bytes, (byte) => byte.charCodeAt(0));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
