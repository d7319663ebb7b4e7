/**
 * What a service worker must keep so that an index folder can be searched without a network.
 * In: the folder and the tier. Out: files with address, revision and size, in the form of workbox's precache manifest, and
 * where the bytes come from. Files named by their content have no revision: under that name they never change.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenizerFiles, wasmBinary, weightsFor } from '../client/downloads';
import { gpuBinary, gpuWeights } from '../client/runtimes';
import { describe, NearbitError, StoreError } from '../errors';
import { blockPath } from '../segment/block';
import { headPath, instantPath } from '../segment/instant-head';
import { manifestBlocks, manifestPath } from '../segment/manifest';
import { folderStore } from '../store/folder-store.node';
import type { BlockRef, Manifest } from '../types';
import { type EngineNeeds, engineFolder, engineScripts } from './precache-engine';

export interface PrecacheOptions extends Pick<EngineNeeds, 'tier' | 'webgpu'> {
  /** What stands before each path: where the folder is served, seen from the service worker. '' or ending with a slash. */
  base: string;
  /** Base languages of queries and documents. Null: those of the index, or all where it has no pages. `all`: all. */
  languages: readonly string[] | 'all' | null;
  /** A bundler carries nearbit's code: of engine/ only what belongs to the runtime is needed. */
  bundled: boolean;
}

/** Workbox reads `url` and `revision`, and leaves the rest alone. */
export interface PrecacheEntry {
  url: string;
  /** Hash of the content; null: the address names it. */
  revision: string | null;
  /** As served, without the compression of the connection. */
  bytes: number;
}

export type PrecachePart = 'engine' | 'manifest' | 'words' | 'embeddings' | 'instant' | 'model' | 'runtime';

export interface Precache {
  /** In the order of their addresses. */
  entries: PrecacheEntry[];
  /** Bytes by purpose. */
  parts: Partial<Record<PrecachePart, number>>;
  /** What runs the model, and what was left out, one sentence each. */
  remarks: string[];
}

/** Errors: NearbitError usage for a tier that the index does not have; StoreError index-missing, block-missing; FormatError. */
export async function precacheList(folder: string, options: PrecacheOptions): Promise<Precache> {
  const { tier, base, bundled } = options;
  const store = folderStore(folder);
  const manifest = await store.readManifest();
  await store.close();
  const { model, instant } = manifest;
  if (tier === 'instant' && !instant) throw noTier('an index with that tier', 'one without');
  const remarks: string[] = [];
  const entries: PrecacheEntry[] = [];
  const parts: Precache['parts'] = {};
  const take = (part: PrecachePart, path: string, bytes: number, revision: string | null) => {
    entries.push({ url: `${base}${path}`, revision, bytes });
    parts[part] = (parts[part] ?? 0) + bytes;
  };
  /** Files that change under their name. */
  const takeMutable = async (part: PrecachePart, path: string) => {
    const bytes = await readFile(join(folder, path)).catch((error: unknown) => {
      throw new StoreError('block-missing', { path, received: describe(error) }, { cause: error });
    });
    take(part, path, bytes.length, createHash('sha256').update(bytes).digest('hex').slice(0, 32));
  };

  if (tier !== 'instant') {
    await takeMutable('manifest', manifestPath);
    for (const [path, { part, ref }] of neededBlocks(manifest, options)) {
      await checkSize(folder, path, ref.bytes);
      take(part, path, ref.bytes, null);
    }
  }
  if (instant && tier !== 'lexical') {
    await takeMutable('instant', headPath);
    const place = instantPath(instant.name);
    for (const name of await readdir(join(folder, place)))
      take('instant', `${place}/${name}`, (await stat(join(folder, place, name))).size, null);
  }
  const languages = stemmersOf(manifest, options);
  const scripts = await engineScripts(folder, { tier, languages, webgpu: options.webgpu });
  for (const path of scripts)
    if (!bundled || path.endsWith('.mjs')) await takeMutable('engine', `${engineFolder}/${path}`);
  if (tier === 'full') remarks.push(...runtimeRemarks(manifest, options));
  if (tier === 'full' && !model) remarks.push('The index has no model: words alone.');
  if (languages && !bundled)
    remarks.push(
      `Stemmers for ${languages.filter(Boolean).join(', ') || 'no language'} alone: where people add documents (openIndex with a name), those in other languages are refused without a network; --languages all takes in the rest.`,
    );
  entries.sort((a, b) => (a.url < b.url ? -1 : 1));
  return { entries, parts, remarks };
}

/** Null: every language's. */
function stemmersOf(manifest: Manifest, { languages }: PrecacheOptions): readonly string[] | null {
  if (languages === 'all') return null;
  return languages ?? (manifest.counts.pages > 0 ? manifest.languages.map(baseLanguage) : null);
}

/** By path, because an index may name a block twice. */
function neededBlocks(
  manifest: Manifest,
  { tier, webgpu }: PrecacheOptions,
): Map<string, { part: PrecachePart; ref: BlockRef }> {
  const needed = new Map<string, { part: PrecachePart; ref: BlockRef }>();
  const meaning = tier === 'full';
  for (const { kind, ref } of manifestBlocks(manifest)) {
    if (kind === 'asset') continue;
    const embeddings = kind === 'frame' || kind === 'codes' || kind === 'fine';
    if (meaning || !embeddings)
      needed.set(blockPath(kind, ref), { part: embeddings ? 'embeddings' : 'words', ref });
  }
  if (!meaning || !manifest.model) return needed;
  const { files } = manifest.model;
  const assets: [PrecachePart, BlockRef | undefined][] = [
    ...tokenizerFiles.map((path): [PrecachePart, BlockRef | undefined] => ['model', files[path]]),
    ['model', files[weightsFor(files) ?? '']],
    ['runtime', manifest.runtime[wasmBinary]],
  ];
  if (webgpu) assets.push(['model', files[gpuWeights]], ['runtime', manifest.runtime[gpuBinary]]);
  for (const [part, ref] of assets) if (ref) needed.set(blockPath('asset', ref), { part, ref });
  return needed;
}

function runtimeRemarks({ model, runtime }: Manifest, { webgpu }: PrecacheOptions): string[] {
  if (!model) return [];
  if (!weightsFor(model.files) || !runtime[wasmBinary])
    return ['The index carries no model files: the encoder is the app’s own to keep.'];
  const remarks = [
    `${wasmBinary} runs the model in every browser; it needs 'wasm-unsafe-eval' in the policy.`,
  ];
  const gpu = [model.files[gpuWeights], runtime[gpuBinary]];
  if (!gpu[0] || !gpu[1]) {
    if (webgpu) remarks.push(`The index carries no files for WebGPU (${gpuWeights}, ${gpuBinary}).`);
  } else if (webgpu)
    remarks.push(`${gpuBinary} and ${gpuWeights} are for runtime: 'webgpu', where the browser has JSPI.`);
  else
    remarks.push(
      `Left out: ${gpuBinary} and ${gpuWeights} (${mega(gpu[0].bytes + gpu[1].bytes)}), which embed many documents faster on a graphics adapter; --webgpu takes them in.`,
    );
  return remarks;
}

const mega = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function baseLanguage(tag: string): string {
  return tag.toLowerCase().split('-')[0]!;
}

/** A list that names a file which is not there would make the service worker fail on every device. */
async function checkSize(folder: string, path: string, bytes: number): Promise<void> {
  const size = await stat(join(folder, path)).then(
    (info) => info.size,
    () => null,
  );
  if (size !== bytes)
    throw new StoreError('block-missing', {
      path,
      received: size === null ? 'nothing' : `a file of ${size} bytes for ${bytes}`,
    });
}

function noTier(expected: string, received: string): NearbitError {
  return new NearbitError('usage', {
    what: 'Cannot list --tier instant',
    expected,
    received,
    fix: 'pass another --tier, or index again without --instant none',
  });
}
