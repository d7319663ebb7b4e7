/**
 * The WASM kernel: compiles hamming.wat's bytes once, and gives every scanner an instance with a memory of its own.
 * In: codes, copied into that memory as blocks arrive. Out: neighbours, copied out of it.
 * Owns the memory layout: query, histogram, rows, then scratch that lives only during a scan and so may lie where the
 * next block will be put. A closed scanner drops its instance, and the memory goes with it.
 */
import { describe as describeError } from '../../errors';
import {
  type CodeScanner,
  checkOrdinal,
  checkScan,
  checkWidth,
  closedScanner,
  countCodes,
  type Kernel,
  maxCodeBytes,
  type Neighbours,
} from '../kernel';
import { hammingBytes } from './hamming.generated';

interface Exports {
  memory: WebAssembly.Memory;
  scan(
    codes: number,
    query: number,
    rowBytes: number,
    n: number,
    k: number,
    histogram: number,
    candidates: number,
    capacity: number,
    ordinals: number,
    distances: number,
  ): void;
}

const pageBytes = 65_536;
const queryAt = 0;
const histogramAt = maxCodeBytes;
/** Distances from 0 to the number of bits, and the limit above them: u32 each. */
const histogramBytes = 4 * (maxCodeBytes * 8 + 2);
/** A cache line's multiple, so that rows of 64 bytes never straddle two. */
const rowsAt = Math.ceil((histogramAt + histogramBytes) / 64) * 64;
const candidateBytes = 8;

class WasmScanner implements CodeScanner {
  n = 0;
  readonly #codeBytes: number;
  /** Rows are padded with zeros to whole 64-bit words. */
  readonly #rowBytes: number;
  #exports: Exports | null;

  constructor(module: WebAssembly.Module, codeBytes: number, capacity: number) {
    this.#codeBytes = codeBytes;
    this.#rowBytes = Math.ceil(codeBytes / 8) * 8;
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    reserve(this.#exports.memory, rowsAt + capacity * this.#rowBytes);
  }

  append(codes: Uint8Array): void {
    if (!this.#exports) throw closedScanner('append');
    const m = countCodes(codes, this.#codeBytes);
    const at = rowsAt + this.n * this.#rowBytes;
    const bytes = reserve(this.#exports.memory, at + m * this.#rowBytes);
    if (this.#rowBytes === this.#codeBytes) {
      bytes.set(codes, at);
    } else {
      bytes.fill(0, at, at + m * this.#rowBytes);
      for (let i = 0; i < m; i++) {
        const code = codes.subarray(i * this.#codeBytes, (i + 1) * this.#codeBytes);
        bytes.set(code, at + i * this.#rowBytes);
      }
    }
    this.n += m;
  }

  scan(query: Uint8Array, k: number): Neighbours {
    if (!this.#exports) throw closedScanner('scan');
    checkScan(query, k, this.#codeBytes);
    const found = Math.min(k, this.n);
    if (found === 0) return { ordinals: new Uint32Array(0), distances: new Uint16Array(0) };

    // The kernel needs room for 2 × k candidates; twice that keeps its clean-ups rare.
    const capacity = 4 * found + 256;
    const candidatesAt = rowsAt + this.n * this.#rowBytes;
    const ordinalsAt = candidatesAt + capacity * candidateBytes;
    const distancesAt = ordinalsAt + found * 4;
    const bytes = reserve(this.#exports.memory, distancesAt + found * 2);
    bytes.fill(0, queryAt, histogramAt + histogramBytes);
    bytes.set(query, queryAt);
    this.#exports.scan(
      rowsAt,
      queryAt,
      this.#rowBytes,
      this.n,
      found,
      histogramAt,
      candidatesAt,
      capacity,
      ordinalsAt,
      distancesAt,
    );
    return {
      ordinals: new Uint32Array(bytes.buffer, ordinalsAt, found).slice(),
      distances: new Uint16Array(bytes.buffer, distancesAt, found).slice(),
    };
  }

  code(ordinal: number): Uint8Array {
    if (!this.#exports) throw closedScanner('code');
    checkOrdinal(ordinal, this.n);
    const at = rowsAt + ordinal * this.#rowBytes;
    return new Uint8Array(this.#exports.memory.buffer, at, this.#codeBytes).slice();
  }

  close(): void {
    this.#exports = null;
    this.n = 0;
  }
}

/** Grows the memory to hold `bytes`; returns a view of all of it, since growing detaches older views. */
function reserve(memory: WebAssembly.Memory, bytes: number): Uint8Array {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  return new Uint8Array(memory.buffer);
}

/** Compiles the WASM kernel, or says why it cannot run here (no WebAssembly, or a policy that forbids it). */
export async function loadWasmKernel(): Promise<{ kernel: Kernel } | { kernel: null; reason: string }> {
  if (typeof WebAssembly === 'undefined') {
    return { kernel: null, reason: 'this browser has no WebAssembly' };
  }
  try {
    const bytes = Uint8Array.from(atob(hammingBytes), (character) => character.charCodeAt(0));
    const module = await WebAssembly.compile(bytes);
    const kernel: Kernel = {
      name: 'wasm',
      createScanner(codeBytes, capacity = 0) {
        checkWidth(codeBytes);
        return new WasmScanner(module, codeBytes, capacity);
      },
    };
    // A first instance shows that scanners can be made.
    kernel.createScanner(8).close();
    return { kernel };
  } catch (error) {
    return { kernel: null, reason: `WebAssembly is refused here: ${describeError(error)}` };
  }
}
