/**
 * A live index in IndexedDB, where it outlives the page.
 * In: sealed blocks, manifests. Out: the same. Database `nearbit live <name>`: store `blocks`, bytes as stored by path; store
 * `manifest`, its bytes under `manifest` and its generation under `generation`, so that a tab learns cheaply that nothing is new.
 * A connection that the browser closed is opened again; one that another tab closed, by deleting or upgrading, is not.
 * Deliberately not here: who may write (live/writer.ts), and how much the browser grants (client).
 */
import { describe, FormatError, NearbitError, StoreError } from '../errors';
import { blockPath, openBlock } from '../segment/block';
import { corrupt } from '../segment/damage';
import { verifyBlock } from '../segment/hash';
import { decodeLiveManifest } from '../segment/live-manifest';
import type { LiveManifest } from '../segment/live-shape';
import { type Database, quotaError, type Transaction } from './database';
import {
  blocksByPath,
  checkGeneration,
  namedBefore,
  namedPaths,
  prepareLiveCommit,
  sameBytes,
  sizeOf,
  unnamed,
} from './live-commit';
import { deleteDatabase, isFull, type Loss, openDatabase, transact } from './live-database';
import type { LiveStore } from './live-store';
import { createGate } from './store';

export interface LiveDatabaseOptions {
  /** How long to wait for the database to open, or to be deleted. Default 10000. Units: milliseconds. */
  patienceMs?: number;
}

const blocksName: string = 'blocks';
const manifestName: string = 'manifest';
const generationName = 'generation';
const stores = [blocksName, manifestName];
// Asking for single keys is faster up to about here.
const manyKeys = 32;

/** The database of a live index. */
export function liveDatabaseName(name: string): string {
  return `nearbit live ${name}`;
}

/** `index`: the name that the app gave it. Its database opens with the first call. */
export function idbLiveStore(index: string, options: LiveDatabaseOptions = {}): LiveStore {
  const { patienceMs = 10_000 } = options;
  const name = liveDatabaseName(index);
  const gate = createGate(name);
  const writes = new Set<Promise<unknown>>();
  let opening: Promise<Database> | undefined;
  /** What `opening` led to last. */
  let connected: Database | undefined;
  let loss: Loss | undefined;
  let waiting: { path: string; resolve(bytes: unknown): void; reject(error: unknown): void }[] = [];
  /** What the manifest of a generation names, so that a commit need only look for what is new. */
  let seen: { generation: number; named: ReadonlySet<string> } | undefined;

  const failure = (received: string, fix: string, cause?: unknown) =>
    new StoreError(
      'store-failed',
      { path: `the database ${name}`, expected: 'one that answers', received, fix },
      { cause },
    );

  async function open(): Promise<Database> {
    let database: Database | null;
    try {
      database = await openDatabase(name, stores, patienceMs, (how) => {
        opening = undefined;
        if (how !== 'terminated') loss = how;
      });
    } catch (error) {
      if ((error as Error | null)?.name === 'VersionError')
        throw new FormatError(
          'format-too-new',
          { path: name, expected: 1, received: 'a higher one' },
          { cause: error },
        );
      throw failure(describe(error), 'let this site keep data; private windows may not', error);
    }
    if (!database) throw failure(`nothing within ${patienceMs} ms`, 'close other tabs of this site');
    connected = database;
    return database;
  }

  async function connect(): Promise<Database> {
    if (loss === 'deleted')
      throw failure('one that another tab deleted', 'open the index again to begin a new one');
    if (loss)
      throw failure('one that another tab upgraded', 'reload the page: another tab has a newer version');
    opening ??= open();
    const mine = opening;
    try {
      return await mine;
    } catch (error) {
      // The next call tries again.
      if (opening === mine) opening = undefined;
      throw error;
    }
  }

  /** Once more on a new connection where the first one fails: browsers drop connections of pages in the background. */
  async function ask<T>(call: string, act: (database: Database, again: boolean) => Promise<T>): Promise<T> {
    for (let again = false; ; again = true) {
      gate.pass(call);
      const database = await connect();
      try {
        return await act(database, again);
      } catch (error) {
        if (error instanceof NearbitError || isFull(error)) throw error;
        if (again) throw failure(describe(error), 'reload the page', error);
        database.close();
        if (database === connected) opening = undefined;
      }
    }
  }

  async function write<T>(
    call: string,
    durability: IDBTransactionDurability,
    size: number,
    work: (transaction: Transaction, again: boolean) => Promise<T>,
  ): Promise<T> {
    const written = ask(call, (database, again) =>
      transact(database, stores, durability, (transaction) => work(transaction, again)),
    );
    writes.add(written);
    try {
      return await written;
    } catch (error) {
      if (isFull(error)) throw await quotaError(name, size, 'the index is as it was');
      throw error;
    } finally {
      writes.delete(written);
    }
  }

  async function putNew(transaction: Transaction, given: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const blocks = transaction.objectStore(blocksName);
    await Promise.all(
      [...given].map(async ([path, bytes]) => {
        const present: unknown = await blocks.get(path);
        // Compared whole, so that a damaged copy is mended.
        if (!(present instanceof Uint8Array && sameBytes(present, bytes))) await blocks.put(bytes, path);
      }),
    );
  }

  /** Errors: StoreError block-missing. */
  async function lookFor(transaction: Transaction, paths: readonly string[]): Promise<void> {
    const blocks = transaction.objectStore(blocksName);
    const keys =
      paths.length > manyKeys
        ? await blocks.getAllKeys()
        : await Promise.all(paths.map((path) => blocks.getKey(path)));
    const present = new Set<unknown>(keys);
    for (const path of paths) if (!present.has(path)) throw unnamed(path);
  }

  /** Reads that are asked for at once share a transaction: a first query wants a hundred blocks. */
  function readTogether(path: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(readWaiting);
      waiting.push({ path, resolve, reject });
    });
  }

  async function readWaiting(): Promise<void> {
    const together = waiting;
    waiting = [];
    try {
      const found = await ask('readBlock', (database) => {
        const blocks = database.transaction(blocksName).store;
        return Promise.all(together.map(({ path }) => blocks.get(path) as Promise<unknown>));
      });
      for (const [i, { resolve }] of together.entries()) resolve(found[i]);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  const remember = (manifest: LiveManifest, named = namedPaths(manifest)) => {
    seen = { generation: manifest.generation, named };
  };

  const store: LiveStore = {
    name,
    async readManifest() {
      const [bytes, generation] = await ask('readManifest', async (database) => {
        const transaction = database.transaction(manifestName);
        return Promise.all([transaction.store.get(manifestName), transaction.store.get(generationName)]);
      });
      if (bytes === undefined && generation === undefined) return null;
      const path = `${name}/${manifestName}`;
      if (!(bytes instanceof Uint8Array)) throw corrupt(path, 'bytes', typeof bytes);
      const manifest = decodeLiveManifest(bytes, path);
      if (manifest.generation !== generation)
        throw corrupt(path, `generation ${generation}`, String(manifest.generation));
      remember(manifest);
      return manifest;
    },
    async readGeneration() {
      const generation: unknown = await ask('readGeneration', (database) =>
        database.get(manifestName, generationName),
      );
      return typeof generation === 'number' ? generation : 0;
    },
    async readBlock(kind, ref) {
      return openBlock(kind, await store.readStored(kind, ref), blockPath(kind, ref));
    },
    async readStored(kind, ref) {
      const path = blockPath(kind, ref);
      const bytes = await readTogether(path);
      if (!(bytes instanceof Uint8Array))
        throw new StoreError('block-missing', { path, received: 'nothing' });
      await verifyBlock(bytes, ref, path);
      return bytes;
    },
    async commit(manifest, blocks, durability) {
      const { bytes, named, given, size } = prepareLiveCommit(manifest, blocks);
      await write('commit', durability, size, async (transaction, again) => {
        const manifests = transaction.objectStore(manifestName);
        const stored = Number((await manifests.get(generationName)) ?? 0);
        if (again && stored === manifest.generation) {
          // The connection was lost after this very change had been written.
          const last: unknown = await manifests.get(manifestName);
          if (last instanceof Uint8Array && sameBytes(last, bytes)) return;
        }
        checkGeneration(name, stored, manifest.generation);
        const before =
          seen?.generation === stored ? seen.named : namedBefore(await manifests.get(manifestName));
        await lookFor(
          transaction,
          [...named].filter((path) => !given.has(path) && !before.has(path)),
        );
        await putNew(transaction, given);
        await manifests.put(bytes, manifestName);
        await manifests.put(manifest.generation, generationName);
      });
      remember(manifest, named);
    },
    async put(blocks) {
      const given = blocksByPath(blocks);
      // Whatever names them later says how safe it must be, and that covers what was written before.
      await write('put', 'relaxed', sizeOf(given), (transaction) => putNew(transaction, given));
    },
    async prune(keep) {
      return write('prune', 'relaxed', 0, async (transaction) => {
        const blocks = transaction.objectStore(blocksName);
        const gone = (await blocks.getAllKeys()).filter((path) => !keep.has(path as string));
        await Promise.all(gone.map((path) => blocks.delete(path)));
        return gone.length;
      });
    },
    async destroy() {
      gate.pass('destroy');
      if (loss === 'deleted') return store.close();
      // Emptied first: a tab that is frozen may delay the deletion. A database that does not open may still be deleted.
      const emptied = await write('destroy', 'strict', 0, async (transaction) => {
        await Promise.all(stores.map((each) => transaction.objectStore(each).clear()));
        return true;
      }).catch(() => false);
      await store.close();
      const deleted = await deleteDatabase(name, patienceMs).catch((error: unknown) => {
        throw failure(describe(error), 'let this site keep data', error);
      });
      if (!emptied && !deleted)
        throw failure(`nothing within ${patienceMs} ms`, 'close other tabs of this site');
    },
    async close() {
      gate.close();
      await Promise.allSettled(writes);
      (await opening?.catch(() => null))?.close();
      opening = undefined;
    },
  };
  return store;
}
