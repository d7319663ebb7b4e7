/**
 * The instant tier's set of files, as writable stores keep it.
 * In: files by name, or the manifest that is to be committed. Out: the set's name, and the head that names it.
 * Deliberately not here: where files lie (the stores), and what is in them (segment).
 */
import { StoreError } from '../errors';
import { formatVersion } from '../segment/block';
import { hashBlock } from '../segment/hash';
import { decodeHead, encodeHead, headPath, instantPath, startPath } from '../segment/instant-head';
import type { InstantRef, Manifest } from '../types';

/** Files that a set is made of; a folder can hold others. */
export const ownSetFile = /^(?:start|(?:words|cells|cards)-\d+)\.bin$/;

/** A set's name follows from the names and contents of its files. */
export type WrittenInstant = Pick<InstantRef, 'name' | 'files' | 'bytes'>;

/** Errors: NearbitError usage where `crypto.subtle` is missing. */
export async function nameSet(files: ReadonlyMap<string, Uint8Array>): Promise<WrittenInstant> {
  let list = '';
  let bytes = 0;
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path)!;
    bytes += content.length;
    list += `${path} ${content.length} ${await hashBlock(content)}\n`;
  }
  return { name: await hashBlock(new TextEncoder().encode(list)), files: files.size, bytes };
}

/**
 * Bytes of `instant.json`, proven readable; null: the manifest names no set. `sizes`: of the files in the set's place, by name.
 * Errors: StoreError block-missing; FormatError for a head no reader would take.
 */
export function prepareHead(
  { instant, languages }: Manifest,
  sizes: ReadonlyMap<string, number> | undefined,
): Uint8Array | null {
  if (!instant) return null;
  const own = [...(sizes ?? [])].filter(([path]) => ownSetFile.test(path));
  const bytes = own.reduce((sum, [, size]) => sum + size, 0);
  const start = sizes?.get(startPath);
  if (start === undefined || own.length !== instant.files || bytes !== instant.bytes)
    throw new StoreError('block-missing', {
      path: instantPath(instant.name),
      received: `a manifest that names ${instant.files} files of ${instant.bytes} bytes, where ${own.length} of ${bytes} are`,
    });
  const head = encodeHead({ ...instant, format: formatVersion, start, languages });
  decodeHead(head, headPath);
  return head;
}
