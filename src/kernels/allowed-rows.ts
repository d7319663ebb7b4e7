/**
 * Filter and tombstones as one bitmap, which kernels read inside the scan.
 * In: bitmaps of any length that covers n rows. Out: one of exactly that length, with no bit beyond n.
 */
import type { Bitmap, ScanLimits } from './kernel';

/** The rows of n that may be returned. Shapes: u32[n / 32, rounded up]. */
export function allowedRows(n: number, { filter, tombstones }: ScanLimits): Bitmap {
  const words = Math.ceil(n / 32);
  const allowed = filter ? filter.slice(0, words) : new Uint32Array(words).fill(0xffffffff);
  if (n % 32) allowed[words - 1]! &= 0xffffffff >>> (32 - (n % 32));
  if (tombstones) {
    // Signed words, because engines compute with those alone as integers.
    const rows = new Int32Array(allowed.buffer);
    const deleted = new Int32Array(tombstones.buffer, tombstones.byteOffset, words);
    for (let i = 0; i < words; i++) rows[i] = rows[i]! & ~deleted[i]!;
  }
  return allowed;
}

/** How many bits are set: sums in ever wider fields. Source: Warren, Hacker's Delight, 5-1. */
export function countBits(bitmap: Bitmap): number {
  let count = 0;
  for (const word of bitmap) {
    const pairs = word - ((word >>> 1) & 0x55555555);
    const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
