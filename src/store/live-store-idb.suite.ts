/**
 * Live indexes in a database, run on fake-indexeddb and in Chromium.
 * In: the realm's `indexedDB`. Out: tests, those of the contract among them.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sampleSegment } from '../segment/live-sample.suite';
import { openRaw } from './cache-host.suite';
import { expectState, fillLive, nextOf, testLiveStore } from './live-store.suite';
import { idbLiveStore, liveDatabaseName } from './live-store-idb';
import { codeOf, type Files } from './store.suite';

let names = 0;
const newName = () => `test ${names++}`;

/** The database without the store's help. */
function rawFiles(name: string): Files {
  const run = async <T>(
    store: 'blocks' | 'manifest',
    act: (files: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> => {
    const db = await openRaw(liveDatabaseName(name));
    const request = act(db.transaction(store, 'readwrite').objectStore(store));
    const value = await new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    db.close();
    return value;
  };
  const storeOf = (path: string) => (path.startsWith('blocks/') ? 'blocks' : 'manifest');
  return {
    get: async (path) => (await run(storeOf(path), (files) => files.get(path))) ?? null,
    set: async (path, bytes) => void (await run(storeOf(path), (files) => files.put(bytes, path))),
    delete: async (path) => void (await run(storeOf(path), (files) => files.delete(path))),
    list: async () =>
      (
        await Promise.all(
          (['blocks', 'manifest'] as const).map((store) => run(store, (files) => files.getAllKeys())),
        )
      ).flat() as string[],
  };
}

const full = () => {
  throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
};

/** Deletes the database as another tab does; false: someone holds it. */
function deleteRaw(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(liveDatabaseName(name));
    request.onsuccess = () => resolve(true);
    request.onblocked = () => resolve(false);
  });
}

/** Registers the whole suite. */
export function testLiveDatabase(): void {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  describe('a live store in a database', () => {
    testLiveStore(async () => {
      const name = newName();
      return { files: rawFiles(name), open: () => idbLiveStore(name) };
    });
  });

  describe('the database of a live index', () => {
    it('is written in one transaction a change, as safely as asked for', async () => {
      const store = idbLiveStore(newName());
      const states = await fillLive(store);
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
      const put = vi.spyOn(IDBObjectStore.prototype, 'put');
      const more = await sampleSegment(3);
      const next = nextOf(states[1]!);
      const manifest = {
        ...next.manifest,
        nextSegment: 4,
        segments: [...next.manifest.segments, more.segment],
      };
      await store.commit(manifest, [...more.blocks, ...states[1]!.blocks], 'strict');
      expect(transaction.mock.calls).toEqual([
        [['blocks', 'manifest'], 'readwrite', { durability: 'strict' }],
      ]);
      // Its own texts, documents and fields; postings, codes and their like are those of other segments.
      const paths = put.mock.calls.map(([, path]) => path as string);
      expect(paths.filter((path) => !path.startsWith('blocks/'))).toEqual(['manifest', 'generation']);
      expect(paths.filter((path) => path.endsWith('.postings'))).toEqual([]);
      expect(paths.filter((path) => path.endsWith('.texts'))).toHaveLength(2);
    });

    it('tells its generation without reading the manifest', async () => {
      const name = newName();
      await fillLive(idbLiveStore(name));
      const get = vi.spyOn(IDBObjectStore.prototype, 'get');
      expect(await idbLiveStore(name).readGeneration()).toBe(2);
      expect(get.mock.calls).toEqual([['generation']]);
    });

    it('that is full says how much is missing, and stays as it was', async () => {
      const name = newName();
      const store = idbLiveStore(name);
      const states = await fillLive(store);
      vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 1000, usage: 990 }) } });
      const more = await sampleSegment(3);
      const next = nextOf(states[1]!);
      const manifest = { ...next.manifest, nextSegment: 4, segments: [more.segment], next: null };
      const { put } = IDBObjectStore.prototype;
      // At once, with a later block, with the manifest.
      for (const room of [0, 3, 99]) {
        let left = room;
        vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
          this: IDBObjectStore,
          value: unknown,
          key?: IDBValidKey,
        ) {
          return left-- > 0 && key !== 'generation' ? put.call(this, value, key) : full();
        });
        await expect(store.commit(manifest, more.blocks, 'relaxed')).rejects.toThrow(
          /^Cannot store nearbit live test \d+: expected \d+ bytes free, received 10 \(\d+ missing\); free space on the device; the index is as it was$/,
        );
        vi.mocked(IDBObjectStore.prototype.put).mockRestore();
        await expectState(store, states[1]!);
        expect(await codeOf(store.readStored('documents', more.segment.documents))).toBe('block-missing');
      }
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(full);
      expect(await codeOf(store.put(more.blocks))).toBe('quota-exceeded');
      vi.restoreAllMocks();
      await store.commit(manifest, more.blocks, 'relaxed');
      await expectState(idbLiveStore(name), { manifest, blocks: [] });
    });

    it('that another tab deletes is let go of at once, and said to be gone', async () => {
      const name = newName();
      const store = idbLiveStore(name);
      const states = await fillLive(store);
      expect(await deleteRaw(name)).toBe(true);
      await expect(store.readManifest()).rejects.toThrow(
        /^Cannot use the database nearbit live test \d+: expected one that answers, received one that another tab deleted; open the index again/,
      );
      expect(await codeOf(store.commit(nextOf(states[1]!).manifest, [], 'relaxed'))).toBe('store-failed');
      await store.destroy();
      expect(await codeOf(store.readManifest())).toBe('closed');
      expect(await idbLiveStore(name).readManifest()).toBeNull();
    });

    it('that another tab deletes in the middle of a change is changed first', async () => {
      const name = newName();
      const [one, two] = [idbLiveStore(name), idbLiveStore(name)];
      const states = await fillLive(one);
      await two.readManifest();
      const next = nextOf(states[1]!);
      const [committed, destroyed] = await Promise.allSettled([
        one.commit(next.manifest, [], 'relaxed'),
        two.destroy(),
      ]);
      expect(committed.status).toBe('fulfilled');
      expect(destroyed.status).toBe('fulfilled');
      expect(await codeOf(one.readManifest())).toBe('store-failed');
      expect(await idbLiveStore(name).readGeneration()).toBe(0);
    });

    it('that another tab upgrades is let go of at once, and refused from then on as too new', async () => {
      const name = newName();
      const store = idbLiveStore(name);
      await fillLive(store);
      const newer = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(liveDatabaseName(name), 2);
        request.onsuccess = () => resolve(request.result);
        request.onblocked = () => reject(new Error('blocked'));
      });
      await expect(store.readManifest()).rejects.toThrow('one that another tab upgraded');
      expect(await codeOf(idbLiveStore(name).readManifest())).toBe('format-too-new');
      newer.close();
    });

    it('that does not open in time is an error, and opens when it can', async () => {
      const name = newName();
      await fillLive(idbLiveStore(name));
      const holder = await openRaw(liveDatabaseName(name));
      const deleted = new Promise((resolve) => {
        indexedDB.deleteDatabase(liveDatabaseName(name)).onsuccess = resolve;
      });
      const store = idbLiveStore(name, { patienceMs: 20 });
      await expect(store.readManifest()).rejects.toThrow(
        'nothing within 20 ms; close other tabs of this site',
      );
      holder.close();
      await deleted;
      expect(await store.readManifest()).toBeNull();
    });

    it('that another tab holds is emptied when it is destroyed', async () => {
      const name = newName();
      const store = idbLiveStore(name, { patienceMs: 20 });
      await fillLive(store);
      const holder = await openRaw(liveDatabaseName(name));
      await store.destroy();
      const count = holder.transaction('blocks').objectStore('blocks').count();
      expect(await new Promise((resolve) => (count.onsuccess = () => resolve(count.result)))).toBe(0);
      holder.close();
    });

    it('that the browser refuses is an error, until it does not', async () => {
      const store = idbLiveStore(newName());
      const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('Not in a private window.', 'SecurityError');
      });
      await expect(store.readManifest()).rejects.toThrow(/received Not in a private window\.; let this site/);
      open.mockRestore();
      vi.stubGlobal('indexedDB', undefined);
      expect(await codeOf(store.readManifest())).toBe('store-failed');
      vi.unstubAllGlobals();
      await fillLive(store);
    });

    it('that can be neither emptied nor deleted is not said to be gone', async () => {
      const name = newName();
      const store = idbLiveStore(name, { patienceMs: 20 });
      await fillLive(store);
      const holder = await openRaw(liveDatabaseName(name));
      vi.spyOn(IDBObjectStore.prototype, 'clear').mockImplementation(() => {
        throw new DOMException('No room to write.', 'UnknownError');
      });
      await expect(store.destroy()).rejects.toThrow('nothing within 20 ms');
      expect(await codeOf(store.readManifest())).toBe('closed');
      holder.close();
    });

    it('whose connection fails is opened again, once a call', async () => {
      const store = idbLiveStore(newName());
      const states = await fillLive(store);
      const lose = (times: number) => {
        let left = times;
        const { transaction } = IDBDatabase.prototype;
        vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
          this: IDBDatabase,
          ...args
        ) {
          if (left-- > 0) throw new DOMException('Connection is closing.', 'InvalidStateError');
          return transaction.apply(this, args);
        });
      };
      lose(1);
      await expectState(store, states[1]!);
      vi.restoreAllMocks();
      lose(1);
      await store.commit(nextOf(states[1]!).manifest, [], 'relaxed');
      vi.restoreAllMocks();
      lose(2);
      expect(await codeOf(store.readManifest())).toBe('store-failed');
      vi.restoreAllMocks();
      await expectState(store, nextOf(states[1]!));
    });

    it('that was closed meanwhile is not opened again', async () => {
      const store = idbLiveStore(newName());
      await fillLive(store);
      const open = vi.spyOn(indexedDB, 'open');
      const reading = codeOf(store.readGeneration());
      await store.close();
      expect(['no error', 'closed']).toContain(await reading);
      expect(open).not.toHaveBeenCalled();
    });

    it('whose connection fails after a change was written takes it for written', async () => {
      const store = idbLiveStore(newName());
      const states = await fillLive(store);
      const next = nextOf(states[1]!);
      const { transaction } = IDBDatabase.prototype;
      let left = 1;
      vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
        this: IDBDatabase,
        ...args
      ) {
        const made = transaction.apply(this, args);
        if (left-- > 0) {
          const { addEventListener } = made;
          // The store hears of an abort where there was an end.
          made.addEventListener = (type: string, listener: EventListener) => {
            if (type === 'abort') addEventListener.call(made, 'complete', listener);
            if (type !== 'complete') addEventListener.call(made, type, listener);
          };
        }
        return made;
      });
      await store.commit(next.manifest, [], 'strict');
      await expectState(store, next);
    });
  });
}
