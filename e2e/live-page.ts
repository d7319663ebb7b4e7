/**
 * Pages that open a live index, and what tests do in them.
 * In: dist/. Out: a folder with a model of a few kilobytes, so that a tab's model is there at once; calls by name.
 * The index of a page is the global `live`, so that a test can go on with it.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Encoder, LiveDocument, LiveIndex, LiveOptions } from '../src/index';
import type {} from './library';
import { root, nearbit as runNearbit } from './site';

declare global {
  /** The index that the page has open. */
  var live: LiveIndex;
  var stoppable: Encoder;
  /** Counts the texts from now on. */
  var stopEmbeddingAfter: (n: number) => void;
}

const folder = join(root, 'build/e2e/live');

/** What a server needs. */
export const liveMounts = { '/': join(folder, 'pages'), '/nearbit/': join(folder, 'nearbit') };

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Live</title>
<script type="module" src="live.js"></script></head><body></body></html>
`;
const script = `import * as nearbit from '/nearbit/engine/nearbit.js';
globalThis.nearbit = nearbit;
// An encoder that stops in the middle of its work, for good.
let left = Infinity;
globalThis.stopEmbeddingAfter = (n) => {
  left = n;
};
globalThis.stoppable = {
  card: { name: 'stoppable', dim: 16, pooling: 'mean', maxTokens: 128, queryPrefix: '', passagePrefix: '' },
  report: { runtime: 'test', weights: '', threads: 1, reason: '', refused: [] },
  countTokens: (text) => text.split(' ').length,
  async embed(texts) {
    left -= texts.length;
    if (left < 0) return new Promise(() => {});
    return Float32Array.from(
      texts.flatMap((text) => Array.from({ length: 16 }, (_, i) => (text.charCodeAt(i % text.length) & 1 ? 0.25 : -0.25))),
    );
  },
  async close() {},
};
`;

/** Keeps what `nearbit inspect --precache` lists, without a library. */
const serviceWorker = (files: string[]) => `const files = ${JSON.stringify(files)};
addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open('live').then((cache) => cache.addAll(files)));
});
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
`;

export async function prepareLive(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(liveMounts['/'], { recursive: true });
  await runNearbit(
    'model',
    liveMounts['/nearbit/'],
    '--model',
    join(root, 'src/embed/fixtures/tiny-encoder'),
  );
  await writeFile(join(liveMounts['/'], 'index.html'), page);
  await writeFile(join(liveMounts['/'], 'live.js'), script);
  const listed = await runNearbit(
    ...['inspect', liveMounts['/nearbit/'], '--precache', '--json', '--base', '/nearbit/'],
  );
  const files = JSON.parse(listed).map(({ url }: { url: string }) => url);
  await writeFile(join(liveMounts['/'], 'sw.js'), serviceWorker(['/', '/live.js', ...files]));
}

export type OpenLive = Omit<LiveOptions, 'name' | 'encoder' | 'signal' | 'model'> & {
  name?: string;
  model?: string;
  /** By the encoder that can be stopped, in place of the folder's model. */
  stoppable?: boolean;
};

/** Goes to the page and opens the index there. */
export async function openLive(page: Page, origin: string, options: OpenLive = {}): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => 'nearbit' in globalThis);
  await page.evaluate(async ({ stoppable: own, ...options }) => {
    const encoder = own && { encoder: stoppable };
    globalThis.live = await nearbit.openIndex({ name: 'notes', ...options, ...encoder });
  }, options);
}

/** Documents with a word of their own each: `${name}0` and so on. */
export function documents(name: string, n: number, first = 0): LiveDocument[] {
  return Array.from({ length: n }, (_, i) => ({
    id: `${name}-${first + i}`,
    title: `Note ${first + i}`,
    text: `All about ${name}${first + i}, written down for later.`,
  }));
}

export const add = (page: Page, docs: LiveDocument[]) => page.evaluate((docs) => live.add(docs), docs);
export const count = (page: Page) => page.evaluate(() => live.count());
export const idle = (page: Page) => page.evaluate(() => live.whenIdle());
export const state = (page: Page) => page.evaluate(() => live.status.live);
export const background = (page: Page) => page.evaluate(() => live.status.background);

/** Ids of the hits, by words unless told otherwise. */
export const find = (page: Page, query: string, tier: 'lexical' | 'full' = 'lexical') =>
  page.evaluate(async ([query, tier]) => (await live.search(query, { tier })).hits.map(({ id }) => id), [
    query,
    tier,
  ] as const);
