import 'fake-indexeddb/auto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { cachedStore } from './idb-cache';
import { testCache } from './idb-cache.suite';
import { memoryStore } from './memory-store';

testCache();

test('the bytes of a block are let go of while the device still writes them', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  let writing = true;
  let written: WeakRef<Uint8Array> | undefined;
  const { put } = IDBObjectStore.prototype;
  // By hand, because a mock would remember what it was called with.
  IDBObjectStore.prototype.put = function (value, key) {
    written = new WeakRef(value);
    // One request after another keeps the transaction open.
    const goOn = () => {
      if (writing) this.count().onsuccess = goOn;
    };
    goOn();
    return put.call(this, value, key);
  };

  const inner = memoryStore();
  const ref = await inner.writeBlock('codes', new Uint8Array(2 ** 20));
  const store = cachedStore(inner, { name: 'slow to write' });
  const { length } = await store.readBlock('codes', ref);
  IDBObjectStore.prototype.put = put;
  expect(length).toBe(2 ** 20);
  // A reference once looked through is kept until its turn ends.
  const isHeld = () => written?.deref() !== undefined;
  await vi.waitFor(() => {
    collectGarbage();
    expect(isHeld()).toBe(false);
  });
  let closed = false;
  const closing = store.close().then(() => {
    closed = true;
  });
  await new Promise((done) => setTimeout(done, 20));
  expect(closed).toBe(false);
  writing = false;
  await closing;
});
