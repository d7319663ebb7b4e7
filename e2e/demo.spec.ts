/**
 * The demo page as a visitor uses it.
 * In: the page as Vite builds it, over the site of site.ts. Out: hits, figures, and a search in the visitor's own text.
 */
import { contentSecurityPolicy } from '../src/cli/serve-command';
import { expect, test } from './fixtures';
import { demoMounts } from './site';
import type { StaticServer } from './static-server';

let server: StaticServer;

test.beforeEach(async ({ page, serve }) => {
  // The page has a picture, so it gets the policy that `nearbit serve` sends.
  server = await serve({ mounts: demoMounts, policy: contentSecurityPolicy });
  await page.goto(server.origin);
  await expect(page.locator('#corpus')).toContainText('62');
});

test('an example question is answered, with depth, runtime, times and bytes', async ({ page }) => {
  await page.getByRole('button', { name: /when someone asks too often/ }).click();
  await expect(page.getByRole('option').first()).toContainText('429 Too Many Requests');
  await expect(page.locator('#runtime')).toContainText(/wasm/i);
  await expect(page.locator('#kernel')).toContainText(/wasm/i);
  await expect(page.locator('#stages')).toContainText('ms');
  await expect(page.locator('#bytes')).toContainText('MB');
});

test("a visitor's own text is searched on the device: nothing is sent", async ({ page }) => {
  await page.getByRole('button', { name: 'Use a sample' }).click();
  const box = page.locator('#own-search').getByRole('combobox');
  await expect(box).toBeVisible();
  const before = server.requests.length;
  await box.fill('when do we get our money back after moving out');
  await expect(page.locator('#own-search').getByRole('option').first()).toContainText('lease');
  // Code may still come: the stemmer of a language, when a text is first searched in it.
  const isCode = /^\/assets\/[\w-]+\.js$/;
  const sent = server.requests
    .slice(before)
    .filter(({ method, path }) => method !== 'GET' || !isCode.test(path));
  expect(sent).toEqual([]);
});
