/**
 * The kernel in plain TypeScript: the truth that other kernels are compared with, and the one that runs anywhere.
 * In: codes or rows, a query. Out: neighbours, dot products. A scan is two passes: distances of all rows, then the k nearest by
 * a stable counting sort.
 */
import { checkDots, checkOrdinal, checkScan, closedError, countRows } from './checks';
import {
  type CodeScanner,
  type Kernel,
  type Measure,
  maxDistance,
  type Neighbours,
  type Rescorer,
  type RowForm,
  rowBytesOf,
  type ScanLimits,
  type ScannerOptions,
} from './kernel';
import { fillDistances, groupWords } from './popcount';

class PortableScanner implements CodeScanner {
  n = 0;
  readonly #measure: Measure;
  readonly #codeBytes: number;
  /** Rows are padded with zeros to what fillDistances reads at once. */
  readonly #rowBytes: number;
  readonly #farthest: number;
  #rows: Uint8Array | null;
  #distances = new Uint16Array(0);

  constructor({ codeBytes, measure = 'hamming', capacity = 0 }: ScannerOptions) {
    this.#farthest = maxDistance(measure, codeBytes);
    this.#measure = measure;
    this.#codeBytes = codeBytes;
    this.#rowBytes =
      measure === 'hamming' ? Math.ceil(codeBytes / 4 / groupWords) * 4 * groupWords : codeBytes;
    this.#rows = new Uint8Array(capacity * this.#rowBytes);
  }

  append(codes: Uint8Array): void {
    if (!this.#rows) throw closedError('scanner', 'append');
    const m = countRows('Block of codes', codes, this.#codeBytes);
    this.#rows = withRoom(this.#rows, this.n * this.#rowBytes, m * this.#rowBytes);
    for (let i = 0; i < m; i++) {
      const code = codes.subarray(i * this.#codeBytes, (i + 1) * this.#codeBytes);
      this.#rows.set(code, (this.n + i) * this.#rowBytes);
    }
    this.n += m;
  }

  async scan(query: Uint8Array, k: number, limits: ScanLimits = {}): Promise<Neighbours> {
    const rows = this.#rows;
    if (!rows) throw closedError('scanner', 'scan');
    checkScan({ measure: this.#measure, codeBytes: this.#codeBytes, n: this.n }, query, k, limits);
    if (this.#distances.length < this.n) this.#distances = new Uint16Array(this.n);
    const distances = this.#distances;
    if (this.#measure === 'hamming') {
      const words = new Int32Array(this.#rowBytes / 4);
      new Uint8Array(words.buffer).set(query);
      fillDistances(new Int32Array(rows.buffer), words, this.n, distances);
    } else sumEntries(rows, query, this.n, distances);
    const among = distances.subarray(0, this.n);
    applyLimits(among, this.#farthest, limits);
    return nearest(among, k, this.#farthest);
  }

  code(ordinal: number): Uint8Array {
    if (!this.#rows) throw closedError('scanner', 'code');
    checkOrdinal(ordinal, this.n);
    const at = ordinal * this.#rowBytes;
    return this.#rows.slice(at, at + this.#codeBytes);
  }

  close(): void {
    this.#rows = null;
    this.#distances = new Uint16Array(0);
    this.n = 0;
  }
}

/** Both entries of a byte are added once, for each of its 256 values, instead of once a row. */
function sumEntries(rows: Uint8Array, tables: Uint8Array, n: number, distances: Uint16Array): void {
  const codeBytes = tables.length / 32;
  const entries = new Uint8Array(codeBytes * 256);
  for (let i = 0; i < entries.length; i++) {
    const table = (i >> 8) * 32;
    entries[i] = tables[table + ((i >> 4) & 15)]! + tables[table + 16 + (i & 15)]!;
  }
  for (let i = 0, at = 0; i < n; i++) {
    let distance = 0;
    for (let table = 0; table < entries.length; table += 256) distance += entries[table | rows[at++]!]!;
    distances[i] = distance;
  }
}

/** Puts rows that may not be returned farther off than any row can be. */
function applyLimits(
  distances: Uint16Array,
  farthest: number,
  { filter, tombstones, within }: ScanLimits,
): void {
  const out = farthest + 1;
  if (within !== undefined) {
    for (let i = 0; i < distances.length; i++) if (distances[i]! > within) distances[i] = out;
  }
  if (filter) for (let i = 0; i < distances.length; i++) if (!isSet(filter, i)) distances[i] = out;
  if (tombstones) for (let i = 0; i < distances.length; i++) if (isSet(tombstones, i)) distances[i] = out;
}

function isSet(bitmap: Uint32Array, i: number): boolean {
  return ((bitmap[i >> 5]! >>> (i & 31)) & 1) === 1;
}

/** The k smallest distances up to the farthest, by a stable counting sort. */
function nearest(distances: Uint16Array, k: number, farthest: number): Neighbours {
  const slots = new Uint32Array(farthest + 2);
  for (let i = 0; i < distances.length; i++) slots[distances[i]!]!++;
  // The count of each distance becomes the slot of the first ordinal that has it.
  let sum = 0;
  let last = -1;
  for (let d = 0; d <= farthest && sum < k; d++) {
    const count = slots[d]!;
    slots[d] = sum;
    sum += count;
    last = d;
  }
  const found = Math.min(k, sum);
  const neighbours = { ordinals: new Uint32Array(found), distances: new Uint16Array(found) };
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i]!;
    if (distance > last) continue;
    const slot = slots[distance]!++;
    // Past k are more rows of the last distance.
    if (slot >= k) continue;
    neighbours.ordinals[slot] = i;
    neighbours.distances[slot] = distance;
  }
  return neighbours;
}

class PortableRescorer implements Rescorer {
  n = 0;
  readonly #form: RowForm;
  readonly #rowBytes: number;
  #rows: Uint8Array | null = new Uint8Array(0);

  constructor(form: RowForm) {
    this.#rowBytes = rowBytesOf(form);
    this.#form = form;
  }

  append(rows: Uint8Array): void {
    if (!this.#rows) throw closedError('rescorer', 'append');
    const m = countRows('Rows of a rescorer', rows, this.#rowBytes);
    this.#rows = withRoom(this.#rows, this.n * this.#rowBytes, rows.length);
    this.#rows.set(rows, this.n * this.#rowBytes);
    this.n += m;
  }

  clear(): void {
    this.n = 0;
  }

  dots(query: Int8Array, ordinals: Uint32Array): Int32Array {
    if (!this.#rows) throw closedError('rescorer', 'dots');
    checkDots(query, ordinals, this.#form.dim, this.n);
    const rows = this.#rows;
    const rowBytes = this.#rowBytes;
    if (this.#form.form === 'int8')
      return Int32Array.from(ordinals, (row) => dot(query, rows, row * rowBytes));
    const { planes } = this.#form;
    const sums = sumsOfBytes(query);
    return Int32Array.from(ordinals, (row) => dotPlanes(sums, rows, row * rowBytes, planes));
  }

  close(): void {
    this.#rows = null;
    this.n = 0;
  }
}

function dot(query: Int8Array, rows: Uint8Array, at: number): number {
  let sum = 0;
  for (let j = 0; j < query.length; j++) sum += query[j]! * ((rows[at + j]! << 24) >> 24);
  return sum;
}

/** For each byte of a plane and each of its values, the sum of the query's numbers whose bits are set. */
function sumsOfBytes(query: Int8Array): Int16Array {
  const sums = new Int16Array((query.length / 8) * 256);
  for (let byte = 0; byte < query.length / 8; byte++) {
    const table = sums.subarray(byte * 256, (byte + 1) * 256);
    // Each value differs in its lowest set bit from one that is done already.
    for (let value = 1; value < 256; value++) {
      const without = value & (value - 1);
      table[value] = table[without]! + query[byte * 8 + Math.clz32(value ^ without) - 24]!;
    }
  }
  return sums;
}

function dotPlanes(sums: Int16Array, rows: Uint8Array, at: number, planes: number): number {
  let level = 0;
  for (let plane = 0; plane < planes; plane++) {
    level *= 2;
    for (let table = 0; table < sums.length; table += 256) level += sums[table + rows[at++]!]!;
  }
  return level;
}

/** The same bytes, or a copy with room for more behind the first `used`. */
function withRoom(bytes: Uint8Array, used: number, more: number): Uint8Array {
  if (used + more <= bytes.length) return bytes;
  const grown = new Uint8Array(Math.max(used + more, 2 * used));
  grown.set(bytes.subarray(0, used));
  return grown;
}

/** The kernel that needs nothing but typed arrays. */
export const portableKernel: Kernel = {
  name: 'portable',
  createScanner: (options) => new PortableScanner(options),
  createRescorer: (form) => new PortableRescorer(form),
};
