/**
 * Every way to run the model and the scan, and their failures, in a real browser.
 * In: what the page asks for and the server allows. Out: the same first hit everywhere; a status that says what ran and why.
 */
import { expect, test } from './fixtures';
import { answerUrl, askOnce, openLibrary } from './library';
import { rendererBytes } from './renderer-memory';
import { siteMounts } from './site';
import { strictPolicy } from './static-server';

/** Units: bytes. */
const maxRendererBytes = 330e6;

test('WebAssembly runs the model on one thread without any special header', async ({ page, serve }) => {
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  const { answer, status } = await askOnce(page, { runtime: 'wasm' });
  expect(answer.hits[0]!.url).toBe(answerUrl);
  expect(status.runtime).toMatchObject({ runtime: 'wasm', threads: 1, weights: 'onnx/model_quantized.onnx' });
  expect(status.kernel.name).toMatch(/^wasm/);
});

test('threads asked for without isolation are refused with the reason, and one thread answers', async ({
  page,
  serve,
}) => {
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  const { answer, status } = await askOnce(page, { threads: 2 });
  expect(answer.tier).toBe('full');
  expect(status.runtime).toMatchObject({ runtime: 'wasm', threads: 1 });
  expect(status.refused.map(({ runtime }) => runtime)).toContain('wasm-threads');
});

test('threads run where the page is cross-origin isolated', async ({ page, serve }) => {
  const server = await serve({ mounts: siteMounts, isolate: true });
  await openLibrary(page, server.origin);
  const { answer, status } = await askOnce(page, { threads: 2 });
  expect(answer.hits[0]!.url).toBe(answerUrl);
  expect(status.runtime).toMatchObject({ runtime: 'wasm-threads', threads: 2 });
});

test('the portable kernel finds what the WebAssembly kernel finds', async ({ page, serve }) => {
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  const fast = await askOnce(page, { kernels: ['wasm'] });
  const portable = await askOnce(page, { kernels: ['portable'] });
  expect(portable.status.kernel.name).toBe('portable');
  expect(portable.answer.hits).toEqual(fast.answer.hits);
});

test.describe('under a policy without WebAssembly', () => {
  test.use({ tolerated: [/wasm|WebAssembly/i] });

  test('the instant tier still answers, and the status says why there is no more', async ({
    page,
    serve,
  }) => {
    const policy = strictPolicy.replace(" 'wasm-unsafe-eval'", '');
    const server = await serve({ mounts: siteMounts, policy });
    await openLibrary(page, server.origin);
    const { answer, status } = await askOnce(page, {}, 'teapot');
    expect(answer.tier).toBe('instant');
    expect(answer.hits[0]!.title).toContain('teapot');
    expect(answer.notices.join()).toContain('WebAssembly');
    expect(status.kernel.name).toBe('portable');
    expect(status.kernel.refused.map(({ kernel }) => kernel)).toContain('wasm');
  });
});

test('a worker killed in mid-query shows an error, and the next query works', async ({ page, serve }) => {
  await page.addInitScript(() => {
    const started: Worker[] = [];
    globalThis.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        started.push(this);
      }
    };
    addEventListener('kill-workers', () => {
      for (const worker of started.splice(0)) worker.terminate();
    });
  });
  const server = await serve({ mounts: siteMounts });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    server.tamper = async (path) => {
      if (!path.endsWith('.postings')) return null;
      resolve();
      await held;
      return null;
    };
  });
  await page.goto(server.origin);
  const box = page.getByRole('combobox');
  await box.fill('teapot');
  await asked;
  await page.evaluate(() => dispatchEvent(new Event('kill-workers')));
  await expect(page.getByRole('alert')).toContainText('index worker stopped');
  release();
  await box.fill('teapots');
  await expect(page.getByRole('option').first()).toContainText("418 I'm a teapot");
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a page with the model loaded stays within its memory', async ({ page, browser, serve }) => {
  test.skip(process.platform !== 'linux', 'written memory is read from /proc');
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  await page.evaluate(async () => {
    const index = await nearbit.openIndex({ source: '/nearbit/' });
    await index.search('I asked too often and must wait', { tier: 'full' });
  });
  const measure = () => rendererBytes(browser);
  // What loading leaves behind is the garbage collector's to take, in its own time.
  await expect.poll(measure, { intervals: [1000] }).toBeLessThanOrEqual(maxRendererBytes);
  console.log(`renderer with the model loaded: ${((await measure()) / 1e6).toFixed(0)} MB written`);
});
