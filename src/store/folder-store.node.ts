/**
 * A store in a folder: what `nearbit index` writes and any static host serves.
 * In: payloads. Out: manifest.json, blocks/<hash>.<kind>, instant.json and instant/<name>/, each file written beside its
 * place and renamed into it.
 * A run that is interrupted leaves the old manifest and all of its blocks; its leftovers go with the next commit.
 * Deliberately not here: a lock; two runs at once into one folder are the caller's to avoid.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, isAbort, StoreError } from '../errors';
import { blockPath, openBlock, sealBlock } from '../segment/block';
import { verifyBlock } from '../segment/hash';
import { headPath, instantFolder, instantPath, setName } from '../segment/instant-head';
import { decodeManifest, manifestPath } from '../segment/manifest';
import { nameSet, ownSetFile, prepareHead } from './instant-set';
import { createGate, prepareCommit, type WritableStore } from './store';

// What this store wrote and may remove; a folder can hold other files.
const ownBlock = /^[0-9a-f]{32}\.[a-z]+$/;
const ownTemporary = /\.nearbit-tmp$/;

/** `folder` need not exist until something is written. */
export function folderStore(folder: string): WritableStore {
  const gate = createGate(folder);
  const manifestFile = join(folder, manifestPath);
  const headFile = join(folder, headPath);
  const blocksFolder = join(folder, 'blocks');
  let made: Promise<unknown> | undefined;

  const store: WritableStore = {
    name: folder,
    async readManifest(signal) {
      gate.pass('readManifest', signal);
      const bytes = await readFile(manifestFile, { signal }).catch((error: unknown) => {
        throw isAbort(error)
          ? error
          : new StoreError('index-missing', { path: folder, received: why(error) }, { cause: error });
      });
      return decodeManifest(bytes, manifestFile);
    },
    async readBlock(kind, ref, options) {
      return openBlock(kind, await store.readStored(kind, ref, options), blockPath(kind, ref));
    },
    async readStored(kind, ref, { signal, onProgress } = {}) {
      gate.pass('readBlock', signal);
      const path = blockPath(kind, ref);
      const bytes = await readFile(join(folder, path), { signal }).catch((error: unknown) => {
        throw isAbort(error)
          ? error
          : new StoreError('block-missing', { path, received: why(error) }, { cause: error });
      });
      await verifyBlock(bytes, ref, path);
      onProgress?.(bytes.length, bytes.length);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    async writeBlock(kind, payload, options) {
      gate.pass('writeBlock');
      const { ref, bytes } = await sealBlock(kind, payload, options);
      const file = join(folder, blockPath(kind, ref));
      made ??= mkdir(blocksFolder, { recursive: true });
      await made;
      // Compared whole, not by name and size: running `nearbit index` again must mend a damaged block.
      if (!(await sameContent(file, bytes))) await replace(file, bytes, false);
      return ref;
    },
    async writeInstant(set) {
      gate.pass('writeInstant');
      const written = await nameSet(set);
      const place = join(folder, instantPath(written.name));
      await mkdir(place, { recursive: true });
      for (const [path, bytes] of set) {
        const file = join(place, path);
        if (!(await sameContent(file, bytes))) await replace(file, bytes, false);
      }
      return written;
    },
    async hasInstant({ name }) {
      gate.pass('hasInstant');
      const place = join(folder, instantPath(name));
      const set = new Map<string, Uint8Array>();
      for (const path of await list(place))
        if (ownSetFile.test(path)) set.set(path, await readFile(join(place, path)));
      return (await nameSet(set)).name === name;
    },
    async commit(manifest) {
      gate.pass('commit');
      const names = await list(blocksFolder);
      const present = new Set(names.map((name) => `blocks/${name}`));
      const { bytes, paths } = prepareCommit(manifest, (path) => present.has(path));
      const head = prepareHead(manifest, manifest.instant && (await sizesOf(folder, manifest.instant.name)));
      // Before the manifest: a page reads the head alone, and whoever stops in between leaves both sets whole.
      if (head && !(await sameContent(headFile, head))) await replace(headFile, head, true);
      if (!(await sameContent(manifestFile, bytes))) await replace(manifestFile, bytes, true);
      const leftovers = names
        .filter((name) => ownTemporary.test(name) || (ownBlock.test(name) && !paths.has(`blocks/${name}`)))
        .map((name) => join(blocksFolder, name));
      for (const name of await list(folder)) if (ownTemporary.test(name)) leftovers.push(join(folder, name));
      if (!head) leftovers.push(headFile);
      for (const file of leftovers) await rm(file, { force: true });
      await removeSets(join(folder, instantFolder), manifest.instant?.name);
    },
    async close() {
      gate.close();
    },
  };
  return store;
}

/** Sizes of the files of a set, by name. */
async function sizesOf(folder: string, name: string): Promise<Map<string, number>> {
  const place = join(folder, instantPath(name));
  const sizes = new Map<string, number>();
  for (const path of await list(place)) sizes.set(path, (await stat(join(place, path))).size);
  return sizes;
}

/** Removes every set but `kept`, what an interrupted run left in that one, and the folder of sets where it is empty then. */
async function removeSets(sets: string, kept: string | undefined): Promise<void> {
  const names = await list(sets);
  for (const name of names) {
    const place = join(sets, name);
    if (name === kept) {
      for (const file of await list(place)) if (ownTemporary.test(file)) await rm(join(place, file));
    } else if (setName.test(name)) await rm(place, { recursive: true, force: true });
  }
  if (names.length > 0) await rmdir(sets).catch(() => {});
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function sameContent(file: string, bytes: Uint8Array): Promise<boolean> {
  const present = await readFile(file).catch(() => null);
  return present?.equals(bytes) ?? false;
}

/** `durable`: on the disk before the name changes, so that a power cut cannot leave an empty manifest. */
async function replace(file: string, bytes: Uint8Array, durable: boolean): Promise<void> {
  const temporary = `${file}.${randomUUID()}.nearbit-tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
    if (durable) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** ENOENT and its kin, without the path, which the message has already. */
function why(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? describe(error);
}
