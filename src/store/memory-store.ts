/**
 * A store that ends with the page: pasted text, tests, an index being built in a browser.
 * In: payloads. Out: the files of an index folder, by path, in a Map.
 */
import { StoreError } from '../errors';
import { blockPath, openBlock, sealBlock } from '../segment/block';
import { verifyBlock } from '../segment/hash';
import { decodeManifest, manifestPath } from '../segment/manifest';
import { createGate, prepareCommit, type WritableStore } from './store';

/** `name` is used in errors only. `files`: an index folder to begin with, which the store then owns; default: none. */
export function memoryStore(name = 'memory', files = new Map<string, Uint8Array>()): WritableStore {
  const gate = createGate(name);

  const store: WritableStore = {
    name,
    async readManifest(signal) {
      gate.pass('readManifest', signal);
      const bytes = files.get(manifestPath);
      if (!bytes) throw new StoreError('index-missing', { path: name, received: 'nothing' });
      return decodeManifest(bytes, `${name}/${manifestPath}`);
    },
    async readBlock(kind, ref, options) {
      return openBlock(kind, await store.readStored(kind, ref, options), blockPath(kind, ref));
    },
    async readStored(kind, ref, { signal, onProgress } = {}) {
      gate.pass('readBlock', signal);
      const path = blockPath(kind, ref);
      const bytes = files.get(path);
      if (!bytes) throw new StoreError('block-missing', { path, received: 'nothing' });
      await verifyBlock(bytes, ref, path);
      signal?.throwIfAborted();
      onProgress?.(bytes.length, bytes.length);
      return bytes.slice();
    },
    async writeBlock(kind, payload, options) {
      gate.pass('writeBlock');
      const { ref, bytes } = await sealBlock(kind, payload, options);
      files.set(blockPath(kind, ref), bytes);
      return ref;
    },
    async commit(manifest) {
      gate.pass('commit');
      const { bytes, paths } = prepareCommit(manifest, (path) => files.has(path));
      files.set(manifestPath, bytes);
      for (const path of files.keys()) if (path !== manifestPath && !paths.has(path)) files.delete(path);
    },
    async close() {
      gate.close();
    },
  };
  return store;
}
