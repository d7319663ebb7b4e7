/**
 * What the cache's tests stand on: a host with a network to cut, and the database without the cache's help.
 * In: the realm's `indexedDB`. Out: hosts, visits to them, and raw access to what a visit kept.
 */
import { expect } from 'vitest';
import { StoreError } from '../errors';
import { blockPath } from '../segment/block';
import { manifestPath } from '../segment/manifest';
import { type CacheNotice, cachedStore } from './idb-cache';
import { memoryStore } from './memory-store';
import { expectWhole, type Files, filesOf, fill } from './store.suite';

/** A host whose network a test can cut or slow down, and which counts what it is asked. */
export function newHost() {
  const map = new Map<string, Uint8Array>();
  const writer = memoryStore('memory', map);
  const host = {
    files: filesOf(map),
    writer,
    asked: [] as string[],
    /** What each call waits for; rejecting it is being offline. */
    network: Promise.resolve() as Promise<unknown>,
    cut() {
      host.network = Promise.reject(
        new StoreError('index-missing', { path: 'memory', received: 'no answer' }),
      );
      host.network.catch(() => {});
    },
    visit(name: string, patienceMs?: number) {
      const inner = memoryStore('memory', map);
      const notices: CacheNotice[] = [];
      const store = cachedStore(
        {
          ...inner,
          async readManifest(signal) {
            host.asked.push(manifestPath);
            await host.network;
            return inner.readManifest(signal);
          },
          async readStored(kind, ref, options) {
            host.asked.push(blockPath(kind, ref));
            await host.network;
            return inner.readStored(kind, ref, options);
          },
        },
        { name, patienceMs, onNotice: (notice) => notices.push(notice) },
      );
      return Object.assign(store, { notices, codes: () => notices.map(({ code }) => code) });
    },
  };
  return host;
}

let databases = 0;
export const newName = () => `nearbit-test-${databases++}`;

/** The database itself, without the cache's help. */
export async function openRaw(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function rawFiles(name: string): Promise<Files> {
  const run = async <T>(act: (files: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const db = await openRaw(name);
    const request = act(db.transaction('files', 'readwrite').objectStore('files'));
    const value = await new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    db.close();
    return value;
  };
  return {
    get: async (path) => (await run((files) => files.get(path))) ?? null,
    set: async (path, bytes) => void (await run((files) => files.put(bytes, path))),
    delete: async (path) => void (await run((files) => files.delete(path))),
    list: async () => (await run((files) => files.getAllKeys())) as string[],
  };
}

/** Everything read once and kept. */
export async function visited() {
  const host = newHost();
  const name = newName();
  const sample = await fill(host.writer);
  const first = host.visit(name);
  await expectWhole(first, sample);
  expect(first.stale).toBe(false);
  expect(first.notices).toEqual([]);
  await first.close();
  host.asked.length = 0;
  return { host, name, sample, kept: await rawFiles(name) };
}
