/**
 * A model folder, wherever it lives (a directory, blocks of an index, memory), and checked reads from it.
 * In: paths relative to the folder, `/` between parts. Out: bytes, parsed JSON.
 * Deliberately not here: what the files mean (model-card.ts, tokenizer.ts, session.ts).
 */

import { describe, ModelError } from '../errors';

/** Read access to a folder in the transformers.js layout. */
export interface ModelFiles {
  /** The folder's name, for messages and for models that do not name themselves. */
  readonly name: string;
  /** The file's bytes, or null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
}

export type Json = Record<string, unknown>;

/**
 * The bytes of a file that must be there.
 * Errors: ModelError `model-missing`.
 */
export async function readModelFile(files: ModelFiles, path: string): Promise<Uint8Array> {
  const bytes = await files.read(path);
  if (!bytes) {
    throw new ModelError('model-missing', { expected: `${path} in ${files.name}`, received: 'no such file' });
  }
  return bytes;
}

/**
 * A JSON object, or null when there is no such file.
 * Errors: ModelError `model-damaged`.
 */
export async function readModelJson(files: ModelFiles, path: string): Promise<Json | null> {
  const bytes = await files.read(path);
  return bytes && parseModelJson(bytes, path);
}

/**
 * Bytes of a model file as a JSON object.
 * Errors: ModelError `model-damaged`.
 */
export function parseModelJson(bytes: Uint8Array, path: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelError('model-damaged', { path, expected: 'JSON', received: describe(cause) }, { cause });
  }
  if (!isObject(value)) {
    const received = Array.isArray(value) ? 'an array' : String(value);
    throw new ModelError('model-damaged', { path, expected: 'a JSON object', received });
  }
  return value;
}

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
