/**
 * The scan in plain TypeScript: the truth that other kernels are compared with, and the one that runs anywhere.
 * In: codes, a query. Out: neighbours. Two passes: distances and their histogram, then a stable counting sort up to the
 * threshold. Not optimised past clarity.
 */
import {
  type CodeScanner,
  checkOrdinal,
  checkScan,
  checkWidth,
  closedScanner,
  countCodes,
  type Kernel,
  type Neighbours,
} from './kernel';

/**
 * Set bits of two 32-bit words, by sums in ever wider fields: 2 bits, 4 bits, then bytes. The words meet at 4 bits, where
 * a field holds at most 8. Source: Warren, Hacker's Delight, 5-1.
 */
function popcount64(low: number, high: number): number {
  const a = low - ((low >>> 1) & 0x55555555);
  const b = high - ((high >>> 1) & 0x55555555);
  const nibbles = (a & 0x33333333) + ((a >>> 2) & 0x33333333) + (b & 0x33333333) + ((b >>> 2) & 0x33333333);
  return Math.imul((nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
}

class PortableScanner implements CodeScanner {
  n = 0;
  readonly #codeBytes: number;
  /** Rows are padded with zeros to whole pairs of 32-bit words. */
  readonly #rowWords: number;
  #rows: Uint32Array | null;

  constructor(codeBytes: number, capacity: number) {
    this.#codeBytes = codeBytes;
    this.#rowWords = Math.ceil(codeBytes / 8) * 2;
    this.#rows = new Uint32Array(capacity * this.#rowWords);
  }

  append(codes: Uint8Array): void {
    if (!this.#rows) throw closedScanner('append');
    const m = countCodes(codes, this.#codeBytes);
    const words = (this.n + m) * this.#rowWords;
    if (words > this.#rows.length) {
      const grown = new Uint32Array(Math.max(words, 2 * this.n * this.#rowWords));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const bytes = new Uint8Array(this.#rows.buffer);
    for (let i = 0; i < m; i++) {
      const code = codes.subarray(i * this.#codeBytes, (i + 1) * this.#codeBytes);
      bytes.set(code, (this.n + i) * this.#rowWords * 4);
    }
    this.n += m;
  }

  scan(query: Uint8Array, k: number): Neighbours {
    const rows = this.#rows;
    if (!rows) throw closedScanner('scan');
    checkScan(query, k, this.#codeBytes);
    const rowWords = this.#rowWords;
    const queryWords = new Uint32Array(rowWords);
    new Uint8Array(queryWords.buffer).set(query);

    const distances = new Uint16Array(this.n);
    const histogram = new Uint32Array(this.#codeBytes * 8 + 1);
    for (let i = 0, at = 0; i < this.n; i++, at += rowWords) {
      let distance = 0;
      for (let j = 0; j < rowWords; j += 2) {
        distance += popcount64(rows[at + j]! ^ queryWords[j]!, rows[at + j + 1]! ^ queryWords[j + 1]!);
      }
      distances[i] = distance;
      histogram[distance]!++;
    }
    return nearest(distances, histogram, Math.min(k, this.n));
  }

  code(ordinal: number): Uint8Array {
    if (!this.#rows) throw closedScanner('code');
    checkOrdinal(ordinal, this.n);
    return new Uint8Array(this.#rows.buffer, ordinal * this.#rowWords * 4, this.#codeBytes).slice();
  }

  close(): void {
    this.#rows = null;
    this.n = 0;
  }
}

/** Stable counting sort of the k smallest distances. */
function nearest(distances: Uint16Array, histogram: Uint32Array, k: number): Neighbours {
  // The count of each distance becomes the slot of the first ordinal that has it.
  const slots = histogram;
  let sum = 0;
  for (let d = 0; d < slots.length; d++) {
    const count = slots[d]!;
    slots[d] = sum;
    sum += count;
  }
  const neighbours = { ordinals: new Uint32Array(k), distances: new Uint16Array(k) };
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i]!;
    if (slots[distance]! >= k) continue;
    const slot = slots[distance]!++;
    neighbours.ordinals[slot] = i;
    neighbours.distances[slot] = distance;
  }
  return neighbours;
}

/** The kernel that needs nothing but typed arrays. */
export const portableKernel: Kernel = {
  name: 'portable',
  createScanner(codeBytes, capacity = 0) {
    checkWidth(codeBytes);
    return new PortableScanner(codeBytes, capacity);
  },
};
