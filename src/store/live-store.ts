/**
 * Where a live index lives: blocks and one manifest that change together, on this device.
 * In: sealed blocks, manifests. Out: bytes that were checked against their name.
 * Every change is one transaction: whoever stops in between leaves the state before it.
 * Deliberately not here: who may write (live/writer.ts), and what is no longer needed (live).
 */
import type { LiveManifest } from '../segment/live-shape';
import type { BlockKind, BlockRef } from '../types';

/**
 * How safe a change is when its promise resolves. Both survive the end of the tab, the worker or the browser. `strict` also
 * survives a power failure, and waits for the disk with every change; `relaxed` may lose the last seconds then, never more.
 */
export type Durability = 'strict' | 'relaxed';

/** A block as it is stored, header included. */
export interface SealedBlock {
  kind: BlockKind;
  ref: BlockRef;
  bytes: Uint8Array;
}

/**
 * Every method throws NearbitError closed after `close`, and StoreError store-failed where the place itself fails (another tab
 * deleted it, the browser refuses it).
 */
export interface LiveStore {
  readonly name: string;
  /** Null: nothing was ever written. Errors: FormatError format-corrupt (its blocks stay), format-too-new. */
  readManifest(): Promise<LiveManifest | null>;
  /** That of the stored manifest, without reading it; 0: nothing was ever written. */
  readGeneration(): Promise<number>;
  /** The payload, inflated; the caller's own. Errors: StoreError block-missing; FormatError format-corrupt, format-too-new. */
  readBlock(kind: BlockKind, ref: BlockRef): Promise<Uint8Array>;
  /** The bytes as stored, length and hash checked; the caller's own. Errors: as `readBlock`. */
  readStored(kind: BlockKind, ref: BlockRef): Promise<Uint8Array>;
  /**
   * Puts the blocks and swaps the manifest, in one transaction. Errors: StoreError quota-exceeded (nothing has changed;
   * says how many bytes are missing, as far as the browser tells), block-missing where the manifest names a block that the stored
   * one does not and that is neither given nor here, store-changed where the stored generation is not the one before this
   * manifest's; FormatError format-corrupt for a manifest no reader would take, format-too-new over one of a newer version.
   */
  commit(manifest: LiveManifest, blocks: readonly SealedBlock[], durability: Durability): Promise<void>;
  /** Puts blocks that a later `commit` will name; until then only the writer's lock keeps them from `prune`. Errors: StoreError quota-exceeded. */
  put(blocks: readonly SealedBlock[]): Promise<void>;
  /** Deletes every block whose path is not in `keep` (blockPath); returns their number. */
  prune(keep: ReadonlySet<string>): Promise<number>;
  /** Deletes everything, and closes. Other tabs' stores of this place fail from then on. */
  destroy(): Promise<void>;
  /** Waits for what is being written. May be called twice. */
  close(): Promise<void>;
}
