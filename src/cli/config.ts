/**
 * `nearbit.config.json` or `nearbit.config.mjs`: what a site would otherwise repeat on every command line.
 * In: a file, or the current folder. Out: settings; unknown keys are refused by name.
 * Only a `.mjs` file can give `encoder`: a function that returns an Encoder (see nearbit/transformers).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, NearbitError } from '../errors';
import type { Encoder } from '../types';

export interface Config {
  out?: string;
  base?: string;
  model?: string;
  documentModel?: string;
  cache?: string;
  instant?: string;
  encoder?: () => Promise<Encoder>;
}

const keys = ['out', 'base', 'model', 'documentModel', 'cache', 'instant', 'encoder'];

/** Errors: usage when the file is missing, unreadable or holds an unknown key. */
export async function readConfig(path?: string): Promise<Config> {
  const file = path ?? ['nearbit.config.mjs', 'nearbit.config.json'].find((name) => existsSync(name));
  if (!file) return {};
  let config: Config;
  try {
    config = file.endsWith('.json')
      ? JSON.parse(await readFile(file, 'utf8'))
      : (await import(pathToFileURL(resolve(file)).href)).default;
  } catch (error) {
    throw refuse(file, 'a JSON file, or a module with a default export', describe(error));
  }
  if (typeof config !== 'object' || config === null) throw refuse(file, 'an object', String(config));
  const unknown = Object.keys(config).find((key) => !keys.includes(key));
  if (unknown) throw refuse(file, `keys among ${keys.join(', ')}`, unknown);
  return config;
}

function refuse(file: string, expected: string, received: string): NearbitError {
  return new NearbitError('usage', {
    what: `Cannot use ${file}`,
    expected,
    received,
    fix: 'correct the file or leave out --config',
  });
}
