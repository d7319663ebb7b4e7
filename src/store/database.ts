/**
 * The one door to IndexedDB, and what all that write to it have in common: patience, and a device that is full.
 * In: promises, sizes. Out: what came in time, errors that say how much is missing.
 * Deliberately not here: connections (idb-cache.ts, which goes on without one; live-database.ts, which cannot).
 */
import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { StoreError } from '../errors';

export { deleteDB, type IDBPObjectStore, openDB } from 'idb';

export type Database = IDBPDatabase;
/** One that may write. */
export type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>;

/**
 * How much is missing, as far as the browser says: its estimate may name more room than there is (Chromium's always names 10 GiB).
 * `fix`: what becomes of what could not be stored. Units: bytes.
 */
export async function quotaError(path: string, bytes: number, fix: string): Promise<StoreError> {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => null)) ?? {};
  const free = quota === undefined ? bytes : Math.max(quota - (usage ?? 0), 0);
  const received = free < bytes ? `${free} (${bytes - free}` : `a refusal by the browser (at most ${bytes}`;
  return new StoreError('quota-exceeded', {
    path,
    expected: `${bytes} bytes`,
    received: `${received} missing)`,
    fix,
  });
}

/** Undefined when `promise` takes longer. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
