/**
 * A host that serves something else than what was deployed.
 * In: blocks cut short, missing or changed, a manifest of the future. Out: the named error, or an answer with what is left.
 */
import { expect, test } from './fixtures';
import { openLibrary } from './library';
import { siteMounts } from './site';
import type { StaticServer } from './static-server';

let server: StaticServer;

test.beforeEach(async ({ page, serve }) => {
  server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
});

/** The code of the error that opening and a lexical query end with, or the notices of the answer. */
function outcome(page: import('@playwright/test').Page) {
  return page.evaluate(async () => {
    try {
      const index = await nearbit.openIndex({ source: '/nearbit/', cache: false });
      const { notices, hits } = await index.search('teapot', { tier: 'lexical' });
      await index.close();
      return { code: null, notices, hits: hits.length };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, notices: [message], hits: 0 };
    }
  });
}

test('a manifest of a newer format is told from a damaged one', async ({ page }) => {
  server.tamper = (path) =>
    path.endsWith('manifest.json')
      ? (file) => Buffer.from(String(file).replace(/"format": ?\d+/, '"format":999'))
      : null;
  expect(await outcome(page)).toMatchObject({ code: 'format-too-new' });
  server.tamper = (path) => (path.endsWith('manifest.json') ? (file) => file.subarray(0, 100) : null);
  expect(await outcome(page)).toMatchObject({ code: 'format-corrupt' });
});

test('a block cut short or changed is refused by name and never searched', async ({ page }) => {
  for (const damage of [
    (file: Buffer) => file.subarray(0, file.length - 1),
    (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.of(file.at(-1)! ^ 1)]),
  ]) {
    server.tamper = (path) => (path.endsWith('.pages') ? damage : null);
    const { code, notices } = await outcome(page);
    expect(code).toBe('format-corrupt');
    expect(notices.join()).toMatch(/\.pages/);
  }
});

test.describe('with an address that is not there', () => {
  test.use({ tolerated: [/Failed to load resource: the server responded with a status of 404/] });

  test('a missing texts block leaves out its pages and says so', async ({ page }) => {
    server.tamper = (path) => (path.endsWith('.texts') ? 404 : null);
    const { code, notices } = await outcome(page);
    expect(code === 'block-missing' || notices.some((notice) => /\.texts/.test(notice))).toBe(true);
  });

  test('a missing index says what to run', async ({ page }) => {
    server.tamper = (path) => (path.endsWith('manifest.json') ? 404 : null);
    const { code, notices } = await outcome(page);
    expect(code).toBe('index-missing');
    expect(notices.join()).toContain('nearbit index');
  });
});
