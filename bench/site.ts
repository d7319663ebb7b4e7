/**
 * What the browser benches search: the example site, indexed by the built command line, and queries of our own.
 * In: dist/, examples/. Out: build/bench/nearbit, a server with the bench pages, a browser, queries.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright';
import { type StaticServer, startStaticServer } from '../e2e/static-server';
import { launchOptions, readyChromium } from '../scripts/ready.mjs';
import { decodeManifest } from '../src/segment/manifest';
import type { Manifest } from '../src/types';

const root = fileURLToPath(new URL('..', import.meta.url));
const index = join(root, 'build/bench/nearbit');
const cli = join(root, 'dist/node/cli.js');

export const site = join(root, 'examples/mdn-http');
export const model = join(root, 'models/all-MiniLM-L6-v2');
export const encodeThread = new URL('../dist/node/encode.thread.js', import.meta.url);

/** Indexes the example site unless an index by this build is there. */
export function readyIndex(): Manifest {
  const path = join(index, 'manifest.json');
  const built = statSync(cli, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined)
    throw new Error('Cannot index the example site: expected dist/, received none; npm run build makes it');
  const indexed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (indexed < built) {
    console.error('Indexing the example site');
    const args = ['index', site, '--out', index, '--cache', join(root, 'build/bench/embeddings')];
    execFileSync(process.execPath, [cli, ...args], { stdio: ['ignore', 2, 2] });
  }
  return decodeManifest(readFileSync(path), path);
}

/** The bench pages at `/`, the index at `/nearbit/`, and what the bare ONNX Runtime loop needs. */
export function serveSite(): Promise<StaticServer> {
  return startStaticServer({
    mounts: {
      '/': join(root, 'bench/pages'),
      '/en-US/': join(site, 'en-US'),
      '/nearbit/': index,
      '/ort/': join(root, 'node_modules/onnxruntime-web/dist'),
      '/model/': model,
    },
  });
}

/** One renderer a page, and none kept in reserve. */
export function launchBrowser(): Promise<Browser> {
  readyChromium();
  return chromium.launch(launchOptions('--disable-features=SpareRendererForSitePerProcess'));
}

export function readQueries(): string[] {
  const text = readFileSync(join(root, 'bench/queries/http.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

export function describeCorpus({ counts }: Manifest): string {
  return `examples/mdn-http, ${counts.pages} pages, ${counts.passages} passages`;
}
