/**
 * Where kernels are timed: in this process, and in a page of Chromium with a fine clock (cross-origin isolated).
 * In: the sources, bundled for the page; ../native/read.wat, assembled. Out: a test bed for each place.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { rolldown } from 'rolldown';
import wabt from 'wabt';
import { startStaticServer } from '../../e2e/static-server';
import type { ScanThread } from '../../src/kernels/wasm/crew';
import { launchBrowser } from '../site';
import { type Bed, createBed } from './bed';
import type {} from './page';

export type PlaceName = 'Chromium' | 'Node';

export interface Place {
  name: PlaceName;
  bed: Bed;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, 'build/bench/kernels');

export async function openPlace(name: PlaceName): Promise<Place> {
  const readModule = await assembleRead();
  await bundleSources(readModule);
  if (name === 'Node') {
    return { name, bed: createBed(readModule, startNodeThread, cpus().length), close: async () => {} };
  }
  const server = await startStaticServer({
    mounts: { '/': join(root, 'bench/pages'), '/kernels/': bundle },
    isolate: true,
  });
  const browser = await launchBrowser();
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`${server.origin}/kernels.html`);
    await page.waitForFunction(() => window.kernelBed !== undefined);
    return {
      name,
      bed: {
        kernels: () => page.evaluate(() => window.kernelBed!.kernels()),
        fill: (filling) => page.evaluate((given) => window.kernelBed!.fill(given), filling),
        checksum: (task, queries) =>
          page.evaluate((given) => window.kernelBed!.checksum(...given), [task, queries] as const),
        dots: (task) => page.evaluate((given) => window.kernelBed!.dots(given), task),
        time: (task, budgetMs) =>
          page.evaluate((given) => window.kernelBed!.time(...given), [task, budgetMs] as const),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assembleRead(): Promise<Uint8Array<ArrayBuffer>> {
  const path = fileURLToPath(new URL('../native/read.wat', import.meta.url));
  const { parseWat } = await wabt();
  const parsed = parseWat('read.wat', readFileSync(path, 'utf8'), { simd: true });
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  return Uint8Array.from(buffer);
}

/** The thread is let go with the process, too. */
function startNodeThread(): ScanThread {
  const worker = new Worker(join(bundle, 'scan.thread.js'));
  worker.unref();
  return { post: (setup) => worker.postMessage(setup), terminate: () => void worker.terminate() };
}

async function bundleSources(readModule: Uint8Array): Promise<void> {
  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const inputs = {
    page: source('page.ts'),
    'bed.worker': source('bed.worker.ts'),
    'scan.worker': join(root, 'workers/scan.worker.ts'),
    'scan.thread': join(root, 'src/kernels/wasm/scan.thread.node.ts'),
  };
  for (const [name, input] of Object.entries(inputs)) {
    const build = await rolldown({
      input: { [name]: input },
      platform: name === 'scan.thread' ? 'node' : 'browser',
    });
    await build.write({ dir: bundle, format: 'es' });
    await build.close();
  }
  writeFileSync(join(bundle, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(bundle, 'read.wasm'), readModule);
}
