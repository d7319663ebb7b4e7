/**
 * The instant tier's files where reading costs little: a folder, memory.
 * In: a function that reads a file of the index folder. Out: the contract of instant-files.ts, packs read whole.
 */
import { StoreError } from '../errors';
import { corrupt, glimpse } from '../segment/damage';
import { decodeHead, headPath, type InstantHead, instantPath, startPath } from '../segment/instant-head';
import { cutPack, openPart, packPath } from '../segment/instant-part';
import type { InstantStart } from '../segment/instant-shape';
import { decodeStart } from '../segment/instant-start';
import type { InstantFiles } from './instant-files';

/** `read`: a file's bytes by its path in the index folder, or why there are none. Errors: as of `InstantFiles`. */
export function localInstantFiles(
  name: string,
  read: (path: string) => Promise<Uint8Array | string>,
): InstantFiles {
  let head: InstantHead | undefined;
  let start: InstantStart | undefined;

  async function readHead(): Promise<InstantHead> {
    const bytes = await read(headPath);
    if (typeof bytes === 'string')
      throw new StoreError('index-missing', { path: name, expected: headPath, received: bytes });
    return decodeHead(bytes, `${name}/${headPath}`);
  }

  /** Errors: block-missing, or instant-replaced where a build has put another set in its place. */
  async function readFile(held: InstantHead, file: string): Promise<Uint8Array> {
    const path = `${instantPath(held.name)}/${file}`;
    const bytes = await read(path);
    if (typeof bytes !== 'string') return bytes;
    const now = await readHead().catch(() => held);
    if (now.name === held.name) throw new StoreError('block-missing', { path, received: bytes });
    head = now;
    start = undefined;
    throw new StoreError('instant-replaced', { path: name, expected: held.name, received: now.name });
  }

  const files: InstantFiles = {
    name,
    async head(signal) {
      signal?.throwIfAborted();
      head ??= await readHead();
      return head;
    },
    async start(signal) {
      const held = await files.head(signal);
      if (start) return start;
      const bytes = await readFile(held, startPath);
      if (bytes.length !== held.start) throw corrupt(startPath, `${held.start} bytes`, glimpse(bytes));
      start = await decodeStart(bytes, startPath);
      return start;
    },
    async part(kind, i, signal) {
      const table = (await files.start(signal)).packs[kind];
      const held = await files.head(signal);
      const pack = Math.floor(i / table.perPack);
      const path = packPath(kind, pack);
      if (!(i in table.sizes))
        throw new StoreError('block-missing', { path, received: `${table.sizes.length} parts` });
      const parts = cutPack(kind, table, pack, await readFile(held, path), path);
      signal?.throwIfAborted();
      return openPart(parts.get(i)!, `${path} part ${i}`);
    },
  };
  return files;
}

/** An index folder's files by path, as `memoryStore` keeps them. */
export function openInstantMap(files: ReadonlyMap<string, Uint8Array>, name = 'memory'): InstantFiles {
  return localInstantFiles(name, async (path) => files.get(path) ?? 'nothing');
}
