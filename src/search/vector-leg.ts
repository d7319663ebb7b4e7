/**
 * The meaning of a query against all passages: flat scan of the first bit plane, each bit weighed by the query, then
 * cosines of the best from the finer planes.
 * In: a query embedding. Out: candidate ordinals; cosines for any ordinals asked for.
 * Reads all first planes once, into the kernel's memory and nowhere else; finer planes only of the groups that hold
 * candidates.
 * Source: methods A3 (bits in memory, finer codes for the shortlist); four planes keep .999 of float nDCG@10.
 */
import {
  codeSizes,
  decodeFrame,
  encodeQuery,
  type Frame,
  levelsForm,
  type QueryCode,
  readStep,
  rescore,
  scanTables,
  writeLevels,
} from '../codes';
import { FormatError, NearbitError } from '../errors';
import { type CodeScanner, type Kernel, type Measure, type Rescorer, rowBytesOf } from '../kernels/kernel';
import type { ReadableStore } from '../store/store';
import type { BlockRef, Manifest } from '../types';
import { BlockCache } from './block-cache';
import { type Layout, rangeOf } from './layout';
import { type Notices, readOrNotice } from './notices';

/** Candidates that the scan hands to rescoring. */
export const scanDepth = 100;

/** Finer planes kept decoded: 8.8 MB hold 60,000 passages of 384 dimensions. */
const fineBudgetBytes = 24 * 2 ** 20;

/**
 * Blocks of codes read at once. One more is one more copy of a block beside the scanner's; fewer leave a network idle while
 * a block is checked.
 */
const readsInFlight = 4;

interface Loaded {
  frame: Frame;
  scanner: CodeScanner;
  /** Empty between calls. */
  rescorer: Rescorer;
}

export class VectorLeg {
  readonly #store: ReadableStore;
  readonly #manifest: Manifest;
  readonly #kernel: Kernel;
  readonly #fine = new BlockCache<Uint8Array>(fineBudgetBytes);
  readonly #closing = new AbortController();
  #loaded: Promise<Loaded> | null = null;

  constructor(store: ReadableStore, manifest: Manifest, kernel: Kernel) {
    this.#store = store;
    this.#manifest = manifest;
    this.#kernel = kernel;
  }

  /**
   * Reads the frame and all first planes; later calls wait for the same read. A failed read is tried again.
   * Errors: as the store's readBlock; NearbitError closed.
   */
  load(): Promise<Loaded> {
    this.#loaded ??= this.#read().catch((error) => {
      this.#loaded = null;
      throw error;
    });
    return this.#loaded;
  }

  async #read(): Promise<Loaded> {
    const { code, codes, counts } = this.#manifest;
    if (!code) throw new TypeError('a lexical-only index has no vector leg');
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const { codeBytes } = codeSizes(code.bits);
    const measure = measureOf(this.#kernel);
    const scanner = this.#kernel.createScanner({ codeBytes, measure, capacity: counts.passages });
    const rescorer = this.#kernel.createRescorer(levelsForm(code.bits));
    try {
      const frame = begun(this.#store.readBlock('frame', code.frame, { signal }));
      const reads: Promise<Uint8Array>[] = [];
      for (const i of codes.keys()) {
        for (const ref of codes.slice(i + reads.length, i + readsInFlight))
          reads.push(begun(this.#readRows('codes', ref, ref.passages, codeBytes)));
        scanner.append(await reads.shift()!);
      }
      return { frame: decodeFrame(await frame), scanner, rescorer };
    } catch (error) {
      scanner.close();
      rescorer.close();
      // Stores have their own words for an abort.
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** Errors: ShapeError when the embedding's dimension is not the index's. */
  async encode(embedding: Float32Array): Promise<QueryCode> {
    return encodeQuery((await this.load()).frame, embedding);
  }

  /** Ordinals of the nearest codes, nearest first. */
  async scan(query: QueryCode): Promise<Uint32Array> {
    const { scanner } = await this.load();
    const asked = measureOf(this.#kernel) === 'tables' ? scanTables(query, 1) : query.code;
    return (await scanner.scan(asked, scanDepth)).ordinals;
  }

  /** Cosine per ordinal; null where the finer planes could not be read (said in `notices`). */
  async cosines(
    query: QueryCode,
    ordinals: readonly number[],
    layout: Layout,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<(number | null)[]> {
    const loaded = await this.load();
    const { fineBytes } = codeSizes(loaded.frame.dim);
    const groups = new Map<number, Promise<Uint8Array | null>>();
    const places = ordinals.map((ordinal) => {
      const group = rangeOf(layout.groupStart, rangeOf(layout.pageStart, ordinal));
      if (!groups.has(group)) groups.set(group, this.#readFine(group, fineBytes, notices, signal));
      return { ordinal, group, row: ordinal - layout.pageStart[layout.groupStart[group]!]! };
    });
    const blocks = new Map(
      await Promise.all([...groups].map(async ([group, read]) => [group, await read] as const)),
    );
    const found = places.flatMap(({ ordinal, group, row }, place) => {
      const fine = blocks.get(group)?.subarray(row * fineBytes, (row + 1) * fineBytes);
      return fine ? [{ place, ordinal, fine }] : [];
    });
    const cosines = places.map((): number | null => null);
    for (const [i, cosine] of cosinesOf(query, found, loaded).entries()) cosines[found[i]!.place] = cosine;
    return cosines;
  }

  #readFine(
    group: number,
    fineBytes: number,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<Uint8Array | null> {
    const { fine: ref, passages } = this.#manifest.groups[group]!;
    if (!ref) return Promise.resolve(null);
    const read = this.#fine.get(ref.hash, ref.bytes, () => this.#readRows('fine', ref, passages, fineBytes));
    return readOrNotice(read, notices, signal);
  }

  async #readRows(kind: 'codes' | 'fine', ref: BlockRef, n: number, rowBytes: number): Promise<Uint8Array> {
    const block = await this.#store.readBlock(kind, ref, { signal: this.#closing.signal });
    if (block.length === n * rowBytes) return block;
    throw new FormatError('format-corrupt', {
      path: `${kind} block ${ref.hash}`,
      expected: `${n} rows of ${rowBytes} bytes`,
      received: `${block.length} bytes`,
    });
  }

  /** Gives the codes' memory back, and stops what is being read. Later calls fail with NearbitError closed. */
  async close(): Promise<void> {
    this.#closing.abort(new NearbitError('closed', { what: 'The index', call: 'search' }));
    const loaded = await this.#loaded?.catch(() => null);
    this.#loaded = null;
    this.#fine.clear();
    loaded?.scanner.close();
    loaded?.rescorer.close();
  }
}

/**
 * Tables find more of the nearest than counting bits does (of the top ten among 85,838 passages .998 against .95) for
 * less than twice the time. A GPU counts only, and is chosen only where there are too many codes for anything else.
 */
function measureOf(kernel: Kernel): Measure {
  return kernel.name === 'webgpu' ? 'hamming' : 'tables';
}

/** Nothing is awaited here, because overlapping calls share the rescorer. */
function cosinesOf(
  query: QueryCode,
  found: readonly { ordinal: number; fine: Uint8Array }[],
  { frame, scanner, rescorer }: Loaded,
): number[] {
  const rowBytes = rowBytesOf(levelsForm(frame.dim));
  const rows = new Uint8Array(found.length * rowBytes);
  for (const [i, { ordinal, fine }] of found.entries())
    writeLevels(scanner.code(ordinal), fine, frame.dim, rows, i * rowBytes);
  rescorer.append(rows);
  try {
    const products = rescorer.dots(query.int8, Uint32Array.from(found.keys()));
    return found.map(({ fine }, i) => rescore(query, products[i]!, readStep(fine)));
  } finally {
    rescorer.clear();
  }
}

/** A read that is awaited later, if at all: should it fail before, that is not an unhandled rejection. */
function begun<T>(read: Promise<T>): Promise<T> {
  read.catch(() => {});
  return read;
}
