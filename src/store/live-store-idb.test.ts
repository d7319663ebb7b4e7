import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import { expectState, fillLive, nextOf } from './live-store.suite';
import { idbLiveStore } from './live-store-idb';
import { testLiveDatabase } from './live-store-idb.suite';

testLiveDatabase();

test('a connection that the browser closes is opened again with the next call', async () => {
  const opened: IDBDatabase[] = [];
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    opened.push(this);
    return transaction.apply(this, args);
  });
  const store = idbLiveStore('closed by the browser');
  const states = await fillLive(store);
  const close = () => forceCloseDatabase(opened.at(-1) as never);
  close();
  await expectState(store, states[1]!);
  close();
  await store.commit(nextOf(states[1]!).manifest, [], 'strict');
  close();
  await store.destroy();
  expect(new Set(opened).size).toBe(4);
  expect(await idbLiveStore('closed by the browser').readManifest()).toBeNull();
  vi.restoreAllMocks();
});
