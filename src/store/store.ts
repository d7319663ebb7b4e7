/**
 * Where blocks live: one contract for every place.
 * In: kinds and names of blocks. Out: bytes that were checked against their name.
 * Write-once blocks first, then one manifest swapped last: whoever stops in between leaves the old index whole.
 * Deliberately not here: what blocks mean (segment), and which ones a query needs (search).
 */
import { NearbitError, StoreError } from '../errors';
import { blockPath } from '../segment/block';
import { decodeManifest, encodeManifest, manifestBlocks } from '../segment/manifest';
import type { BlockKind, BlockRef, Manifest } from '../types';
import type { WrittenInstant } from './instant-set';

/** Units: stored bytes. `received` begins again at 0 when a damaged copy is fetched a second time. */
export type BlockProgress = (received: number, total: number) => void;

export interface BlockReadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: BlockProgress | undefined;
  /** Over a network: `low` lets everything else go first. */
  priority?: RequestPriority | undefined;
}

/** Every method but `close` throws the platform's AbortError when its signal says so, and NearbitError closed after `close`. */
export interface ReadableStore {
  /** What a person would look for: a URL, a folder, a name. */
  readonly name: string;
  /** Errors: StoreError index-missing; FormatError format-corrupt, format-too-new. */
  readManifest(signal?: AbortSignal): Promise<Manifest>;
  /** The payload, inflated; the caller's own, to keep or transfer. Errors: StoreError block-missing; FormatError format-corrupt, format-too-new. */
  readBlock(kind: BlockKind, ref: BlockRef, options?: BlockReadOptions): Promise<Uint8Array>;
  /** The bytes as stored, header included, length and hash checked; the caller's own. Errors: as `readBlock`. */
  readStored(kind: BlockKind, ref: BlockRef, options?: BlockReadOptions): Promise<Uint8Array>;
  /** Waits for what is being written; what is being read goes on. May be called twice. */
  close(): Promise<void>;
}

export interface WritableStore extends ReadableStore {
  /** Writing the same payload again changes nothing and mends a damaged copy. `compress`: as in `sealBlock`. */
  writeBlock(kind: BlockKind, payload: Uint8Array, options?: { compress?: boolean }): Promise<BlockRef>;
  /** Writes a set of the instant tier: `start.bin` and packs, by name. Writing the same files again mends damaged ones. */
  writeInstant(files: ReadonlyMap<string, Uint8Array>): Promise<WrittenInstant>;
  /** Whether a set is there, whole and undamaged, so that it need not be made again. */
  hasInstant(set: Pick<WrittenInstant, 'name'>): Promise<boolean>;
  /** Swaps the manifest (and before it `instant.json` where the manifest names a set), then removes what it does not name. Errors: StoreError block-missing; FormatError for a manifest no reader would take. */
  commit(manifest: Manifest): Promise<void>;
}

/** A store's open or closed state. */
export interface Gate {
  /** Errors: the signal's reason; NearbitError closed. */
  pass(call: string, signal?: AbortSignal): void;
  close(): void;
}

/** Shared by all stores, so that they refuse in the same words. */
export function createGate(name: string): Gate {
  let open = true;
  return {
    pass(call, signal) {
      signal?.throwIfAborted();
      if (!open) throw new NearbitError('closed', { what: `The store ${name}`, call });
    },
    close() {
      open = false;
    },
  };
}

/** What `commit` swaps in: the manifest's bytes, proven readable, and the paths it names. Errors: as `commit`. */
export function prepareCommit(
  manifest: Manifest,
  has: (path: string) => boolean,
): { bytes: Uint8Array; paths: Set<string> } {
  const bytes = encodeManifest(manifest);
  decodeManifest(bytes);
  const paths = new Set<string>();
  for (const { kind, ref } of manifestBlocks(manifest)) {
    const path = blockPath(kind, ref);
    if (!has(path)) throw new StoreError('block-missing', { path, received: 'a manifest that names it' });
    paths.add(path);
  }
  return { bytes, paths };
}
