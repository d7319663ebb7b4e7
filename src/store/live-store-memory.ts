/**
 * A live index that ends with the page, or that a test looks into.
 * In: sealed blocks, manifests. Out: the same; two stores over one memory are two tabs.
 */
import { StoreError } from '../errors';
import { blockPath, openBlock } from '../segment/block';
import { verifyBlock } from '../segment/hash';
import { decodeLiveManifest } from '../segment/live-manifest';
import {
  blocksByPath,
  checkGeneration,
  namedBefore,
  prepareLiveCommit,
  sizeOf,
  unnamed,
} from './live-commit';
import type { LiveStore } from './live-store';
import { createGate } from './store';

/** What a live index keeps. */
export interface LiveMemory {
  /** As stored, by path. */
  blocks: Map<string, Uint8Array>;
  manifest: Uint8Array | null;
  generation: number;
  /** Room for blocks and manifest; absent: any. Units: bytes. */
  capacity?: number;
}

export function newLiveMemory(capacity?: number): LiveMemory {
  return { blocks: new Map(), manifest: null, generation: 0, ...(capacity !== undefined && { capacity }) };
}

/** `name` is used in errors only. */
export function memoryLiveStore(name = 'memory', memory: LiveMemory = newLiveMemory()): LiveStore {
  const gate = createGate(name);

  /** Errors: StoreError quota-exceeded. */
  function put(given: ReadonlyMap<string, Uint8Array>, manifest: Uint8Array | null): void {
    const { capacity } = memory;
    if (capacity !== undefined) {
      const before = sizeOf(memory.blocks) + (memory.manifest?.length ?? 0);
      const after =
        sizeOf(new Map([...memory.blocks, ...given])) + ((manifest ?? memory.manifest)?.length ?? 0);
      if (after > capacity)
        throw new StoreError('quota-exceeded', {
          path: name,
          expected: `${after - before} bytes`,
          received: `${Math.max(capacity - before, 0)} (${after - Math.max(capacity, before)} missing)`,
          fix: 'the index is as it was',
        });
    }
    for (const [path, bytes] of given) memory.blocks.set(path, bytes.slice());
  }

  const store: LiveStore = {
    name,
    async readManifest() {
      gate.pass('readManifest');
      return memory.manifest && decodeLiveManifest(memory.manifest, `${name}/manifest`);
    },
    async readGeneration() {
      gate.pass('readGeneration');
      return memory.generation;
    },
    async readBlock(kind, ref) {
      return openBlock(kind, await store.readStored(kind, ref), blockPath(kind, ref));
    },
    async readStored(kind, ref) {
      gate.pass('readBlock');
      const path = blockPath(kind, ref);
      const bytes = memory.blocks.get(path);
      if (!bytes) throw new StoreError('block-missing', { path, received: 'nothing' });
      await verifyBlock(bytes, ref, path);
      return bytes.slice();
    },
    async commit(manifest, blocks) {
      gate.pass('commit');
      const { bytes, named, given } = prepareLiveCommit(manifest, blocks);
      checkGeneration(name, memory.generation, manifest.generation);
      const before = namedBefore(memory.manifest);
      for (const path of named)
        if (!given.has(path) && !before.has(path) && !memory.blocks.has(path)) throw unnamed(path);
      put(given, bytes);
      memory.manifest = bytes;
      memory.generation = manifest.generation;
    },
    async put(blocks) {
      gate.pass('put');
      put(blocksByPath(blocks), null);
    },
    async prune(keep) {
      gate.pass('prune');
      let pruned = 0;
      for (const path of memory.blocks.keys()) if (!keep.has(path) && memory.blocks.delete(path)) pruned++;
      return pruned;
    },
    async destroy() {
      gate.pass('destroy');
      gate.close();
      memory.blocks.clear();
      memory.manifest = null;
      memory.generation = 0;
    },
    async close() {
      gate.close();
    },
  };
  return store;
}
