/**
 * A store that ends with the page: pasted text, tests, an index being built in a browser.
 * In: payloads. Out: the files of an index folder, by path, in a Map.
 */
import { StoreError } from '../errors';
import { blockPath, openBlock, sealBlock } from '../segment/block';
import { verifyBlock } from '../segment/hash';
import { headPath, instantPath, startPath } from '../segment/instant-head';
import { decodeManifest, manifestPath } from '../segment/manifest';
import { nameSet, prepareHead } from './instant-set';
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
    async writeInstant(set) {
      gate.pass('writeInstant');
      const written = await nameSet(set);
      for (const [path, bytes] of set) files.set(`${instantPath(written.name)}/${path}`, bytes.slice());
      return written;
    },
    async hasInstant({ name }) {
      gate.pass('hasInstant');
      // Nothing in memory is damaged, and what is not whole cannot be committed.
      return files.has(`${instantPath(name)}/${startPath}`);
    },
    async commit(manifest) {
      gate.pass('commit');
      const { bytes, paths } = prepareCommit(manifest, (path) => files.has(path));
      const folder = manifest.instant && `${instantPath(manifest.instant.name)}/`;
      const sizes = new Map<string, number>();
      for (const [path, content] of files)
        if (folder && path.startsWith(folder)) {
          paths.add(path);
          sizes.set(path.slice(folder.length), content.length);
        }
      const head = prepareHead(manifest, sizes);
      if (head) {
        paths.add(headPath);
        files.set(headPath, head);
      }
      files.set(manifestPath, bytes);
      for (const path of files.keys()) if (path !== manifestPath && !paths.has(path)) files.delete(path);
    },
    async close() {
      gate.close();
    },
  };
  return store;
}
