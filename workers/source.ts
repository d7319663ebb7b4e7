/**
 * Opens where an index's blocks come from, inside a worker.
 * In: a SourceMessage. Out: a store whose reads are told to the page in bytes, and whose trouble as notices.
 * Deliberately not here: what the blocks mean.
 */
import { StoreError } from '../src/errors';
import { blockPath, openBlock } from '../src/segment/block';
import { httpStore } from '../src/store/http-store';
import { type CachedStore, cachedStore } from '../src/store/idb-cache';
import type { BlockProgress, ReadableStore } from '../src/store/store';
import type { BlockKind, BlockRef } from '../src/types';
import type { LiveSource, Progress, SourceMessage, WorkerEvent } from './api';

type Emit = (event: WorkerEvent) => void;

/** `keeps`: the store that keeps on the device what is read; null where nothing is kept. */
export interface Source {
  store: ReadableStore;
  keeps: CachedStore | null;
}

export function openSource(source: Exclude<SourceMessage, LiveSource>, emit: Emit): Source {
  if (source.kind === 'memory') return { store: handedStore(source), keeps: null };
  const network = httpStore(source.url);
  if (!source.cache) return { store: network, keeps: null };
  const keeps = cachedStore(network, {
    name: `nearbit ${source.url}`,
    onNotice: (notice) => emit({ type: 'notice', notice }),
  });
  return { store: keeps, keeps };
}

/** A read-only store over the blocks that the page handed over; their hashes were made on this device. */
function handedStore({ manifest, blocks }: SourceMessage & { kind: 'memory' }): ReadableStore {
  const byPath = new Map(blocks.map(({ kind, ref, bytes }) => [blockPath(kind, ref), bytes]));
  const store: ReadableStore = {
    name: 'memory',
    readManifest: async () => manifest,
    readBlock: async (kind, ref) => openBlock(kind, await store.readStored(kind, ref), blockPath(kind, ref)),
    async readStored(kind, ref) {
      const path = blockPath(kind, ref);
      const bytes = byPath.get(path);
      if (!bytes) throw new StoreError('block-missing', { path, received: 'nothing' });
      return bytes.slice();
    },
    close: async () => byPath.clear(),
  };
  return store;
}

/** How often the page hears of bytes. Units: milliseconds. */
const tellMs = 50;

/** Sums the bytes of several reads for one purpose. To be called once per read, with the size it will have. */
export function countBytes(what: Progress['what'], emit: Emit): (bytes: number) => BlockProgress {
  let received = 0;
  let total = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    total += bytes;
    let mine = 0;
    return (at) => {
      received += at - mine;
      mine = at;
      const now = performance.now();
      if (received < total && now - toldAt < tellMs) return;
      toldAt = now;
      emit({ type: 'progress', progress: { what, received, total } });
    };
  };
}

/** Files of an index, their bytes told as progress of `what`. Errors: as the store's readBlock. */
export function readAssets(
  store: ReadableStore,
  refs: readonly BlockRef[],
  what: Progress['what'],
  emit: Emit,
  signal: AbortSignal,
  kind: BlockKind = 'asset',
): Promise<Uint8Array[]> {
  const count = countBytes(what, emit);
  // Counted before the first byte comes, so that the total stands still.
  const reads = refs.map((ref) => ({ ref, onProgress: count(ref.bytes) }));
  // Megabytes that nobody waits for alone: what answers the query at hand goes first.
  return Promise.all(
    reads.map(({ ref, onProgress }) => store.readBlock(kind, ref, { signal, onProgress, priority: 'low' })),
  );
}

/** The same store, its blocks' bytes told to `count`. */
export function countedStore(store: ReadableStore, count: (bytes: number) => BlockProgress): ReadableStore {
  return {
    ...store,
    readBlock: (kind, ref, options) =>
      store.readBlock(kind, ref, { ...options, onProgress: count(ref.bytes) }),
  };
}
