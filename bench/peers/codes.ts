/**
 * Codes that every process makes alike from a seed, and the truth about them: a plain scan that shares no line with a kernel.
 * In: how many codes, and whether they are independent or in clusters. Out: codes, queries, neighbours by (distance, ordinal).
 */

export const codeBytes = 48;
export const dim = codeBytes * 8;
const words = codeBytes / 4;

/** `random`: independent bits, the worst case of a graph. `clustered`: one centre per 50 codes, 1 bit in 8 flipped. */
export type CodeKind = 'random' | 'clustered';

/** Shapes: codes u8[n × 48], queries u8[48] each. */
export interface Codes {
  kind: CodeKind;
  n: number;
  codes: Uint8Array;
  queries: Uint8Array[];
}

/** The same codes and queries for the same arguments, on every machine. */
export function makeCodes(kind: CodeKind, n: number, queryCount: number): Codes {
  const noise = xorshift128(kind === 'random' ? 1 : 2);
  const centres = new Uint32Array(Math.max(1, Math.round(n / 50)) * words).map(noise);
  const member = (centre: number) =>
    new Uint32Array(words).map((_, i) =>
      kind === 'random' ? noise() : centres[centre * words + i]! ^ (noise() & noise() & noise()),
    );
  const count = centres.length / words;
  const rows = new Uint32Array(n * words);
  for (let i = 0; i < n; i++) rows.set(member(i % count), i * words);
  const queries: Uint8Array[] = [];
  while (queries.length < queryCount) {
    const query = new Uint8Array(member(noise() % count).buffer);
    // EntityDB cuts a query at its own median, which gives these bits back only when at least half of them are set.
    if (countOnes(query) >= dim / 2) queries.push(query);
  }
  return { kind, n, codes: new Uint8Array(rows.buffer), queries };
}

/** Codes as float vectors whose cosine orders them as the Hamming distance does: +1 for a set bit, −1 otherwise. */
export function signsOf(codes: Uint8Array): Float32Array {
  const signs = new Float32Array(codes.length * 8);
  for (let i = 0; i < signs.length; i++) signs[i] = (codes[i >> 3]! >> (7 - (i & 7))) & 1 ? 1 : -1;
  return signs;
}

/** The i-th of equally long rows, not copied. */
export function rowOf<T extends Uint8Array | Float32Array>(rows: T, i: number, length: number): T {
  return rows.subarray(i * length, (i + 1) * length) as T;
}

/** Distances of every code from the query. */
export function distancesFrom(codes: Uint8Array, query: Uint8Array): Uint16Array {
  const rows = new Uint32Array(codes.buffer, codes.byteOffset, codes.byteLength / 4);
  const wanted = new Uint32Array(query.slice().buffer);
  return Uint16Array.from({ length: rows.length / words }, (_, row) => {
    let distance = 0;
    for (let i = 0; i < words; i++) distance += countBits(rows[row * words + i]! ^ wanted[i]!);
    return distance;
  });
}

/** Ordinals of the k nearest by (distance, ordinal). */
export function nearest(distances: Uint16Array, k: number): number[] {
  const byDistance: number[][] = Array.from({ length: dim + 1 }, () => []);
  distances.forEach((distance, ordinal) => {
    const tied = byDistance[distance]!;
    if (tied.length < k) tied.push(ordinal);
  });
  return byDistance.flat().slice(0, k);
}

function countOnes(code: Uint8Array): number {
  return code.reduce((sum, byte) => sum + countBits(byte), 0);
}

function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Marsaglia, "Xorshift RNGs", 2003. Units: u32. */
function xorshift128(seed: number): () => number {
  let [x, y, z, w] = [123456789 ^ seed, 362436069, 521288629, 88675123];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
}
