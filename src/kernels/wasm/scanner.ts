/**
 * Codes in WASM memory, and the scans over them.
 * In: blocks of codes, a query, limits. Out: neighbours, copied out of the memory.
 * Owns the memory layout: query, rows, then scratch that lives only during a scan, and so may lie where the next block will be put.
 */
import { allowedRows } from '../allowed-rows';
import { checkOrdinal, checkScan, closedError, countRows } from '../checks';
import {
  type CodeScanner,
  type Measure,
  maxCodeBytes,
  maxDistance,
  type Neighbours,
  type ScanLimits,
  type ScannerOptions,
} from '../kernel';
import { Crew, fewestCodes, type ScanThreads } from './crew';
import { align, areaOf, endPart, type Job, type ScanExports, startPart } from './job';
import { compileShared, createMemory, type ModuleName, reserve } from './memory';

const queryAt = 0;
/** Behind the longest query; a multiple of a cache line, so that rows of 64 bytes never straddle two. */
const rowsAt = maxCodeBytes * 32;
/** Codes that lie interleaved in a block, for the measure `tables`. */
const blockCodes = 32;

export class WasmScanner implements CodeScanner {
  n = 0;
  readonly #measure: Measure;
  readonly #codeBytes: number;
  /** Rows are padded with zeros to whole 64-bit words. */
  readonly #rowBytes: number;
  readonly #farthest: number;
  readonly #memory: WebAssembly.Memory;
  #exports: ScanExports | null;
  /** Null: one thread scans. */
  #crew: Crew | null = null;

  /** With `threads`, scanners that make room for enough codes share their memory with them. */
  constructor(
    { name, module }: { name: ModuleName; module: WebAssembly.Module },
    { codeBytes, measure = 'hamming', capacity = 0 }: ScannerOptions,
    threads: ScanThreads | null,
  ) {
    this.#farthest = maxDistance(measure, codeBytes);
    this.#measure = measure;
    this.#codeBytes = codeBytes;
    this.#rowBytes = align(codeBytes, 8);
    const crew = capacity >= fewestCodes ? threads : null;
    this.#memory = createMemory(this.#rowsEnd(capacity), crew !== null);
    const used = crew ? compileShared(name) : module;
    const { exports } = new WebAssembly.Instance(used, { env: { memory: this.#memory } });
    this.#exports = exports as unknown as ScanExports;
    if (crew) this.#crew = new Crew(crew, used, this.#memory, this.#exports);
  }

  #rowsEnd(n: number): number {
    const rows = this.#measure === 'hamming' ? n : align(n, blockCodes);
    return rowsAt + rows * this.#rowBytes;
  }

  append(codes: Uint8Array): void {
    if (!this.#exports) throw closedError('scanner', 'append');
    const m = countRows('Block of codes', codes, this.#codeBytes);
    const from = this.#rowsEnd(this.n);
    const to = this.#rowsEnd(this.n + m);
    const bytes = reserve(this.#memory, to);
    if (this.#measure === 'tables') {
      bytes.fill(0, from, to);
      interleave(codes, m, this.#codeBytes, bytes, this.n, this.#rowBytes);
    } else if (this.#rowBytes === this.#codeBytes) {
      bytes.set(codes, from);
    } else {
      bytes.fill(0, from, to);
      for (let i = 0; i < m; i++) {
        const code = codes.subarray(i * this.#codeBytes, (i + 1) * this.#codeBytes);
        bytes.set(code, from + i * this.#rowBytes);
      }
    }
    this.n += m;
  }

  async scan(query: Uint8Array, k: number, limits: ScanLimits = {}): Promise<Neighbours> {
    if (!this.#exports) throw closedError('scanner', 'scan');
    checkScan({ measure: this.#measure, codeBytes: this.#codeBytes, n: this.n }, query, k, limits);
    const { n } = this;
    const most = Math.min(k, n);
    if (most === 0) return { ordinals: new Uint32Array(0), distances: new Uint16Array(0) };

    const isMasked = limits.filter !== undefined || limits.tombstones !== undefined;
    const maskAt = align(this.#rowsEnd(n), 8);
    const job: Job = {
      n,
      rowsAt,
      rowBytes: this.#rowBytes,
      queryAt,
      maskAt: isMasked ? maskAt : 0,
      k: most,
      limit: Math.min(limits.within ?? this.#farthest, this.#farthest) + 1,
      areasAt: align(maskAt + (isMasked ? n / 8 + 8 : 0), 64),
    };
    const crew = n >= fewestCodes ? this.#crew : null;
    const bytes = reserve(this.#memory, areaOf(job, crew ? crew.parts - 1 : 0).end);
    bytes.fill(0, queryAt, queryAt + rowsAt);
    bytes.set(query, queryAt);
    if (isMasked) {
      // The kernel reads 64 bits at once.
      const mask = new Uint32Array(bytes.buffer, maskAt, align(Math.ceil(n / 32), 2));
      mask[mask.length - 1] = 0;
      mask.set(allowedRows(n, limits));
    }

    const found = crew?.scan(job);
    if (found)
      return merge(
        [...found].map((count, part) => this.#read(job, part, count)),
        most,
      );
    startPart(this.#exports, this.#memory, job, 0);
    this.#exports.scan(0, n);
    return this.#read(job, 0, endPart(this.#exports, job, 0));
  }

  #read(job: Job, part: number, found: number): Neighbours {
    const { ordinalsAt, distancesAt } = areaOf(job, part);
    const { buffer } = this.#memory;
    return {
      ordinals: new Uint32Array(buffer, ordinalsAt, found).slice(),
      distances: new Uint16Array(buffer, distancesAt, found).slice(),
    };
  }

  code(ordinal: number): Uint8Array {
    if (!this.#exports) throw closedError('scanner', 'code');
    checkOrdinal(ordinal, this.n);
    const bytes = new Uint8Array(this.#memory.buffer);
    if (this.#measure === 'tables') return deinterleave(bytes, ordinal, this.#codeBytes, this.#rowBytes);
    const at = rowsAt + ordinal * this.#rowBytes;
    return bytes.slice(at, at + this.#codeBytes);
  }

  close(): void {
    this.#crew?.close();
    this.#crew = null;
    this.#exports = null;
    this.n = 0;
  }
}

/** Writes codes where tables.wat reads them, into zeros. */
function interleave(
  codes: Uint8Array,
  m: number,
  codeBytes: number,
  bytes: Uint8Array,
  first: number,
  rowBytes: number,
): void {
  let i = 0;
  const writeCode = () => {
    const { at, shift } = placeOf(first + i, rowBytes);
    for (let from = i * codeBytes, to = at, end = from + codeBytes; from < end; from++, to += 32) {
      bytes[to]! |= (codes[from]! >> 4) << shift;
      bytes[to + 16]! |= (codes[from]! & 15) << shift;
    }
    i++;
  };
  while (i < m && (first + i) % blockCodes !== 0) writeCode();
  const words = new Uint32Array(bytes.buffer);
  for (; i + blockCodes <= m; i += blockCodes)
    interleaveBlock(codes.subarray(i * codeBytes), codeBytes, words, rowsAt + (first + i) * rowBytes);
  while (i < m) writeCode();
}

/** A whole block, four lanes a word: three times as fast as code by code, and an index opens with it. */
function interleaveBlock(codes: Uint8Array, codeBytes: number, words: Uint32Array, at: number): void {
  const half = 16 * codeBytes;
  for (let lane = 0; lane < 16; lane += 4) {
    const a = lane * codeBytes;
    const [b, c, d] = [a + codeBytes, a + 2 * codeBytes, a + 3 * codeBytes];
    const wordOf = (j: number) =>
      codes[a + j]! | (codes[b + j]! << 8) | (codes[c + j]! << 16) | (codes[d + j]! << 24);
    for (let j = 0, to = (at + lane) / 4; j < codeBytes; j++, to += 8) {
      const low = wordOf(j);
      const high = wordOf(half + j);
      words[to] = ((low >>> 4) & 0x0f0f0f0f) | (high & 0xf0f0f0f0);
      words[to + 4] = (low & 0x0f0f0f0f) | ((high & 0x0f0f0f0f) << 4);
    }
  }
}

function deinterleave(bytes: Uint8Array, ordinal: number, codeBytes: number, rowBytes: number): Uint8Array {
  const { at, shift } = placeOf(ordinal, rowBytes);
  const half = (i: number) => (bytes[at + i]! >> shift) & 15;
  return Uint8Array.from({ length: codeBytes }, (_, j) => (half(j * 32) << 4) | half(j * 32 + 16));
}

/** The address of a code's first half byte, and by how much it is shifted there. */
function placeOf(ordinal: number, rowBytes: number): { at: number; shift: number } {
  const lane = ordinal % blockCodes;
  return { at: rowsAt + (ordinal - lane) * rowBytes + (lane & 15), shift: lane < 16 ? 0 : 4 };
}

/** The k nearest of several sorted lists. */
function merge(parts: Neighbours[], k: number): Neighbours {
  const found = Math.min(
    k,
    parts.reduce((sum, { ordinals }) => sum + ordinals.length, 0),
  );
  const merged = { ordinals: new Uint32Array(found), distances: new Uint16Array(found) };
  const heads = parts.map(() => 0);
  const isNearer = (a: number, b: number) => {
    const [distanceA, distanceB] = [parts[a]!.distances[heads[a]!]!, parts[b]!.distances[heads[b]!]!];
    return distanceA !== distanceB
      ? distanceA < distanceB
      : parts[a]!.ordinals[heads[a]!]! < parts[b]!.ordinals[heads[b]!]!;
  };
  for (let i = 0; i < found; i++) {
    let best = -1;
    for (const [part, { ordinals }] of parts.entries()) {
      if (heads[part]! < ordinals.length && (best < 0 || isNearer(part, best))) best = part;
    }
    merged.ordinals[i] = parts[best]!.ordinals[heads[best]!]!;
    merged.distances[i] = parts[best]!.distances[heads[best]!++]!;
  }
  return merged;
}
