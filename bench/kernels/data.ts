/**
 * The same random codes, queries and bitmaps wherever the bench runs; ../native/scan.c draws the same codes and queries.
 * In: a seed. Out: bytes. Uniformly random bits: no structure that a kernel could profit from.
 * Source: Marsaglia, "Xorshift RNGs", 2003 (the generator of 128 bits of state).
 */
import type { Bitmap, Neighbours } from '../../src/kernels/kernel';
import { maxEntry } from '../../src/kernels/kernel';

/** Queries rotate over this many. */
export const queryCount = 64;

const codeSeed = 1;
const querySeed = 777;
const bitmapSeed = 4242;

/** Writes the next words of one stream into what it is given. */
export function openStream(seed: number): (words: Uint32Array) => void {
  let x = 123456789 ^ seed;
  let y = 362436069;
  let z = 521288629;
  let w = 88675123;
  const fill = (words: Uint32Array): void => {
    for (let i = 0; i < words.length; i++) {
      const t = x ^ (x << 11);
      x = y;
      y = z;
      z = w;
      w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
      words[i] = w;
    }
  };
  fill(new Uint32Array(32));
  return fill;
}

/** Codes in blocks, as they would come from a store: nowhere is there room for all of them twice. */
export function* codeBlocks(n: number, codeBytes: number): Generator<Uint8Array> {
  const fill = openStream(codeSeed);
  const rows = 16_384;
  const words = new Uint32Array((rows * codeBytes) / 4);
  for (let row = 0; row < n; row += rows) {
    const some = words.subarray(0, (Math.min(rows, n - row) * codeBytes) / 4);
    fill(some);
    yield new Uint8Array(some.buffer, 0, some.byteLength);
  }
}

/** Shapes: 64 × u8[codeBytes]. */
export const hammingQueries = (codeBytes: number): Uint8Array[] => draw(querySeed, codeBytes);

/** Tables with entries up to `maxEntry`. Shapes: 64 × u8[codeBytes × 32]. */
export const tableQueries = (codeBytes: number): Uint8Array[] =>
  draw(querySeed, codeBytes * 32).map((table) => table.map((byte) => byte & maxEntry));

/** Shapes: 64 × int8[dim]. */
export const rescoringQueries = (dim: number): Int8Array[] =>
  draw(querySeed, dim).map((bytes) => new Int8Array(bytes.buffer));

/** Rows for a rescorer. Shapes: u8[m × rowBytes]. */
export function rescoringRows(m: number, rowBytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil((m * rowBytes) / 4));
  openStream(codeSeed)(words);
  return new Uint8Array(words.buffer, 0, m * rowBytes);
}

/** A bit for each of n ordinals, set with that probability; all of them at a share of 1. */
export function randomBitmap(n: number, share: number): Bitmap {
  const bitmap = new Uint32Array(Math.ceil(n / 32));
  if (share >= 1) return bitmap.fill(0xffffffff);
  const fill = openStream(bitmapSeed);
  const chances = new Uint32Array(32);
  for (let word = 0; word < bitmap.length; word++) {
    fill(chances);
    for (let bit = 0; bit < 32; bit++) if (chances[bit]! < share * 2 ** 32) bitmap[word]! |= 1 << bit;
  }
  return bitmap;
}

/** m different ordinals below n, in an order that is not ascending. */
export function scatteredOrdinals(m: number, n: number): Uint32Array {
  // 617 is prime and shares no factor with the sizes used here, so that no ordinal comes twice.
  return Uint32Array.from({ length: m }, (_, i) => (i * 617) % n);
}

/** FNV-1a over whole words (ordinal, distance, ordinal, …), of all lists in a row; the same in ../native/scan.c. */
export function checksumOf(lists: readonly Neighbours[]): number {
  let sum = 2166136261;
  const mix = (word: number) => {
    sum = Math.imul(sum ^ word, 16777619);
  };
  for (const { ordinals, distances } of lists)
    for (let i = 0; i < ordinals.length; i++) {
      mix(ordinals[i]!);
      mix(distances[i]!);
    }
  return sum >>> 0;
}

function draw(seed: number, bytes: number): Uint8Array[] {
  const fill = openStream(seed);
  return Array.from({ length: queryCount }, () => {
    const words = new Uint32Array(Math.ceil(bytes / 4));
    fill(words);
    return new Uint8Array(words.buffer, 0, bytes);
  });
}
