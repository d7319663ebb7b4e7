/**
 * A live index without a network, across restarts of the browser, and under a clock that is wrong.
 * In: a browser with a profile on disk, a server that goes away. Out: everything that worked before.
 */
import type { Page } from '@playwright/test';
import { add, count, documents, find, idle, liveMounts, openLive, prepareLive, state } from './live-page';
import { expect, test } from './profile';

test.beforeAll(prepareLive);

async function keepPage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
}

test('what was added is there after a restart of the browser, and nothing is embedded again', async ({
  profile,
  serve,
}) => {
  const { origin } = await serve({ mounts: liveMounts });
  let [page] = (await profile.start()).pages();
  await openLive(page!, origin);
  await add(page!, documents('heron', 30));
  await idle(page!);
  const before = await state(page!);
  [page] = (await profile.start()).pages();
  await openLive(page!, origin);
  expect(await state(page!)).toMatchObject({
    documents: 30,
    embedded: 30,
    generation: before.generation,
    damage: [],
  });
  expect(await find(page!, 'heron7')).toEqual(['heron-7']);
  // Unchanged documents are neither written nor embedded again.
  expect(await add(page!, documents('heron', 30))).toMatchObject({ added: 0, updated: 0, unchanged: 30 });
  expect((await state(page!)).generation).toBe(before.generation);
});

test('in flight mode it opens, is searched by meaning, changed, and keeps the changes', async ({
  profile,
  serve,
}) => {
  const server = await serve({ mounts: liveMounts });
  const { origin } = server;
  let [page] = (await profile.start()).pages();
  await openLive(page!, origin, { cache: false });
  await keepPage(page!);
  await add(page!, documents('heron', 10));
  await idle(page!);

  await server.close();
  [page] = (await profile.start()).pages();
  await openLive(page!, origin, { cache: false });
  expect((await find(page!, 'heron3', 'full'))[0]).toBe('heron-3');
  const { status, notices } = await page!.evaluate(async () => {
    const { notices } = await live.search('written down for later', { tier: 'full' });
    return { status: live.status, notices };
  });
  expect(notices).toEqual([]);
  expect(status.model).toBe('ready');
  await add(page!, documents('otter', 10));
  await page!.evaluate(() => live.remove(['heron-3']));
  // Code for HTML and for other languages is on the device, too.
  await add(page!, [
    { id: 'grebe', html: '<!doctype html><title>Grebes</title><main><p>They dance on the lake.</main>' },
    { id: 'storch', text: 'Die Störche sind zurück und bauen auf dem Dach ihre Nester.' },
  ]);
  expect(await find(page!, 'dancing')).toEqual(['grebe']);
  expect(await find(page!, 'Nest')).toEqual(['storch']);
  await idle(page!);
  expect(await state(page!)).toMatchObject({ documents: 21, embedded: 21 });

  [page] = (await profile.start()).pages();
  await openLive(page!, origin, { cache: false });
  expect(await count(page!)).toBe(21);
  expect(await find(page!, 'otter9')).toEqual(['otter-9']);
  expect(await find(page!, 'heron3')).toEqual([]);
});

test.describe('without a network and without the model', () => {
  // The browser itself reports each fetch that fails; that they fail is the point.
  test.use({ tolerated: [/Failed to load resource: net::ERR_/, /Failed to fetch/] });

  test('the index is searched by words, and says why', async ({ page, serve }) => {
    const server = await serve({ mounts: liveMounts });
    await openLive(page, server.origin, { cache: false });
    await keepPage(page);
    await add(page, documents('heron', 3));
    await page.evaluate(async () => {
      const cache = await caches.open('live');
      for (const request of await cache.keys())
        if (request.url.endsWith('.asset')) await cache.delete(request);
      await live.close();
    });
    await page.goto('about:blank');
    await server.close();
    await openLive(page, server.origin, { cache: false });
    const { hits, notices } = await page.evaluate(() => live.search('heron1', { tier: 'full' }));
    expect(hits[0]!.id).toBe('heron-1');
    expect(notices.join()).toMatch(/\w/);
    await add(page, documents('otter', 2));
    expect(await find(page, 'otter1')).toEqual(['otter-1']);
    const { model, modelReason } = await page.evaluate(() => live.status);
    expect(model).toBe('failed');
    expect(modelReason).not.toBe('');
  });
});

const years = 365 * 24 * 3600 * 1000;

for (const [way, ms] of [
  ['backwards', -20 * years],
  ['forwards', 20 * years],
] as const)
  test(`a clock set ${way} between two changes loses nothing`, async ({ context, serve }) => {
    const server = await serve({ mounts: liveMounts });
    const early = await context.newPage();
    await openLive(early, server.origin);
    await add(early, documents('heron', 5));
    await idle(early);

    // From here on pages and workers that start have another date.
    const shift = `{const P=Date;globalThis.Date=class extends P{constructor(...a){super(...(a.length?a:[P.now()+${ms}]))}static now(){return P.now()+${ms}}}};`;
    server.tamper = (path) =>
      path.endsWith('.js') ? (file) => Buffer.concat([Buffer.from(shift), file]) : null;
    const late = await context.newPage();
    await openLive(late, server.origin);
    expect(await late.evaluate(() => Date.now())).not.toBeCloseTo(Date.now(), -9);
    await add(late, documents('otter', 5));
    await late.evaluate(() => live.update([{ id: 'heron-1', text: 'Now about the weather' }]));
    await late.evaluate(() => live.remove(['heron-2']));
    await idle(late);
    for (const page of [early, late]) {
      await expect.poll(() => count(page)).toBe(9);
      expect(await find(page, 'weather')).toEqual(['heron-1']);
      expect(await find(page, 'otter4')).toEqual(['otter-4']);
    }
    await add(early, documents('crane', 2));
    await expect.poll(() => find(late, 'crane1')).toEqual(['crane-1']);
    await Promise.all([early, late].map(idle));
    expect(await state(late)).toMatchObject({ documents: 11, embedded: 11 });
    expect(await state(early)).toEqual(await state(late));
  });
