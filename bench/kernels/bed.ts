/**
 * The test bed: holds the same codes in several scanners and in the memory of the plain read, and times one task at a time.
 * In: shapes and tasks, as plain objects, since in Chromium they come from another process. Out: milliseconds, checksums.
 * Deliberately not here: who takes turns with whom, and what the times are held against.
 */
import { chooseKernel } from '../../src/kernels/choose';
import {
  type Bitmap,
  type CodeScanner,
  type Kernel,
  type KernelName,
  type Measure,
  type Neighbours,
  type Rescorer,
  type RowForm,
  rowBytesOf,
} from '../../src/kernels/kernel';
import type { ScanThread } from '../../src/kernels/wasm/crew';
import {
  checksumOf,
  codeBlocks,
  hammingQueries,
  queryCount,
  randomBitmap,
  rescoringQueries,
  rescoringRows,
  scatteredOrdinals,
  tableQueries,
} from './data';
import { timeCalls } from './timer';

/** What tells one scanner from another. Default of `threads`: 1. */
export interface ScannerShape {
  kernel: KernelName;
  measure: Measure;
  bits: number;
  threads?: number;
}

export interface Filling {
  n: number;
  scanners: ScannerShape[];
  /** Width of the codes that the plain read reads; none without. */
  readBits?: number;
}

/** `filter`: share of the rows whose bit is set, drawn at random. `tombstones`: a bitmap with no bit set. */
export interface ScanTask extends ScannerShape {
  task: 'scan';
  k: number;
  filter?: number;
  tombstones?: boolean;
}

/** `fresh`: the rows are copied in before each call, as they are when they have just been read. */
export interface DotsTask {
  task: 'dots';
  kernel: KernelName;
  form: RowForm;
  candidates: number;
  fresh?: boolean;
}

export type Task = ScanTask | DotsTask | { task: 'read' };

export interface KernelsHere {
  /** The kernel that nearbit takes here, and why. */
  chosen: KernelName;
  reason: string;
  /** All that run here. */
  names: KernelName[];
  refused: { kernel: KernelName; reason: string }[];
  /** Threads that a scanner may use here; 1 where there are none. */
  threads: number;
}

/** All that the bench asks of the place where kernels run. */
export interface Bed {
  kernels(): Promise<KernelsHere>;
  /** Lets go of what it held, then makes these scanners and fills them with the same codes. */
  fill(filling: Filling): Promise<void>;
  /** Of the lists of the first `queries` queries, as ../native/scan.c makes it. */
  checksum(task: ScanTask, queries: number): Promise<number>;
  /** The dot products with the first query. */
  dots(task: DotsTask): Promise<number[]>;
  /** Median of one call, warm. Units: milliseconds. */
  time(task: Task, budgetMs: number): Promise<number>;
}

const comparable: readonly KernelName[] = ['portable', 'wasm', 'wasm-simd'];

/** Rows held by a rescorer: the most candidates there can be. */
const rescorerRows = 1000;

const pageBytes = 65_536;
/** What one turn of the plain read reads. */
const turnBytes = 128;

/** `readModule`: ../native/read.wat, assembled. `startThread`: null where memory cannot be shared. */
export function createBed(
  readModule: Uint8Array<ArrayBuffer>,
  startThread: (() => ScanThread) | null,
  cores: number,
): Bed {
  const kernels = new Map<string, Promise<Kernel | null>>();
  const scanners = new Map<string, CodeScanner>();
  const rescorers = new Map<string, Rescorer>();
  const bitmaps = new Map<number, Bitmap>();
  let read: (() => void) | null = null;
  let n = 0;
  let turn = 0;

  function kernelNamed(name: KernelName, threads = 1): Promise<Kernel | null> {
    const key = `${name} ${threads}`;
    let kernel = kernels.get(key);
    if (!kernel) {
      kernel = openKernel(name, threads, startThread);
      kernels.set(key, kernel);
    }
    return kernel;
  }

  function bitmapOf(share: number): Bitmap {
    let bitmap = bitmaps.get(share);
    if (!bitmap) {
      bitmap = randomBitmap(n, share);
      bitmaps.set(share, bitmap);
    }
    return bitmap;
  }

  async function openReader(bits: number): Promise<{ write(block: Uint8Array): void; read(): void }> {
    const bytes = Math.ceil((n * bits) / 8 / turnBytes) * turnBytes;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
    const { instance } = await WebAssembly.instantiate(readModule, { bench: { memory } });
    const readBytes = instance.exports.read as (from: number, to: number) => number;
    const held = new Uint8Array(memory.buffer);
    let at = 0;
    return {
      write(block) {
        held.set(block, at);
        at += block.length;
      },
      read: () => void readBytes(0, bytes),
    };
  }

  function scanCall({ k, filter, tombstones, ...shape }: ScanTask): (query: number) => Promise<Neighbours> {
    const scanner = scanners.get(keyOf(shape));
    if (!scanner) throw new Error(`Cannot scan: expected a filled scanner, received ${keyOf(shape)}`);
    const queries =
      shape.measure === 'hamming' ? hammingQueries(shape.bits / 8) : tableQueries(shape.bits / 8);
    const limits = {
      filter: filter === undefined ? undefined : bitmapOf(filter),
      tombstones: tombstones ? bitmapOf(0) : undefined,
    };
    return (query) => scanner.scan(queries[query % queryCount]!, k, limits);
  }

  async function dotsCall(task: DotsTask): Promise<(query: number) => Int32Array> {
    const { kernel: name, form, candidates, fresh } = task;
    const key = `${name} ${JSON.stringify(form)}`;
    const rowBytes = rowBytesOf(form);
    let rescorer = rescorers.get(key);
    if (!rescorer) {
      const kernel = await kernelNamed(name);
      rescorer = kernel!.createRescorer(form);
      rescorers.set(key, rescorer);
    }
    const rows = rescoringRows(rescorerRows, rowBytes);
    rescorer.clear();
    rescorer.append(rows);
    const filled = rescorer;
    const queries = rescoringQueries(form.dim);
    const some = rows.subarray(0, candidates * rowBytes);
    const inOrder = Uint32Array.from({ length: candidates }, (_, i) => i);
    const scattered = scatteredOrdinals(candidates, rescorerRows);
    if (!fresh) return (query) => filled.dots(queries[query % queryCount]!, scattered);
    return (query) => {
      filled.clear();
      filled.append(some);
      return filled.dots(queries[query % queryCount]!, inOrder);
    };
  }

  async function callOf(task: Task): Promise<(query: number) => unknown> {
    if (task.task === 'dots') return dotsCall(task);
    if (task.task === 'scan') return scanCall(task);
    if (!read) throw new Error('Cannot read: expected filled memory, received none');
    return read;
  }

  return {
    async kernels() {
      const { kernel, reason, refused } = await chooseKernel();
      const here = await Promise.all(comparable.map((name) => kernelNamed(name)));
      const names = comparable.filter((_, i) => here[i]);
      return { chosen: kernel.name, reason, refused, names, threads: startThread ? cores : 1 };
    },
    async fill({ n: wanted, scanners: shapes, readBits }) {
      for (const scanner of scanners.values()) scanner.close();
      scanners.clear();
      bitmaps.clear();
      read = null;
      n = wanted;
      const reader = readBits === undefined ? null : await openReader(readBits);
      for (const shape of shapes) {
        const { kernel: name, measure, bits, threads } = shape;
        const kernel = await kernelNamed(name, threads);
        scanners.set(keyOf(shape), kernel!.createScanner({ codeBytes: bits / 8, measure, capacity: n }));
      }
      const widths = new Set([
        ...shapes.map(({ bits }) => bits),
        ...(readBits === undefined ? [] : [readBits]),
      ]);
      for (const bits of widths) {
        const alike = shapes
          .filter((shape) => shape.bits === bits)
          .map((shape) => scanners.get(keyOf(shape))!);
        for (const block of codeBlocks(n, bits / 8)) {
          for (const scanner of alike) scanner.append(block);
          if (bits === readBits) reader!.write(block);
        }
      }
      read = reader?.read ?? null;
    },
    async checksum(task, queries) {
      const scan = scanCall(task);
      const lists: Neighbours[] = [];
      for (let query = 0; query < queries; query++) lists.push(await scan(query));
      return checksumOf(lists);
    },
    async dots(task) {
      return Array.from((await dotsCall(task))(0));
    },
    async time(task, budgetMs) {
      const call = await callOf(task);
      return timeCalls(() => call(turn++), budgetMs);
    },
  };
}

function keyOf({ kernel, measure, bits, threads = 1 }: ScannerShape): string {
  return `${kernel}, ${measure}, ${bits} bits, ${threads} threads`;
}

/** Null where that kernel does not run, or not on that many threads. */
async function openKernel(
  name: KernelName,
  threads: number,
  start: (() => ScanThread) | null,
): Promise<Kernel | null> {
  if (threads > 1 && !start) return null;
  const crew = threads > 1 ? { start: start!, count: threads - 1 } : null;
  const { kernel } = await chooseKernel({ allow: [name], threads: crew });
  return kernel.name === name ? kernel : null;
}
