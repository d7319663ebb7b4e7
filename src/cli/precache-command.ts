/**
 * `nearbit inspect <folder> --precache`: what a service worker must keep, for workbox or by hand.
 * In: the command's options. Out: the list on stdout (`--json`: workbox's precache manifest), sums and remarks on stderr.
 * Deliberately not here: which files those are (precache.ts).
 */
import type { Tier } from '../types';
import { parseTier } from './options';
import { type PrecachePart, precacheList } from './precache';
import { byteCount } from './progress';

export const precacheOptions = {
  precache: { type: 'boolean' },
  tier: { type: 'string' },
  base: { type: 'string' },
  languages: { type: 'string' },
  webgpu: { type: 'boolean' },
  bundled: { type: 'boolean' },
} as const;

export interface PrecacheValues {
  tier?: string | undefined;
  base?: string | undefined;
  languages?: string | undefined;
  webgpu?: boolean | undefined;
  bundled?: boolean | undefined;
  json?: boolean | undefined;
}

const tierWords: Record<Tier, string> = {
  lexical: 'by words alone',
  instant: 'by words and meaning without a model',
  full: 'by words and meaning',
};

const partWords: Record<PrecachePart, string> = {
  engine: 'engine',
  manifest: 'manifest',
  words: 'words and texts',
  embeddings: 'embeddings',
  instant: 'instant tier',
  model: 'model',
  runtime: 'model runtime',
};

/** Errors: as `precacheList`; usage for a tier that is none. */
export async function precacheCommand(folder: string, values: PrecacheValues): Promise<number> {
  const tier = parseTier(values.tier);
  const { entries, parts, remarks } = await precacheList(folder, {
    tier,
    base: values.base ? values.base.replace(/\/*$/, '/') : '',
    languages: parseLanguages(values.languages),
    webgpu: values.webgpu ?? false,
    bundled: values.bundled ?? false,
  });
  if (values.json) console.log(JSON.stringify(entries));
  else
    for (const { url, revision, bytes } of entries)
      console.log(`${String(bytes).padStart(10)}  ${(revision ?? '').padEnd(32)}  ${url}`);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const sums = Object.entries(parts).map(
    ([part, bytes]) => `${partWords[part as PrecachePart]} ${byteCount(bytes)}`,
  );
  console.error(
    `${entries.length} files, ${byteCount(total)} (${total} bytes), to search ${tierWords[tier]} without a network: ${sums.join(', ')}.`,
  );
  for (const remark of remarks) console.error(remark);
  console.error('nearbit keeps blocks in IndexedDB too: with this list, open the index with cache: false.');
  return 0;
}

function parseLanguages(text: string | undefined): readonly string[] | 'all' | null {
  if (text === undefined || text === 'all') return text ?? null;
  return text.toLowerCase().split(',');
}
