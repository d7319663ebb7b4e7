/**
 * A device that is full, and one that has deleted the index.
 * In: a quota set small (CDP), storage cleared while the page is closed. Out: an index that is whole and readable, the bytes
 * that are missing by number, and a notice of what is gone.
 */
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { add, count, documents, find, idle, liveMounts, openLive, prepareLive, state } from './live-page';

test.beforeAll(prepareLive);

let origin: string;
let devtools: CDPSession;
test.beforeEach(async ({ serve, context, page }) => {
  ({ origin } = await serve({ mounts: liveMounts }));
  devtools = await context.newCDPSession(page);
});

const setQuota = (quotaSize?: number) =>
  devtools.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(quotaSize !== undefined && { quotaSize }),
  });

/** The model is not kept here, so that the index alone fills the device. */
const open = (page: Page) => openLive(page, origin, { cache: false });

/** Documents that do not compress, of about a kilobyte each; what they were refused with, or null. */
function bulk(page: Page, name: string, kilobytes: number) {
  return page.evaluate(
    async ([name, kilobytes]) => {
      const words = () =>
        Array.from(crypto.getRandomValues(new Uint32Array(100)), (n) => n.toString(36)).join(' ');
      const docs = Array.from({ length: kilobytes }, (_, i) => ({
        id: `${name}-${i}`,
        title: `${name}${i}`,
        text: words(),
      }));
      try {
        await live.add(docs);
        return null;
      } catch (error) {
        const { code, message, name } = error as Error & { code: string };
        return { code, message, name };
      }
    },
    [name, kilobytes] as const,
  );
}

test('a full device refuses an addition with the bytes that are missing, and the index stays whole', async ({
  page,
}) => {
  await setQuota(1_000_000);
  await open(page);
  await add(page, documents('heron', 20));
  await idle(page);
  const before = await state(page);

  const refused = await bulk(page, 'large', 2000);
  expect(refused).toMatchObject({ code: 'quota-exceeded', name: 'StoreError' });
  expect(refused!.message).toMatch(/expected [\d,.]+ (k|M)?B|expected [\d,]+ bytes/);
  // Slices before the one that was refused are stored, and of that one nothing.
  const after = await state(page);
  const kept = await page.evaluate(
    async (ids) => (await live.has(ids)).filter(Boolean).length,
    Array.from({ length: 2000 }, (_, i) => `large-${i}`),
  );
  expect(kept).toBeLessThan(2000);
  expect(after.documents).toBe(before.documents + kept);
  expect(await page.evaluate(() => live.check())).toEqual([]);
  expect(await find(page, 'heron7')).toEqual(['heron-7']);
  expect((await find(page, 'heron7', 'full'))[0]).toBe('heron-7');

  // Whoever opens it now reads it all the same.
  await open(page);
  expect(await find(page, 'heron7')).toEqual(['heron-7']);
  expect(await count(page)).toBe(after.documents);

  await setQuota();
  expect(await bulk(page, 'large', 2000)).toBeNull();
  expect(await count(page)).toBe(2020);
});

test('a removal on a full device is done, or refused with the index as it was', async ({ page }) => {
  await setQuota(1_000_000);
  await open(page);
  await add(page, documents('heron', 20));
  expect(await bulk(page, 'large', 2000)).toMatchObject({ code: 'quota-exceeded' });
  const before = await count(page);
  const remove = () =>
    page.evaluate(() => live.remove(['heron-1', 'heron-2']).catch(({ code }: { code: string }) => code));
  const has = () => page.evaluate(() => live.has(['heron-1', 'heron-2', 'heron-3']));
  const outcome = await remove();
  // A removal writes a kilobyte or two, for which there may be no room.
  if (outcome !== 2) {
    expect(outcome).toBe('quota-exceeded');
    expect(await has()).toEqual([true, true, true]);
    expect(await count(page)).toBe(before);
    await setQuota();
    expect(await remove()).toBe(2);
  }
  expect(await has()).toEqual([false, false, true]);
  expect(await count(page)).toBe(before - 2);
});

async function evict(context: BrowserContext, page: Page): Promise<void> {
  await page.goto('about:blank');
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
}

test('an index that the browser has deleted is noticed at the next visit, once, and is begun anew', async ({
  page,
  context,
}) => {
  await openLive(page, origin);
  await add(page, documents('heron', 12));
  await evict(context, page);

  await openLive(page, origin);
  const notices = () => page.evaluate(() => live.status.notices);
  const [notice] = await notices();
  expect(notice).toMatchObject({ code: 'evicted' });
  expect(notice!.message).toContain('12');
  expect(await count(page)).toBe(0);
  await add(page, documents('otter', 2));
  expect(await find(page, 'otter1')).toEqual(['otter-1']);

  await openLive(page, origin);
  expect(await notices()).toEqual([]);
  expect(await count(page)).toBe(2);
});

test('an index that the app itself deleted is not taken for one that the browser deleted', async ({
  page,
}) => {
  await openLive(page, origin);
  await add(page, documents('heron', 3));
  await page.evaluate(() => live.destroy());
  await openLive(page, origin);
  expect(await page.evaluate(() => live.status.notices)).toEqual([]);
});

test('status tells what is used, what is allowed and whether it is kept', async ({ page }) => {
  await openLive(page, origin);
  await add(page, documents('heron', 3));
  await expect
    .poll(() => page.evaluate(() => live.status.storage))
    .toMatchObject({ usage: expect.any(Number), quota: expect.any(Number), persisted: expect.any(Boolean) });
});
