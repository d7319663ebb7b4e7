/**
 * `instant.json`: the one mutable file of the instant tier. It names the set of packs that holds now.
 * In: an InstantHead. Out: UTF-8 JSON of a hundred bytes, and back, checked.
 * The manifest names the set too; a page that answers by the instant tier alone never reads the manifest.
 */
import { FormatError } from '../errors';
import type { InstantRef } from '../types';
import { formatVersion } from './block';
import { jsonShape, parseJson } from './json-shape';

/** Its name in an index folder. */
export const headPath = 'instant.json';

/** Name of the file in a set that says where the others' parts are. */
export const startPath = 'start.bin';

export interface InstantHead extends Pick<InstantRef, 'name' | 'design' | 'files' | 'bytes'> {
  format: number;
  /** Stored size of `start.bin`. Units: bytes. */
  start: number;
  /** Every analyser used while indexing: a reader loads them beside `start.bin`. */
  languages: string[];
}

/** Names of sets: first 32 hexadecimal digits of a SHA-256. */
export const setName = /^[0-9a-f]{32}$/;

/** Folder of all sets in an index folder. */
export const instantFolder = 'instant';

/** Where the files of a set lie in an index folder. */
export function instantPath(name: string): string {
  return `${instantFolder}/${name}`;
}

/** The same head gives the same bytes. */
export function encodeHead(head: InstantHead): Uint8Array {
  const { format, name, design, files, bytes, start, languages } = head;
  return new TextEncoder().encode(JSON.stringify({ format, name, design, files, bytes, start, languages }));
}

/** Errors: FormatError format-too-new, format-corrupt. */
export function decodeHead(bytes: Uint8Array, path: string): InstantHead {
  const shape = jsonShape(path);
  const json = shape.object(parseJson(bytes, path), 'the top');
  const format = shape.count(json.format, 'format', 1);
  if (format > formatVersion)
    throw new FormatError('format-too-new', { path, expected: formatVersion, received: format });
  const name = shape.text(json.name, 'name');
  // It becomes part of a URL.
  if (!setName.test(name)) throw shape.wrong('name', '32 hexadecimal digits', name);
  return {
    format,
    name,
    design: shape.oneOf(json.design, 'design', ['cells', 'expansion']),
    files: shape.count(json.files, 'files', 1),
    bytes: shape.count(json.bytes, 'bytes', 1),
    start: shape.count(json.start, 'start', 1),
    languages: shape.list(json.languages, 'languages').map((tag) => shape.text(tag, 'a language')),
  };
}
