import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import { writeSample } from '../segment/sample.suite';
import { folderStore } from '../store/folder-store.node';
import type { Manifest } from '../types';
import { inspectCommand } from './inspect-command';
import type { PrecacheEntry } from './precache';

/** Scripts as they name each other in dist/. */
const engine: Record<string, string> = {
  'nearbit.js':
    'import"./rpc.js";new Worker(new URL(`./index.worker.js`,import.meta.url));new Worker(new URL(`./inference.worker.js`,import.meta.url));new Worker(new URL(`./inference-webgpu.worker.js`,import.meta.url));import(`./chunks/open-documents-a1.js`);import(`./nearbit-instant.js`);import("./not-here.js")',
  'nearbit-search.js': 'import(`./nearbit.js`);import(`./chunks/open-live-e5.js`)',
  'nearbit-search-instant.js': 'let a={en:()=>import(`./chunks/stem-en.js`).then(e=>e.s)}',
  'nearbit-instant.js': 'import"./rpc.js"',
  'rpc.js': '',
  'index.worker.js':
    'let a={da:()=>import(`./chunks/stem-dk.js`).then(e=>e.s),de:()=>import(`./chunks/stem-de.js`).then(e=>e.s)};import(`./chunks/vector-leg-b2.js`)',
  'inference.worker.js': 'import"./rpc.js"',
  'inference-webgpu.worker.js': '',
  'ort.mjs': '',
  'ort.jspi.mjs': '',
  'chunks/stem-dk.js': '',
  'chunks/stem-de.js': '',
  'chunks/stem-en.js': '',
  'chunks/vector-leg-b2.js': 'import"../index.worker.js";import(`./deeper-c3.js`)',
  'chunks/open-documents-a1.js': '',
  'chunks/deeper-c3.js': '',
  'chunks/nobody-d4.js': '',
  'chunks/open-live-e5.js': 'import{a as b}from"./own-encoder-f6.js";import(`./first-runtime-g7.js`)',
  'chunks/own-encoder-f6.js': '',
  'chunks/first-runtime-g7.js': '',
};
const weights = 'onnx/model_quantized.onnx';

let root: string;
let manifest: Manifest;
const out: string[] = [];
const err: string[] = [];

async function commit(change: Partial<Manifest>): Promise<void> {
  const store = folderStore(root);
  manifest = { ...manifest, ...change };
  await store.commit(manifest);
}

beforeEach(async () => {
  out.length = 0;
  err.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void err.push(String(line)));
  root = await mkdtemp(join(tmpdir(), 'nearbit-precache-'));
  const store = folderStore(root);
  const { files } = await sampleSet(3);
  const asset = (fill: number, n: number) => store.writeBlock('asset', new Uint8Array(n).fill(fill));
  const sample = await writeSample((kind, payload) => store.writeBlock(kind, payload));
  const model = {
    ...sample.model!,
    files: {
      ...sample.model!.files,
      [weights]: await asset(4, 900),
      'onnx/model_q4.onnx': await asset(5, 800),
    },
  };
  const runtime = {
    'ort-wasm-simd-threaded.wasm': await asset(6, 700),
    'ort-wasm-simd-threaded.jspi.wasm': await asset(7, 600),
  };
  const instant = { design: 'cells' as const, source: 'x', ...(await store.writeInstant(files)) };
  manifest = { ...sample, model, runtime, instant };
  await store.commit(manifest);
  for (const [path, code] of Object.entries(engine)) {
    await mkdir(dirname(join(root, 'engine', path)), { recursive: true });
    await writeFile(join(root, 'engine', path), code);
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

async function list(...args: string[]): Promise<PrecacheEntry[]> {
  out.length = 0;
  expect(await inspectCommand([root, '--precache', '--json', ...args])).toBe(0);
  return JSON.parse(out[0]!);
}

const urls = (entries: PrecacheEntry[], part: string) =>
  entries
    .map(({ url }) => url)
    .filter((url) => url.startsWith(part))
    .map((url) => url.slice(part.length));

test('every file listed is there with its size; only those whose name may get other content have a revision', async () => {
  const entries = await list('--webgpu');
  for (const { url, revision, bytes } of entries) {
    expect((await stat(join(root, url))).size).toBe(bytes);
    const hash = createHash('sha256').update(await readFile(join(root, url)));
    const named = /^(blocks|instant)\//.test(url);
    expect([url, revision]).toEqual([url, named ? null : hash.digest('hex').slice(0, 32)]);
  }
  expect(new Set(entries.map(({ url }) => url)).size).toBe(entries.length);
  expect(urls(entries, '')).toEqual(expect.arrayContaining(['manifest.json', 'instant.json']));
});

test('the full tier takes every block but what another runtime needs, which --webgpu adds', async () => {
  const all = (await readdir(join(root, 'blocks'))).sort();
  const gpu = [
    manifest.model!.files['onnx/model_q4.onnx']!,
    manifest.runtime['ort-wasm-simd-threaded.jspi.wasm']!,
  ].map(({ hash }) => `${hash}.asset`);
  const plain = await list();
  expect(urls(plain, 'blocks/').filter((name) => gpu.includes(name))).toEqual([]);
  expect(err.join('\n')).toContain('--webgpu takes them in');
  const withGpu = await list('--webgpu');
  expect(urls(withGpu, 'blocks/')).toEqual(expect.arrayContaining(gpu));
  // The sample's own runtime is one that no reader asks for.
  const leftOver = all.filter((name) => !urls(withGpu, 'blocks/').includes(name));
  expect(leftOver.every((name) => name.endsWith('.asset'))).toBe(true);
  expect(urls(plain, 'engine/')).not.toContain('inference-webgpu.worker.js');
  expect(urls(withGpu, 'engine/')).toEqual(
    expect.arrayContaining(['inference-webgpu.worker.js', 'ort.jspi.mjs']),
  );
});

test('scripts are found by following imports and workers; what does not search this folder is left out', async () => {
  expect(urls(await list(), 'engine/')).toEqual([
    'chunks/deeper-c3.js',
    'chunks/first-runtime-g7.js',
    'chunks/open-live-e5.js',
    'chunks/own-encoder-f6.js',
    'chunks/stem-de.js',
    'chunks/vector-leg-b2.js',
    'index.worker.js',
    'inference.worker.js',
    'nearbit-instant.js',
    'nearbit-search.js',
    'nearbit.js',
    'ort.mjs',
    'rpc.js',
  ]);
});

test('the lexical tier takes neither model nor embeddings', async () => {
  const entries = await list('--tier', 'lexical');
  expect(urls(entries, 'blocks/').filter((name) => /\.(asset|codes|fine|frame)$/.test(name))).toEqual([]);
  expect(urls(entries, 'blocks/').some((name) => name.endsWith('.postings'))).toBe(true);
  expect(urls(entries, 'engine/')).not.toContain('inference.worker.js');
  expect(urls(entries, 'instant')).toEqual([]);
});

test('what a script cannot start without is taken, whatever it is for', async () => {
  const scripts = urls(await list('--tier', 'lexical'), 'engine/');
  expect(scripts).toContain('chunks/own-encoder-f6.js');
  expect(scripts).not.toContain('chunks/first-runtime-g7.js');
});

test('the instant tier takes its own files and no worker', async () => {
  const entries = await list('--tier', 'instant');
  expect(urls(entries, 'blocks/')).toEqual([]);
  expect(urls(entries, 'instant/')).toHaveLength(7);
  expect(urls(entries, 'engine/')).toEqual([
    'chunks/stem-en.js',
    'nearbit-instant.js',
    'nearbit-search-instant.js',
    'nearbit.js',
    'rpc.js',
  ]);
});

test('an index without an instant tier refuses to list one', async () => {
  const { instant: _, ...rest } = manifest;
  manifest = rest;
  await commit({});
  await expect(inspectCommand([root, '--precache', '--tier', 'instant'])).rejects.toThrow(
    /expected an index with that tier/,
  );
});

test('stemmers are those of the languages asked for', async () => {
  const stems = (entries: PrecacheEntry[]) => urls(entries, 'engine/chunks/stem-');
  expect(stems(await list('--languages', 'da,fr'))).toEqual(['dk.js']);
  expect(stems(await list('--languages', 'en'))).toEqual([]);
  expect(err.at(-2)).toContain('Stemmers for en alone');
  err.length = 0;
  expect(stems(await list('--languages', 'all'))).toEqual(['de.js', 'dk.js']);
  expect(err.join()).not.toContain('Stemmers');
});

test('with a bundler only the glue of the runtime is taken of the engine', async () => {
  expect(urls(await list('--bundled'), 'engine/')).toEqual(['ort.mjs']);
});

test('addresses begin with the place that the folder is served at', async () => {
  const entries = await list('--base', '/app/search');
  expect(entries.every(({ url }) => url.startsWith('/app/search/'))).toBe(true);
});

test('a file that is missing or cut is named, because a service worker would fail on it', async () => {
  const [block] = await readdir(join(root, 'blocks'));
  await writeFile(join(root, 'blocks', block!), 'cut');
  await expect(inspectCommand([root, '--precache', '--webgpu'])).rejects.toThrow(/a file of 3 bytes for/);
  await rm(join(root, 'engine'), { recursive: true });
  await expect(inspectCommand([root, '--precache', '--tier', 'instant'])).rejects.toThrow(/engine/);
});

test('sums by purpose go to stderr, the list to stdout', async () => {
  expect(await inspectCommand([root, '--precache'])).toBe(0);
  expect(out.every((line) => /^ *\d+ {2}([0-9a-f]{32}| {32}) {2}\S+$/.test(line))).toBe(true);
  expect(err[0]).toMatch(/^\d+ files, .+ without a network: manifest .+, model .+, engine /);
});
