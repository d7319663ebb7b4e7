/**
 * Rows in WASM memory, and their dot products with a query.
 * In: rows, a query, ordinals. Out: dot products, copied out of the memory.
 * Owns the memory layout: query, rows, then scratch as in scanner.ts.
 */
import { checkDots, closedError, countRows } from '../checks';
import { type Rescorer, type RowForm, rowBytesOf } from '../kernel';
import { align } from './job';
import { compileNow, createMemory, reserve } from './memory';

type Dots = (...addressesAndCounts: number[]) => void;

const queryAt = 0;

export class WasmRescorer implements Rescorer {
  n = 0;
  readonly #form: RowForm;
  /** Bytes of a row as given, and of its parts as held: a plane is padded to words, an int8 row to 16 bytes. */
  readonly #givenBytes: number;
  readonly #partBytes: number;
  readonly #parts: number;
  readonly #rowsAt: number;
  readonly #memory: WebAssembly.Memory;
  #dots: Dots | null;

  constructor(form: RowForm) {
    this.#givenBytes = rowBytesOf(form);
    this.#form = form;
    const isPlanes = form.form === 'planes';
    this.#parts = isPlanes ? form.planes : 1;
    this.#partBytes = isPlanes ? align(form.dim / 8, 8) : align(form.dim, 16);
    // Eight planes of the query, or two bytes a number.
    this.#rowsAt = align(this.#partBytes * (isPlanes ? 8 : 2), 64);
    this.#memory = createMemory(this.#rowsAt);
    const module = compileNow(isPlanes ? 'planes' : 'int8');
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#dots = exports.dots as Dots;
  }

  append(rows: Uint8Array): void {
    if (!this.#dots) throw closedError('rescorer', 'append');
    const m = countRows('Rows of a rescorer', rows, this.#givenBytes);
    const rowBytes = this.#parts * this.#partBytes;
    const from = this.#rowsAt + this.n * rowBytes;
    const bytes = reserve(this.#memory, from + m * rowBytes);
    if (rowBytes === this.#givenBytes) {
      bytes.set(rows, from);
    } else {
      bytes.fill(0, from, from + m * rowBytes);
      const part = this.#givenBytes / this.#parts;
      for (let i = 0; i < m * this.#parts; i++) {
        bytes.set(rows.subarray(i * part, (i + 1) * part), from + i * this.#partBytes);
      }
    }
    this.n += m;
  }

  clear(): void {
    this.n = 0;
  }

  dots(query: Int8Array, ordinals: Uint32Array): Int32Array {
    if (!this.#dots) throw closedError('rescorer', 'dots');
    checkDots(query, ordinals, this.#form.dim, this.n);
    const m = ordinals.length;
    const ordinalsAt = this.#rowsAt + this.n * this.#parts * this.#partBytes;
    const outAt = ordinalsAt + m * 4;
    const bytes = reserve(this.#memory, outAt + m * 4);
    new Uint32Array(bytes.buffer, ordinalsAt, m).set(ordinals);
    if (this.#form.form === 'int8') {
      const numbers = new Int16Array(bytes.buffer, queryAt, this.#partBytes);
      numbers.set(query);
      this.#dots(this.#rowsAt, this.#partBytes, queryAt, ordinalsAt, m, outAt);
    } else {
      const words = this.#partBytes / 8;
      writePlanes(query, bytes.subarray(queryAt, queryAt + words * 64));
      this.#dots(this.#rowsAt, words, this.#parts, queryAt, ordinalsAt, m, outAt);
    }
    return new Int32Array(bytes.buffer, outAt, m).slice();
  }

  close(): void {
    this.#dots = null;
    this.n = 0;
  }
}

/** The query's bits as planes.wat reads them: for each 64 numbers eight words, the lowest bits first. */
function writePlanes(query: Int8Array, planes: Uint8Array): void {
  planes.fill(0);
  for (let group = 0; group * 8 < query.length; group++) {
    // 64 numbers take 64 bytes; within them, a word of 8 bytes for each bit.
    const at = (group >> 3) * 64 + (group & 7);
    const [high, low] = transpose(fourBytes(query, group * 8), fourBytes(query, group * 8 + 4));
    for (let i = 0; i < 4; i++) {
      planes[at + (7 - i) * 8] = high >>> (24 - 8 * i);
      planes[at + (3 - i) * 8] = low >>> (24 - 8 * i);
    }
  }
}

function fourBytes(numbers: Int8Array, at: number): number {
  return (
    (numbers[at]! << 24) |
    ((numbers[at + 1]! & 255) << 16) |
    ((numbers[at + 2]! & 255) << 8) |
    (numbers[at + 3]! & 255)
  );
}

/** Turns 8 × 8 bits over: the first byte out holds the highest bit of each byte in. Source: Warren, Hacker's Delight, 7-3. */
function transpose(high: number, low: number): [number, number] {
  const pairs = (x: number) => {
    const t = (x ^ (x >>> 7)) & 0x00aa00aa;
    return x ^ t ^ (t << 7);
  };
  const fours = (x: number) => {
    const t = (x ^ (x >>> 14)) & 0x0000cccc;
    return x ^ t ^ (t << 14);
  };
  const x = fours(pairs(high));
  const y = fours(pairs(low));
  return [(x & 0xf0f0f0f0) | ((y >>> 4) & 0x0f0f0f0f), ((x << 4) & 0xf0f0f0f0) | (y & 0x0f0f0f0f)];
}
