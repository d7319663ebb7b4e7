/**
 * The second visit: what was fetched once is on the device.
 * In: a server that goes away, a device without room. Out: the same answers, and a status that says so.
 */
import { expect, test } from './fixtures';
import { answerUrl, askOnce, openLibrary } from './library';
import { siteMounts } from './site';

const blocks = (requests: { path: string }[]) =>
  requests.filter(({ path }) => path.startsWith('/nearbit/blocks/'));

test('a second visit fetches the manifest and no block', async ({ page, serve }) => {
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  const first = await askOnce(page);
  expect(first.answer.hits[0]!.url).toBe(answerUrl);
  expect(blocks(server.requests).length).toBeGreaterThan(4);

  server.requests.length = 0;
  await page.reload();
  const second = await askOnce(page);
  expect(second.answer.hits.map(({ url }) => url)).toEqual(first.answer.hits.map(({ url }) => url));
  expect(second.status.stale).toBe(false);
  expect(blocks(server.requests)).toEqual([]);
});

test.describe('without a network', () => {
  // The browser itself reports each fetch that fails; that they fail is the point.
  test.use({ tolerated: [/Failed to load resource: net::ERR_/, /Failed to fetch/] });

  test('the page answers in full when the server has stopped', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts });
    await openLibrary(page, server.origin);
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    // The first load was not the service worker's yet.
    await page.reload();
    await askOnce(page);

    await server.close();
    await page.reload();
    const { answer, status } = await askOnce(page);
    expect(answer.tier).toBe('full');
    expect(answer.hits[0]!.url).toBe(answerUrl);
    expect(status.stale).toBe(true);
  });
});

test('without room on the device the search goes on, and the status says what was not kept', async ({
  page,
  context,
  serve,
}) => {
  const server = await serve({ mounts: siteMounts });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.origin, quotaSize: 1_000_000 });
  await openLibrary(page, server.origin);
  const { answer, status } = await askOnce(page);
  expect(answer.tier).toBe('full');
  expect(answer.hits[0]!.url).toBe(answerUrl);
  expect(status.notices.map(({ code }) => code)).toContain('quota-exceeded');
});
