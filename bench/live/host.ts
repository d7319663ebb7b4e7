/**
 * Where the contestants of live.bench.ts run: pages and workers bundled from here, one server, a browser profile on disk for each.
 * In: passages, queries, the peers' packages. Out: pages to call. Nothing is fetched from anywhere else.
 */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { rolldown } from 'rolldown';
import { type StaticServer, startStaticServer } from '../../e2e/static-server';
import { launchOptions, readyChromium } from '../../scripts/ready.mjs';
import { model } from '../site';
import type { Course } from './course';
import type { SourcePassage } from './documents';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'build/bench/live');
const packages = join(root, 'bench/peers/node_modules');
/** What peers need beside what nearbit does: PGlite makes functions out of text. */
const policy =
  "default-src 'self' data: blob:; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; worker-src 'self' blob:";

/** A browser on its own profile. */
export interface Profile {
  /** A page with the contestant loaded, not opened. Errors: what it throws. */
  open(name: string): Promise<Page>;
  /** The browser ends, and starts again on the same profile. */
  restart(): Promise<void>;
  /** What its storage takes on the disk, once it has ended. Units: bytes. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}

export interface Host {
  profile(): Promise<Profile>;
  close(): Promise<void>;
}

/** `indexFolder`: an index with model and runtime, for the part with the model. */
export async function openHost(
  passages: readonly SourcePassage[],
  queries: readonly string[],
  indexFolder: string,
): Promise<Host> {
  readyChromium();
  await buildPages();
  await mkdir(join(built, 'data'), { recursive: true });
  await writeFile(join(built, 'data/passages.json'), JSON.stringify(passages));
  await writeFile(join(built, 'data/queries.json'), JSON.stringify(queries));
  const server = await startStaticServer({
    mounts: {
      '/': join(built, 'page'),
      '/data/': join(built, 'data'),
      '/peers/': join(built, 'peers'),
      '/packages/': packages,
      '/library/': join(root, 'dist'),
      '/nearbit/': indexFolder,
      '/ort/': join(root, 'node_modules/onnxruntime-web/dist'),
      '/model/': model,
      '/bench-pages/': join(root, 'bench/pages'),
    },
    policy,
    isolate: true,
  });
  return {
    profile: () => openProfile(server),
    close: () => server.close(),
  };
}

async function buildPages(): Promise<void> {
  const page = await rolldown({
    input: join(root, 'bench/live/page.ts'),
    platform: 'browser',
    external: ['/library/nearbit.js'],
  });
  await page.write({ file: join(built, 'page/page.js'), format: 'es', codeSplitting: false });
  await page.close();
  await writeFile(
    join(built, 'page/index.html'),
    '<!doctype html><title>Bench: live indexes</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  );
  const peers = await rolldown({
    input: join(root, 'bench/peers/persisted/peer.worker.ts'),
    platform: 'browser',
    plugins: [
      {
        // PGlite finds its files beside its own script, so that it is not bundled.
        name: 'pglite-as-it-is',
        resolveId(id) {
          const name = /^@electric-sql\/(pglite|pglite-pgvector)$/.exec(id)?.[1];
          return name ? { id: `/packages/@electric-sql/${name}/dist/index.js`, external: 'absolute' } : null;
        },
      },
      {
        // Orama's plugin imports dpack, which wants Node's streams for formats that are not used here.
        name: 'no-streams',
        resolveId: (id) => (id === 'stream' ? '\0stream' : null),
        load: (id) => (id === '\0stream' ? 'export class Transform {}' : null),
      },
    ],
  });
  await peers.write({ dir: join(built, 'peers'), format: 'es' });
  await peers.close();
}

async function openProfile(server: StaticServer): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'nearbit-bench-'));
  let context: BrowserContext | null = null;
  const start = () => chromium.launchPersistentContext(folder, launchOptions());
  return {
    async open(name) {
      context ??= await start();
      const page = await context.newPage();
      // Filling 100,000 documents takes minutes.
      page.setDefaultTimeout(0);
      await page.goto(server.origin);
      await page.waitForFunction(() => 'liveBench' in window);
      await page.evaluate((contestant) => window.liveBench.load(contestant), name);
      return page;
    },
    async restart() {
      await context?.close();
      context = null;
    },
    async bytes() {
      await context?.close();
      context = null;
      const kept = ['IndexedDB', 'File System', 'WebStorage'].map((name) => join(folder, 'Default', name));
      const sizes = await Promise.all(kept.map(folderBytes));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    async close() {
      await context?.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A call of the course on a page. */
export async function call<Method extends keyof Course>(
  page: Page,
  method: Method,
  ...args: Parameters<Course[Method]>
): Promise<Awaited<ReturnType<Course[Method]>>> {
  const value = await page.evaluate(([name, given]) => window.liveBench.call(name, given), [
    method,
    args as unknown[],
  ] as const);
  return value as Awaited<ReturnType<Course[Method]>>;
}
