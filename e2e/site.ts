/**
 * The site that the tests search: 60-odd real pages, indexed by the built command line.
 * In: dist/ and examples/. Out: build/e2e/site with pages, index and a page with the search box.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';

export const root = join(import.meta.dirname, '..');
const siteFolder = join(root, 'build/e2e/site');
const indexFolder = join(root, 'build/e2e/nearbit');
const pagesFolder = join(root, 'build/e2e/pages');
const indexed = 'en-US/docs/Web/HTTP/Status';

/** What a server needs to be that site. */
export const siteMounts = {
  '/': pagesFolder,
  '/en-US/': join(siteFolder, 'en-US'),
  '/nearbit/': indexFolder,
};

/** One tag, as the README says. */
export const searchPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Search</title>
<script type="module" src="/nearbit/engine/nearbit-search.js"></script></head>
<body><main><h1>Search</h1><nearbit-search></nearbit-search></main></body></html>
`;

/** The demo page over the same site, as `npm run demo` lays it out. */
export const demoMounts = {
  '/': join(root, 'build/e2e/demo'),
  '/nearbit/': indexFolder,
  '/site/': siteFolder,
};

/** The library alone, for tests that call it: `nearbit` is a global of the page. */
const libraryPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Library</title>
<script type="module" src="library.js"></script></head><body></body></html>
`;
const libraryScript = `import * as nearbit from '/nearbit/engine/nearbit.js';
globalThis.nearbit = nearbit;
`;

/** Keeps the page and the engine, as a site's own service worker would; the index is nearbit's to keep. */
const serviceWorker = `const isIndex = (url) => /\\/nearbit\\/(blocks|manifest)/.test(url);
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (!isIndex(event.request.url)) event.respondWith(answer(event.request));
});
async function answer(request) {
  const cache = await caches.open('page');
  try {
    const response = await fetch(request);
    await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}
`;

const execute = promisify(execFile);

/** Runs the built command line. Errors: rejects with its stderr when it does not end with 0. */
export async function nearbit(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [join(root, 'dist/node/cli.js'), ...args], {
    cwd: root,
  });
  return stdout;
}

/** Indexes what changed (the embeddings are kept, and shared with the demo) and builds the pages. */
export async function prepareSite(): Promise<void> {
  await rm(siteFolder, { recursive: true, force: true });
  await cp(join(root, 'examples/mdn-http', indexed), join(siteFolder, indexed), { recursive: true });
  await nearbit('index', siteFolder, '--out', indexFolder, '--cache', join(root, 'build/embeddings'));
  await mkdir(pagesFolder, { recursive: true });
  await build({ root, logLevel: 'error', build: { outDir: demoMounts['/'], emptyOutDir: true } });
  const files = {
    'index.html': searchPage,
    'library.html': libraryPage,
    'library.js': libraryScript,
    'sw.js': serviceWorker,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(pagesFolder, name), text);
}
