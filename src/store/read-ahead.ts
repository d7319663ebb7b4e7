/**
 * Reads the blocks that no query has asked for yet, so that later any query is answered without a network.
 * In: a store that keeps what it reads, its manifest. Out: blocks on the device.
 * Queries go first: two blocks at a time, at low priority, none while a query runs or was answered a moment ago.
 * Deliberately not here: model and runtime, which are kept when they are loaded; when to begin (the index worker).
 */
import type { Manifest } from '../types';
import type { CachedStore } from './idb-cache';
import type { BlockProgress } from './store';

/** Where more than this is missing, nothing is read ahead. Units: stored bytes. */
export const maxAheadBytes = 64 * 2 ** 20;
const lanes = 2;

export interface ReadAheadOptions {
  /** Called for every block before the first is read, so that the total stands still. */
  count(bytes: number): BlockProgress;
  /** For how long nobody has asked anything; 0 while a query runs. */
  idleMs(): number;
  /** For how long nobody must have asked: queries come in bursts of keys. Default 1000. */
  quietMs?: number;
  signal?: AbortSignal;
}

/** Ends early when the device is full. Errors: the first that a read ends with; AbortError. */
export async function readAhead(
  store: CachedStore,
  manifest: Manifest,
  { count, idleMs, quietMs = 1000, signal }: ReadAheadOptions,
): Promise<void> {
  const quiet = async () => {
    for (let idle = idleMs(); idle < quietMs; idle = idleMs()) {
      await new Promise((resolve) => setTimeout(resolve, quietMs - idle));
      signal?.throwIfAborted();
    }
  };
  await quiet();
  if (store.stale || !store.keeps) return;
  const missing = (await store.missing(manifest)).filter(({ kind }) => kind !== 'asset');
  if (missing.reduce((bytes, { ref }) => bytes + ref.bytes, 0) > maxAheadBytes) return;
  const waiting = missing.map((block) => ({ ...block, onProgress: count(block.ref.bytes) }));
  const lane = async () => {
    for (let next = waiting.shift(); next && store.keeps; next = waiting.shift()) {
      const { kind, ref, onProgress } = next;
      await quiet();
      await store.readStored(kind, ref, { signal, onProgress, priority: 'low' });
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    // One lane's error ends the other.
    waiting.length = 0;
  }
}
