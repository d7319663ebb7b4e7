/**
 * Temporary folders as places for the store suite (Node only).
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll } from 'vitest';
import type { Files } from './store.suite';

/** Gives new empty folders and removes them all after the file's tests. */
export function temporaryFolders(): () => Promise<{ folder: string; files: Files }> {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nearbit-store-'));
    made.push(folder);
    return { folder, files: folderFiles(folder) };
  };
}

function folderFiles(folder: string): Files {
  return {
    get: async (path) => {
      const bytes = await readFile(join(folder, path)).catch(() => null);
      return bytes && new Uint8Array(bytes);
    },
    set: async (path, bytes) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    },
    delete: (path) => rm(join(folder, path)),
    list: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    },
  };
}
