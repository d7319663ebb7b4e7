/**
 * A live index's connection to its database: opened within a time, said to be lost when it is, written in transactions.
 * In: a database's name and stores. Out: its connection, closed already where another tab needs it to be.
 * Deliberately not here: what is kept (live-store-idb.ts).
 */
import { isAbort } from '../errors';
import { type Database, deleteDB, openDB, type Transaction, within } from './database';

/** deleted, upgraded: by another tab, for good. terminated: by the browser; it may be opened again. */
export type Loss = 'deleted' | 'upgraded' | 'terminated';

/**
 * Makes what is missing. Null: no answer within `patienceMs`. Errors: whatever the browser throws.
 * `onLoss` is called once at most, with the connection closed.
 */
export async function openDatabase(
  name: string,
  stores: readonly string[],
  patienceMs: number,
  onLoss: (loss: Loss) => void,
): Promise<Database | null> {
  // An async function, since a missing `indexedDB` throws at once.
  const answer = openDB(name, 1, {
    upgrade(db) {
      for (const store of stores) db.createObjectStore(store);
    },
    blocking(_current, wanted, event) {
      (event.target as IDBDatabase).close();
      onLoss(wanted === null ? 'deleted' : 'upgraded');
    },
    terminated: () => onLoss('terminated'),
  });
  const database = await within(answer, patienceMs);
  // Some browsers leave the request unanswered, and another tab that deletes the database delays it.
  if (!database) answer.then((late) => late.close()).catch(() => {});
  return database ?? null;
}

/** False: not within `patienceMs`, since another tab has it open; it goes when that one does. */
export async function deleteDatabase(name: string, patienceMs: number): Promise<boolean> {
  return (
    (await within(
      deleteDB(name).then(() => true),
      patienceMs,
    )) === true
  );
}

/**
 * Calls `work` at once; settles with its transaction. `work` may wait for nothing but the database.
 * Not an async function, which would keep `work` until then.
 */
export function transact<T>(
  database: Database,
  stores: string[],
  durability: IDBTransactionDurability,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  try {
    const transaction = database.transaction(stores, 'readwrite', { durability });
    return settle(transaction, work(transaction));
  } catch (error) {
    return Promise.reject(error);
  }
}

async function settle<T>(transaction: Transaction, work: Promise<T>): Promise<T> {
  work.catch(() => {
    // What the work refused must not be half done. Where a request failed, the transaction has ended already.
    try {
      transaction.abort();
    } catch {}
  });
  const [end, result] = await Promise.allSettled([transaction.done, work]);
  if (end.status === 'fulfilled' && result.status === 'fulfilled') return result.value;
  // One of them knows why; the others say only that the transaction was aborted.
  const reasons = [
    result.status === 'rejected' ? result.reason : null,
    transaction.error,
    end.status === 'rejected' ? end.reason : null,
  ].filter((reason) => reason !== null);
  throw reasons.find((reason) => !isAbort(reason)) ?? reasons[0];
}

/** Whether the device, or the site's share of it, is full. */
export function isFull(error: unknown): boolean {
  return (error as Error | null)?.name === 'QuotaExceededError';
}
