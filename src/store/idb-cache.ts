/**
 * Keeps on the device what another store gave, so that a second visit needs no network.
 * In: any readable store. Out: the same store, answered from IndexedDB where it can be.
 * Blocks are kept as stored, under their paths, and checked on every read. The manifest is asked of the inner store first
 * and taken from here when that fails or is slow. Nothing here makes a read fail: without a database, or with a full one,
 * it says so once and reads go on.
 * A newer manifest takes the place of the kept one at once, and blocks that it does not name go: offline, until they have
 * been read, queries leave out what its new blocks hold. Two indexes side by side would need twice the room.
 * Deliberately not here: fetching what no query has asked for (read-ahead.ts).
 */
import { describe, isAbort } from '../errors';
import { blockPath, openBlock } from '../segment/block';
import { verifyBlock } from '../segment/hash';
import { decodeManifest, encodeManifest, manifestBlocks, manifestPath } from '../segment/manifest';
import type { BlockKind, BlockRef, Manifest } from '../types';
import { type Database, type IDBPObjectStore, openDB, quotaError, within } from './database';
import { createGate, type ReadableStore } from './store';

/** `message` is one sentence for a person. */
export interface CacheNotice {
  /** stale: a kept manifest is in use. uncached: no database. quota-exceeded: no more is kept. block-damaged: a kept block is fetched again. */
  code: 'stale' | 'uncached' | 'quota-exceeded' | 'block-damaged';
  message: string;
}

export interface CacheOptions {
  /** The database's name; one per index. */
  name: string;
  /** `uncached` and `quota-exceeded` come once at most. */
  onNotice?: ((notice: CacheNotice) => void) | undefined;
  /** How long to wait for the inner manifest while a kept one is at hand, and for the database. Default 3000; lower: stale sooner. Units: milliseconds. */
  patienceMs?: number | undefined;
}

export interface CachedStore extends ReadableStore {
  /** The manifest read last is a kept one: the inner store did not answer, or not in time. */
  readonly stale: boolean;
  /** Whether what is read is kept: there is a database, with room in it. */
  readonly keeps: boolean;
  /** The blocks of a manifest that are not on the device. */
  missing(manifest: Manifest): Promise<{ kind: BlockKind; ref: BlockRef }[]>;
}

// Keys are paths: `manifest.json`, `blocks/<hash>.<kind>`. Values are the bytes of that file.
const filesName = 'files';
type Files = IDBPObjectStore<unknown, [typeof filesName], typeof filesName, 'readwrite'>;

/** Closing it closes `inner` too. */
export function cachedStore(inner: ReadableStore, options: CacheOptions): CachedStore {
  const { name, onNotice, patienceMs = 3000 } = options;
  const gate = createGate(inner.name);
  const writes = new Set<Promise<void>>();
  let opening: Promise<void> | undefined;
  let database: Database | null = null;
  let uncached = false;
  let full = false;
  let stale = false;

  /** From here on every read goes to the inner store. */
  function giveUp(reason: string): void {
    database = null;
    if (!uncached)
      onNotice?.({
        code: 'uncached',
        message: `Nothing is kept on this device: ${reason}; each visit needs the network`,
      });
    uncached = true;
  }

  async function open(): Promise<void> {
    // Inside an async function, since a missing `indexedDB` throws at once.
    const answer = (async () =>
      openDB(name, 1, {
        upgrade: (db) => void db.createObjectStore(filesName),
        blocking: (_current, _wanted, event) => {
          (event.target as IDBDatabase).close();
          giveUp('another tab changes or deletes the database');
        },
        terminated: () => giveUp('the browser closed the database'),
      }))();
    try {
      database = (await within(answer, patienceMs)) ?? null;
    } catch (error) {
      giveUp(describe(error));
    }
    if (database || uncached) return;
    // Some browsers leave the request unanswered, and another tab that deletes the database delays it.
    giveUp(`the database did not open within ${patienceMs} ms`);
    answer.then((late) => late.close()).catch(() => {});
  }

  async function recall(path: string): Promise<Uint8Array | null> {
    opening ??= open();
    await opening;
    try {
      const bytes: unknown = await database?.get(filesName, path);
      return bytes instanceof Uint8Array ? bytes : null;
    } catch (error) {
      giveUp(describe(error));
      return null;
    }
  }

  /** In the background. `work` is called here and kept nowhere, since it may hold a block's bytes: see `keep`. */
  function change(work: (files: Files) => Promise<unknown>, path: string, bytes: number): void {
    if (!database) return;
    const write = begin(database, work)
      .catch(async (error: unknown) => {
        if ((error as Error | null)?.name !== 'QuotaExceededError') giveUp(describe(error));
        else if (!full) {
          full = true;
          const { message } = await quotaError(path, bytes, 'search goes on without the cache');
          onNotice?.({ code: 'quota-exceeded', message });
        }
      })
      .finally(() => writes.delete(write));
    writes.add(write);
  }

  /**
   * The database clones the bytes before this returns, so that the caller may transfer them or let go of them at once;
   * writing may take much longer than reading, and would otherwise pile up whole blocks.
   */
  function keep(path: string, bytes: Uint8Array): void {
    if (!full) change((files) => files.put(bytes, path), path, bytes.length);
  }

  function forget(wanted: (path: string) => boolean): void {
    const work = async (files: Files) => {
      for (const key of await files.getAllKeys()) if (wanted(key as string)) await files.delete(key);
    };
    change(work, name, 0);
  }

  /** Older blocks go in a transaction of their own: where the device is full, they are what makes room for the next visit. */
  function adopt(manifest: Manifest): void {
    keep(manifestPath, encodeManifest(manifest));
    const named = new Set([manifestPath]);
    for (const { kind, ref } of manifestBlocks(manifest)) named.add(blockPath(kind, ref));
    forget((path) => !named.has(path));
  }

  async function recallManifest(): Promise<Manifest | null> {
    const bytes = await recall(manifestPath);
    try {
      return bytes && decodeManifest(bytes);
    } catch {
      // Kept by another version of nearbit: as good as none, and overwritten by the next one.
      return null;
    }
  }

  async function recallBlock(path: string, ref: BlockRef): Promise<Uint8Array | null> {
    const bytes = await recall(path);
    try {
      if (bytes) await verifyBlock(bytes, ref, path);
      return bytes;
    } catch (error) {
      onNotice?.({ code: 'block-damaged', message: describe(error) });
      forget((key) => key === path);
      return null;
    }
  }

  const store: CachedStore = {
    name: inner.name,
    get stale() {
      return stale;
    },
    get keeps() {
      return database !== null && !full;
    },
    async missing(manifest) {
      await Promise.all(writes);
      const kept = new Set<unknown>(await database?.getAllKeys(filesName).catch(() => []));
      return [...manifestBlocks(manifest)].filter(({ kind, ref }) => {
        const path = blockPath(kind, ref);
        // Once per block, however often the manifest names it.
        return !kept.has(path) && kept.add(path);
      });
    },
    async readManifest(signal) {
      gate.pass('readManifest', signal);
      const fresh = inner.readManifest(signal);
      const outcome = fresh.then(
        (manifest) => ({ manifest }),
        (error: unknown) => ({ error }),
      );
      const kept = await recallManifest();
      const first = await (kept ? within(outcome, patienceMs) : outcome);
      if (first && 'manifest' in first) {
        stale = false;
        adopt(first.manifest);
        return first.manifest;
      }
      if (first && (!kept || isAbort(first.error) || signal?.aborted)) throw first.error;
      stale = true;
      const reason = first ? describe(first.error) : `no answer within ${patienceMs} ms`;
      onNotice?.({ code: 'stale', message: `The index kept on this device is in use: ${reason}` });
      // A slow answer is for the next visit; this one still reads the older blocks.
      if (!first) fresh.then((manifest) => keep(manifestPath, encodeManifest(manifest))).catch(() => {});
      return kept!;
    },
    async readBlock(kind, ref, options) {
      return openBlock(kind, await store.readStored(kind, ref, options), blockPath(kind, ref));
    },
    async readStored(kind, ref, options = {}) {
      gate.pass('readBlock', options.signal);
      const path = blockPath(kind, ref);
      const kept = await recallBlock(path, ref);
      options.signal?.throwIfAborted();
      if (kept) {
        options.onProgress?.(ref.bytes, ref.bytes);
        return kept;
      }
      const bytes = await inner.readStored(kind, ref, options);
      keep(path, bytes);
      return bytes;
    },
    async close() {
      gate.close();
      await opening;
      await Promise.all(writes);
      database?.close();
      database = null;
      await inner.close();
    },
  };
  return store;
}

/** Calls `work` at once; settles with its transaction. Not an async function, which would keep `work` until then. */
function begin(database: Database, work: (files: Files) => Promise<unknown>): Promise<void> {
  try {
    const transaction = database.transaction(filesName, 'readwrite', { durability: 'relaxed' });
    // The transaction's reason first: a request that falls with it says only that it was aborted.
    return succeed(transaction.done, work(transaction.store));
  } catch (error) {
    return Promise.reject(error);
  }
}

async function succeed(...all: Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(all)) if (end.status === 'rejected') throw end.reason;
}
