/**
 * Which scripts of an index folder's engine/ a tier runs.
 * In: the folder as `nearbit index` wrote it. Out: paths of scripts, found by following their imports and workers from the
 * entries a page can load. What the tier never asks for (a worker, a stemmer of another language) is left out.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { describe, StoreError } from '../errors';
import type { Tier } from '../types';

/** Where they lie in an index folder. */
export const engineFolder = 'engine';

export interface EngineNeeds {
  tier: Tier;
  /** Base languages whose stemmers are wanted. Null: all. */
  languages: readonly string[] | null;
  /** Also what runs the model by WebGPU. */
  webgpu: boolean;
}

const entries: Record<Tier, readonly string[]> = {
  lexical: ['nearbit.js', 'nearbit-search.js'],
  instant: ['nearbit.js', 'nearbit-instant.js', 'nearbit-search-instant.js'],
  full: ['nearbit.js', 'nearbit-search.js'],
};

/** Indexing in memory and reranking: no part of searching this folder. */
const otherWork = /(?:build-documents|open-documents|reranker)/;
const modelWork = /(?:inference|first-runtime|own-encoder|canary|vector-leg|scan\.worker|choose)/;
const gpuWork = /(?:inference-webgpu|\.jspi\.)/;

/** `./chunks/stem-de.js` and the like, as scripts name each other; after `from` or `import` nothing starts without it. */
const mention = /(\b(?:from|import)\s*)?["'`](\.{1,2}\/[\w./-]+\.m?js)["'`]/g;
/** An analyser's table: language and file. */
const stemmerOf = /([a-z]{2}):\(\)=>import\(["'`]([\w./-]*\/stem-[\w-]+\.js)["'`]/g;

/** Paths from engine/, in code-unit order. Errors: StoreError block-missing when there is no engine or an entry is not in it. */
export async function engineScripts(folder: string, needs: EngineNeeds): Promise<string[]> {
  const engine = join(folder, engineFolder);
  const listed = await readdir(engine, { recursive: true }).catch((error: unknown) => {
    throw new StoreError('block-missing', { path: engine, received: describe(error) }, { cause: error });
  });
  const present = new Set(listed.map((path) => path.split(sep).join('/')));
  const found = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    found.add(path);
    const code = await readFile(join(engine, path), 'utf8');
    const foreign = otherStemmers(code, needs.languages);
    for (const [, isStatic, specifier] of code.matchAll(mention)) {
      const target = posix.join(posix.dirname(path), specifier!);
      if (!present.has(target)) continue;
      if (isStatic || (!foreign.has(specifier!) && isNeeded(target, needs))) await follow(target);
    }
  };
  for (const entry of entries[needs.tier]) {
    if (!present.has(entry))
      throw new StoreError('block-missing', { path: join(engine, entry), received: 'nothing' });
    await follow(entry);
  }
  // The workers name these by the address that the page gives them.
  if (needs.tier === 'full')
    for (const path of present) if (path.endsWith('.mjs') && isNeeded(path, needs)) found.add(path);
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

function isNeeded(path: string, { tier, webgpu }: EngineNeeds): boolean {
  if (otherWork.test(path) || (!webgpu && gpuWork.test(path))) return false;
  if (tier === 'full') return true;
  return !modelWork.test(path) && !(tier === 'instant' && path.endsWith('.worker.js'));
}

/** Specifiers of stemmers for none of the languages. */
function otherStemmers(code: string, languages: readonly string[] | null): Set<string> {
  const others = new Set<string>();
  if (languages)
    for (const [, language, specifier] of code.matchAll(stemmerOf))
      if (!languages.includes(language!)) others.add(specifier!);
  return others;
}
