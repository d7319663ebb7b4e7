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
import {
  type CodeScanner,
  type Kernel,
  type Measure,
  type Neighbours,
  type Rescorer,
  rowBytesOf,
  type ScanLimits,
} from '../kernels/kernel';
import type { ReadableStore } from '../store/store';
import type { BlockRef, Manifest, PageGroup } from '../types';
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

/** What a leg reads of a bundle's manifest, or of a segment of a live index. */
export interface CodedPassages {
  code: Manifest['code'];
  /** Of the first passages, in order. */
  codes: Manifest['codes'];
  groups: readonly PageGroup[];
  counts: { passages: number };
}

/** Any kernel scans so many in less than a millisecond. */
const fewCodes = 1024;

/** What the legs of several segments share. */
export class LegMemory {
  readonly kernel: Kernel;
  readonly fine = new BlockCache<Uint8Array>(fineBudgetBytes);
  readonly #frames = new Map<string, () => Promise<Frame>>();
  readonly #rescorers = new Map<number, Rescorer>();

  readonly #small: Kernel;

  /** `small`: holds few codes without setting aside the gigabytes of addresses that each memory of WebAssembly takes. */
  constructor(kernel: Kernel, small = kernel) {
    this.kernel = kernel;
    this.#small = small;
  }

  /** Errors: ShapeError; RangeError where there is no memory. */
  scanner(codeBytes: number, capacity: number): CodeScanner {
    const kernel = capacity <= fewCodes ? this.#small : this.kernel;
    return kernel.createScanner({ codeBytes, measure: measureOf(this.kernel), capacity });
  }

  /** Read at once, and decoded once, when it is asked for. Errors: those of `read`; FormatError format-corrupt. */
  frame({ hash }: BlockRef, read: () => Promise<Uint8Array>): () => Promise<Frame> {
    const known = this.#frames.get(hash);
    if (known) return known;
    const bytes = read();
    let decoded: Promise<Frame> | null = null;
    const frame = () => {
      decoded ??= bytes.then(decodeFrame);
      decoded.catch(forget);
      return decoded;
    };
    const forget = () => this.#frames.delete(hash);
    bytes.catch(forget);
    this.#frames.set(hash, frame);
    return frame;
  }

  /** Empty between calls. */
  rescorer(dim: number): Rescorer {
    const known = this.#rescorers.get(dim);
    if (known) return known;
    const rescorer = this.kernel.createRescorer(levelsForm(dim));
    this.#rescorers.set(dim, rescorer);
    return rescorer;
  }

  /** Lets go of other frames. */
  keepFrames(hashes: ReadonlySet<string>): void {
    for (const hash of [...this.#frames.keys()]) if (!hashes.has(hash)) this.#frames.delete(hash);
  }

  close(): void {
    this.fine.clear();
    this.#frames.clear();
    for (const rescorer of this.#rescorers.values()) rescorer.close();
    this.#rescorers.clear();
  }
}

interface Loaded {
  frame: Frame;
  scanner: CodeScanner;
  /** Blocks of codes that the scanner holds. */
  blocks: number;
}

export class VectorLeg {
  readonly #store: Pick<ReadableStore, 'readBlock'>;
  readonly #memory: LegMemory;
  readonly #isAlone: boolean;
  readonly #closing = new AbortController();
  #source: CodedPassages;
  #loaded: Loaded | null = null;
  #reading: Promise<Loaded> | null = null;
  /** Blocks of codes that `#reading` reads up to. */
  #upTo = 0;

  /** A leg with a `memory` leaves it to others to close that. */
  constructor(
    store: Pick<ReadableStore, 'readBlock'>,
    source: CodedPassages,
    kernel: Kernel,
    memory: LegMemory | null = null,
  ) {
    this.#store = store;
    this.#source = source;
    this.#memory = memory ?? new LegMemory(kernel);
    this.#isAlone = memory === null;
  }

  /** Takes further codes in, behind those that it has; they are read with the next `load`. */
  grow(source: CodedPassages): void {
    this.#source = source;
  }

  /**
   * Reads the frame and all first planes that it does not hold yet; later calls wait for the same read. A failed read is tried
   * again. Errors: as the store's readBlock; NearbitError closed.
   */
  load(): Promise<Loaded> {
    const { length } = this.#source.codes;
    if (this.#reading && this.#upTo === length) return this.#reading;
    this.#upTo = length;
    const reading = this.#read(this.#reading);
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = null;
    });
    this.#reading = reading;
    return reading;
  }

  async #read(before: Promise<Loaded> | null): Promise<Loaded> {
    // Two at once would mix up their blocks.
    await before?.catch(() => null);
    const { code, codes, counts } = this.#source;
    if (!code) throw new TypeError('a lexical-only index has no vector leg');
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const { codeBytes } = codeSizes(code.bits);
    const scanner = this.#loaded?.scanner ?? this.#memory.scanner(codeBytes, counts.passages);
    try {
      const frame = this.#memory.frame(code.frame, () =>
        this.#store.readBlock('frame', code.frame, { signal }),
      );
      const reads: Promise<Uint8Array>[] = [];
      for (let i = this.#loaded?.blocks ?? 0; i < codes.length; i++) {
        for (const ref of codes.slice(i + reads.length, i + readsInFlight))
          reads.push(begun(this.#readRows('codes', ref, ref.passages, codeBytes)));
        scanner.append(await reads.shift()!);
        if (this.#loaded) this.#loaded.blocks = i + 1;
      }
      this.#loaded ??= { frame: await frame(), scanner, blocks: codes.length };
      return this.#loaded;
    } catch (error) {
      if (!this.#loaded) scanner.close();
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
    return (await this.nearest(askedOf(query, this.#memory.kernel), scanDepth)).ordinals;
  }

  /** `asked`: from `askedOf`. Distances compare between legs of one frame. */
  async nearest(asked: Uint8Array, k: number, limits?: ScanLimits): Promise<Neighbours> {
    return (await this.load()).scanner.scan(asked, k, limits);
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
    const rescored = cosinesOf(query, found, loaded, this.#memory.rescorer(loaded.frame.dim));
    for (const [i, cosine] of rescored.entries()) cosines[found[i]!.place] = cosine;
    return cosines;
  }

  #readFine(
    group: number,
    fineBytes: number,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<Uint8Array | null> {
    const { fine: ref, passages } = this.#source.groups[group]!;
    if (!ref) return Promise.resolve(null);
    const read = this.#memory.fine.get(ref.hash, ref.bytes, () =>
      this.#readRows('fine', ref, passages, fineBytes),
    );
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
    await this.#reading?.catch(() => null);
    this.#loaded?.scanner.close();
    this.#loaded = null;
    this.#reading = null;
    if (this.#isAlone) this.#memory.close();
  }
}

/**
 * Tables find more of the nearest than counting bits does (of the top ten among 85,838 passages .998 against .95) for
 * less than twice the time. A GPU counts only, and is chosen only where there are too many codes for anything else.
 */
function measureOf(kernel: Kernel): Measure {
  return kernel.name === 'webgpu' ? 'hamming' : 'tables';
}

/** What a scanner of this kernel is asked. */
export function askedOf(query: QueryCode, kernel: Kernel): Uint8Array {
  return measureOf(kernel) === 'tables' ? scanTables(query, 1) : query.code;
}

/** Nothing is awaited here, because overlapping calls share the rescorer. */
function cosinesOf(
  query: QueryCode,
  found: readonly { ordinal: number; fine: Uint8Array }[],
  { frame, scanner }: Loaded,
  rescorer: Rescorer,
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
