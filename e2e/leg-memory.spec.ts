/**
 * Memory of codes is given back in a browser: an index of 20 MB of codes opened and closed 100 times in one page.
 * In: the sources of the vector leg, bundled for this test alone. Out: what the page's process takes before and after.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { rolldown } from 'rolldown';
import { expect, test } from './fixtures';
import { rendererBytes } from './renderer-memory';
import { root } from './site';

declare global {
  /** Set by leg.js in the page: opens legs and closes them, or keeps them where told to. */
  var openLegs: (times: number, keep: boolean) => Promise<void>;
}

const folder = join(root, 'build/e2e/leg-memory');
const codesBytes = 20 * 2 ** 20;
const entry = `import { largeIndex, openAndClose } from ${JSON.stringify(join(root, 'src/search/leg-memory.suite.ts'))};
import { loadWasmKernels } from ${JSON.stringify(join(root, 'src/kernels/wasm/loader.ts'))};
const { kernel, reason } = (await loadWasmKernels()).wasm;
if (!kernel) throw new Error(reason);
const index = largeIndex(20);
const kept = [];
globalThis.openLegs = (times, keep) => openAndClose(kernel, index, times, keep ? kept : undefined);
`;

test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'entry.js'), entry);
  const bundle = await rolldown({ input: join(folder, 'entry.js'), platform: 'browser' });
  await bundle.write({ file: join(folder, 'leg.js'), format: 'es', codeSplitting: false });
  await bundle.close();
  await writeFile(join(folder, 'index.html'), '<!doctype html><script type="module" src="leg.js"></script>');
});

test('100 indexes of 20 MB of codes, each closed, leave less than five behind; five kept are seen', async ({
  page,
  browser,
  serve,
}) => {
  test.skip(process.platform !== 'linux', 'written memory is read from /proc');
  const server = await serve({ mounts: { '/': folder } });
  await page.goto(server.origin);
  await page.waitForFunction(() => 'openLegs' in globalThis);
  const measure = async () => {
    await collectGarbage(page);
    return rendererBytes(browser);
  };
  await page.evaluate(() => openLegs(2, false));
  const before = await measure();
  await page.evaluate(() => openLegs(100, false));
  await expect.poll(measure, { intervals: [500] }).toBeLessThan(before + 5 * codesBytes);
  const closed = await measure();
  await page.evaluate(() => openLegs(5, true));
  expect(await measure()).toBeGreaterThan(closed + 4 * codesBytes);
});

async function collectGarbage(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.detach();
}
