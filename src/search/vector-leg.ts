/**
 * The meaning of a query against all passages: flat Hamming scan of the first bit plane, then cosines of the best
 * from the finer planes.
 * In: a query embedding. Out: candidate ordinals; cosines for any ordinals asked for.
 * Reads all first planes once, finer planes only of the groups that hold candidates.
 * Source: methods A3 (bits in memory, finer codes for the shortlist); four planes keep .999 of float nDCG@10.
 */
import { codeSizes, decodeFrame, encodeQuery, type Frame, type QueryCode, rescore } from '../codes';
import { FormatError } from '../errors';
import type { CodeScanner, Kernel } from '../kernels/kernel';
import type { ReadableStore } from '../store/store';
import type { Manifest } from '../types';
import { BlockCache } from './block-cache';
import { type Layout, rangeOf } from './layout';
import { type Notices, readOrNotice } from './notices';

/** Candidates that the scan hands to rescoring. */
export const scanDepth = 100;

/** Finer planes kept decoded: 8.8 MB hold 60,000 passages of 384 dimensions. */
const fineBudgetBytes = 24 * 2 ** 20;

interface Loaded {
  frame: Frame;
  scanner: CodeScanner;
}

export class VectorLeg {
  readonly #store: ReadableStore;
  readonly #manifest: Manifest;
  readonly #kernel: Kernel;
  readonly #fine = new BlockCache<Uint8Array>(fineBudgetBytes);
  #loaded: Promise<Loaded> | null = null;

  constructor(store: ReadableStore, manifest: Manifest, kernel: Kernel) {
    this.#store = store;
    this.#manifest = manifest;
    this.#kernel = kernel;
  }

  /** Reads the frame and all first planes; later calls wait for the same read. A failed read is tried again. */
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
    const { codeBytes } = codeSizes(code.bits);
    const scanner = this.#kernel.createScanner(codeBytes, counts.passages);
    try {
      const reads = codes.map((ref) => this.#store.readBlock('codes', ref));
      // A block that fails must not leave the others' rejections unhandled.
      for (const read of reads) read.catch(() => {});
      const frame = decodeFrame(await this.#store.readBlock('frame', code.frame));
      for (const [i, read] of reads.entries()) {
        const block = await read;
        if (block.length !== codes[i]!.passages * codeBytes)
          throw new FormatError('format-corrupt', {
            path: `codes block ${codes[i]!.hash}`,
            expected: `${codes[i]!.passages} codes of ${codeBytes} bytes`,
            received: `${block.length} bytes`,
          });
        scanner.append(block);
      }
      return { frame, scanner };
    } catch (error) {
      scanner.close();
      throw error;
    }
  }

  /** Errors: ShapeError when the embedding's dimension is not the index's. */
  async encode(embedding: Float32Array): Promise<QueryCode> {
    return encodeQuery((await this.load()).frame, embedding);
  }

  /** Ordinals of the nearest codes, nearest first. */
  async scan(query: QueryCode): Promise<Uint32Array> {
    const { scanner } = await this.load();
    return scanner.scan(query.code, scanDepth).ordinals;
  }

  /** Cosine per ordinal; null where the finer planes could not be read (said in `notices`). */
  async cosines(
    query: QueryCode,
    ordinals: readonly number[],
    layout: Layout,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<(number | null)[]> {
    const { scanner } = await this.load();
    const { fineBytes } = codeSizes(this.#manifest.code!.bits);
    const groups = new Map<number, Promise<Uint8Array | null>>();
    const places = ordinals.map((ordinal) => {
      const group = rangeOf(layout.groupStart, rangeOf(layout.pageStart, ordinal));
      if (!groups.has(group)) groups.set(group, this.#readFine(group, fineBytes, notices, signal));
      return { ordinal, group, row: ordinal - layout.pageStart[layout.groupStart[group]!]! };
    });
    const blocks = new Map(
      await Promise.all([...groups].map(async ([group, read]) => [group, await read] as const)),
    );
    return places.map(({ ordinal, group, row }) => {
      const fine = blocks.get(group);
      return fine
        ? rescore(query, scanner.code(ordinal), fine.subarray(row * fineBytes, (row + 1) * fineBytes))
        : null;
    });
  }

  #readFine(
    group: number,
    fineBytes: number,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<Uint8Array | null> {
    const { fine: ref, passages } = this.#manifest.groups[group]!;
    if (!ref) return Promise.resolve(null);
    const read = this.#fine.get(ref.hash, ref.bytes, async () => {
      const block = await this.#store.readBlock('fine', ref);
      if (block.length !== passages * fineBytes)
        throw new FormatError('format-corrupt', {
          path: `fine block ${ref.hash}`,
          expected: `${passages} rows of ${fineBytes} bytes`,
          received: `${block.length} bytes`,
        });
      return block;
    });
    return readOrNotice(read, notices, signal);
  }

  /** Gives the codes' memory back. */
  async close(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    const read = await loaded?.catch(() => null);
    read?.scanner.close();
  }
}
