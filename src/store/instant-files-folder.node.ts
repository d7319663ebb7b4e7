/**
 * The instant tier's files in a folder (Node only).
 * In: the folder of an index. Out: the contract of instant-files.ts.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from '../errors';
import type { InstantFiles } from './instant-files';
import { localInstantFiles } from './instant-files-local';

/** Errors: as of `InstantFiles`. */
export function openInstantFolder(folder: string): InstantFiles {
  return localInstantFiles(folder, async (path) => {
    try {
      // Not the Buffer itself, whose `slice` copies nothing.
      const { buffer, byteOffset, length } = await readFile(join(folder, path));
      return new Uint8Array(buffer, byteOffset, length);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? describe(error);
    }
  });
}
