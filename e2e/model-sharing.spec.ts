/**
 * One loaded model for all tabs of an origin, in the real browser with the real model, on a folder of `nearbit model`.
 * In: tabs with live indexes, the server's log. Out: weights fetched once, answers that outlive the tab that loaded them.
 */
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { LiveIndex } from '../src/client/live-index';
import { expect, test } from './fixtures';
import { openLibrary } from './library';
import { nearbit as command, root, siteMounts } from './site';
import type { StaticServer } from './static-server';

declare global {
  /** The tab's live index. */
  var live: LiveIndex;
}

const modelFolder = join(root, 'build/e2e/model');
/** Counts equal words, as good as. */
const tinyFolder = join(root, 'build/e2e/tiny-model');
const mounts = { ...siteMounts, '/model/': modelFolder, '/tiny/': tinyFolder };

/** No word of the question stands in the text. */
const note = { id: 'bread', text: 'Knead the dough for ten minutes and bake it until the crust is brown.' };
const other = { id: 'tax', text: 'The form is due in May; keep all receipts for seven years.' };
const question = 'making a loaf at home';

test.beforeAll(async () => {
  await command('model', modelFolder);
  await command('model', tinyFolder, '--model', join(root, 'src/embed/fixtures/tiny-encoder'));
});

let server: StaticServer;

test.beforeEach(async ({ serve }) => {
  server = await serve({ mounts });
});

/** A tab with the index open; it asks nothing of the model yet. */
async function openTab(
  context: BrowserContext,
  name: string,
  init?: () => void,
  model = '/model/',
): Promise<Page> {
  const page = await context.newPage();
  if (init) await page.addInitScript(init);
  await openLibrary(page, server.origin);
  await page.evaluate(
    async ([name, model]) => {
      globalThis.live = await nearbit.openIndex({ name, model });
    },
    [name, model] as const,
  );
  return page;
}

/** Of all pages of the browser. */
async function sharedWorkers(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
  await session.detach();
  return targetInfos.filter(({ type }) => type === 'shared_worker').length;
}

/** The first hit by meaning, and what the tab says of its model. */
async function ask(page: Page) {
  return page.evaluate(async (question) => {
    const { hits, tier } = await live.search(question, { tier: 'full' });
    const { model, modelReason, modelMs, runtime } = live.status;
    return {
      first: hits[0]?.id,
      tier,
      model,
      modelReason,
      fetchMs: modelMs?.fetch,
      runtime: runtime?.runtime,
    };
  }, question);
}

const addNotes = (page: Page) => page.evaluate(async (notes) => void (await live.add(notes)), [note, other]);

const embedAll = (page: Page) => page.evaluate(() => live.whenIdle());

/** Of the server's log: files of more than a megabyte are weights or runtime. */
const largeFiles = () =>
  server.requests
    .filter(({ path, status, bytes }) => path.startsWith('/model/blocks/') && status === 200 && bytes > 1e6)
    .map(({ path }) => path);

test('three tabs load one model, which outlives the tab that loaded it', async ({ browser, context }) => {
  const first = await openTab(context, 'shared');
  await addNotes(first);
  await embedAll(first);
  const answer = await ask(first);
  expect(answer).toMatchObject({ first: 'bread', tier: 'full', model: 'ready', runtime: 'wasm' });
  expect(answer.modelReason).toContain('in one worker that all tabs share');
  const [second, third] = [await openTab(context, 'shared'), await openTab(context, 'shared')];
  for (const page of [second, third]) {
    // It was there already: nothing is read again.
    expect(await ask(page)).toMatchObject({ first: 'bread', tier: 'full', fetchMs: 0 });
  }
  expect(largeFiles()).toHaveLength(2);
  expect(await sharedWorkers(browser)).toBe(1);
  await first.close();
  for (const page of [second, third]) expect(await ask(page)).toMatchObject({ first: 'bread', tier: 'full' });
  await second.evaluate(async () => void (await live.add({ id: 'yeast', text: 'Yeast makes a loaf rise.' })));
  await embedAll(second);
  expect(await ask(second)).toMatchObject({ first: 'yeast', tier: 'full' });
  expect(largeFiles()).toHaveLength(2);
});

test('indexes of other names share the model too', async ({ context }) => {
  const [first, second] = [await openTab(context, 'one'), await openTab(context, 'two')];
  for (const page of [first, second]) {
    await addNotes(page);
    await embedAll(page);
    expect(await ask(page)).toMatchObject({ first: 'bread', tier: 'full' });
  }
  expect(largeFiles()).toHaveLength(2);
});

/** As a browser without it. */
const withoutSharedWorkers = () => {
  Reflect.deleteProperty(globalThis, 'SharedWorker');
};

test('without SharedWorker one tab answers for all, and when it closes the next one does', async ({
  context,
}) => {
  const open = () => openTab(context, 'relayed', withoutSharedWorkers);
  const first = await open();
  await addNotes(first);
  await embedAll(first);
  expect((await ask(first)).modelReason).toContain(
    'in the worker of this tab, which answers for all: this browser has no SharedWorker',
  );
  const [second, third] = [await open(), await open()];
  for (const page of [second, third]) {
    const answer = await ask(page);
    expect(answer).toMatchObject({ first: 'bread', tier: 'full', runtime: 'wasm' });
    expect(answer.modelReason).toContain('in the worker of another tab');
  }
  expect(largeFiles()).toHaveLength(2);
  await first.close();
  const answers = await Promise.all([second, third].map(ask));
  for (const answer of answers) expect(answer).toMatchObject({ first: 'bread', tier: 'full' });
  // The next tab to answer has read the files from the device.
  expect(answers.filter(({ modelReason }) => modelReason.includes('of this tab'))).toHaveLength(1);
  expect(largeFiles()).toHaveLength(2);
});

test('a tab that crashes in mid-query leaves the others an answer', async ({ context }) => {
  const open = () => openTab(context, 'crash', withoutSharedWorkers);
  const first = await open();
  await addNotes(first);
  await embedAll(first);
  const second = await open();
  await ask(second);
  const texts = Array.from({ length: 40 }, (_, i) => ({
    id: `n${i}`,
    text: `${note.text} ${other.text} ${i}`,
  }));
  await second.evaluate(async (texts) => void (await live.add(texts)), texts);
  const devtools = await context.newCDPSession(first);
  const answer = ask(second);
  // It does not answer, since nobody is there any more.
  devtools.send('Page.crash').catch(() => {});
  expect(await answer).toMatchObject({ tier: 'full' });
  await embedAll(second);
  const { embedded, passages } = await second.evaluate(() => live.status.live);
  expect(embedded).toBe(passages);
});

test('where the browser refuses to share a worker, one tab answers for all, and the reason says what kept it', async ({
  context,
}) => {
  const first = await openTab(context, 'refused', () => {
    globalThis.SharedWorker = class {
      constructor() {
        throw new DOMException('Access is denied for this document', 'SecurityError');
      }
    } as unknown as typeof SharedWorker;
  });
  await addNotes(first);
  await embedAll(first);
  const answer = await ask(first);
  expect(answer).toMatchObject({ first: 'bread', tier: 'full' });
  expect(answer.modelReason).toContain('Access is denied');
});

test('embeddings of another model are searched with that model until everything is embedded anew', async ({
  context,
}) => {
  const first = await openTab(context, 'changed');
  await addNotes(first);
  await embedAll(first);
  await first.close();
  const page = await openTab(context, 'changed', undefined, '/tiny/');
  await expect.poll(() => page.evaluate(() => live.status.live.modelDiffers)).toContain('all-MiniLM-L6-v2');
  // Only the model that the index was made with knows what a loaf has to do with dough.
  expect(await ask(page)).toMatchObject({ first: 'bread', tier: 'full', model: 'ready' });
  await page.evaluate(() => live.reembed());
  await embedAll(page);
  const { modelDiffers, model } = await page.evaluate(() => live.status.live);
  expect([modelDiffers, model?.folder]).toEqual(['', `${server.origin}/tiny/`]);
  expect(await ask(page)).toMatchObject({ tier: 'full', model: 'ready' });
  // Nothing of the first model is asked for any more.
  const again = await openTab(context, 'changed', undefined, '/tiny/');
  const before = server.requests.length;
  expect(await ask(again)).toMatchObject({ tier: 'full' });
  expect(server.requests.slice(before).filter(({ path }) => path.startsWith('/model/'))).toEqual([]);
});

test('where the older model is gone words answer alone, with the reason, and embedding anew mends it', async ({
  context,
}) => {
  const first = await openTab(context, 'gone');
  await addNotes(first);
  await embedAll(first);
  // As after a while without visits: the browser may delete what an index has kept.
  await first.evaluate(async () => {
    await live.close();
    const request = indexedDB.deleteDatabase(`nearbit ${location.origin}/model/`);
    await new Promise((done) => {
      request.onsuccess = done;
    });
  });
  await first.close();
  server.tamper = (path) => (path.startsWith('/model/') ? 404 : null);
  const page = await openTab(context, 'gone', undefined, '/tiny/');
  await expect.poll(() => page.evaluate(() => live.status.modelReason)).toContain('until reembed() is done');
  const { tier, hits, notices } = await page.evaluate(() => live.search('knead', { tier: 'full' }));
  expect([tier, hits[0]?.id]).toEqual(['lexical', 'bread']);
  expect(notices.join()).toContain('/model/ cannot be read');
  await page.evaluate(() => live.reembed());
  await embedAll(page);
  expect(await ask(page)).toMatchObject({ tier: 'full', model: 'ready' });
});

test('after one visit the model needs no network', async ({ context }) => {
  const first = await openTab(context, 'offline');
  await addNotes(first);
  await embedAll(first);
  const kept = () =>
    first.evaluate(async () => {
      const opening = indexedDB.open(`nearbit ${location.origin}/model/`);
      await new Promise((done) => {
        opening.onsuccess = done;
      });
      const counting = opening.result.transaction('files').objectStore('files').count();
      await new Promise((done) => {
        counting.onsuccess = done;
      });
      opening.result.close();
      return counting.result;
    });
  // Manifest, frame, weights, runtime, and two files of the tokenizer.
  await expect.poll(kept).toBe(6);
  await first.close();
  server.tamper = (path) => (/^\/model\/(manifest|blocks)/.test(path) ? 503 : null);
  const second = await openTab(context, 'offline');
  expect(await ask(second)).toMatchObject({ first: 'bread', tier: 'full', model: 'ready' });
});
