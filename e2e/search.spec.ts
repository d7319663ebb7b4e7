/**
 * The search box on a real page over a real index: what a reader sees and does.
 * In: the site of site.ts under the strict policy. Out: hits, keys, announcements, accessibility.
 */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';
import { siteMounts } from './site';

test.beforeEach(async ({ page, serve }) => {
  const server = await serve({ mounts: siteMounts });
  await page.goto(server.origin);
});

test('a question in other words finds the page that answers it', async ({ page }) => {
  await page.getByRole('combobox').fill('I asked too often and must wait');
  await expect(page.getByRole('option').first()).toContainText('429 Too Many Requests');
});

test('hits are there before the model is, and the count is announced', async ({ page }) => {
  await page.getByRole('combobox').fill('teapot');
  await expect(page.getByRole('option').first()).toContainText("418 I'm a teapot");
  await expect(page.getByRole('status')).toContainText(/\d/);
});

test('arrows walk through the hits and Enter opens the one reached', async ({ page }) => {
  const box = page.getByRole('combobox');
  await box.fill('teapot');
  await expect(page.getByRole('option').first()).toBeVisible();
  await box.press('ArrowDown');
  const id = await box.getAttribute('aria-activedescendant');
  await expect(page.locator(`[id="${id}"]`)).toHaveAttribute('aria-selected', 'true');
  await box.press('Enter');
  await page.waitForURL(/\/en-US\/docs\/Web\/HTTP\/Status\/418\//);
});

test('Escape closes the list and keeps the focus in the box', async ({ page }) => {
  const box = page.getByRole('combobox');
  await box.fill('teapot');
  await expect(page.getByRole('option').first()).toBeVisible();
  await box.press('Escape');
  await expect(page.getByRole('option').first()).toBeHidden();
  await expect(box).toBeFocused();
});

test('text of the index is shown as text, never as markup', async ({ page }) => {
  await page.getByRole('combobox').fill('<img src=x onerror=alert(1)> teapot');
  await expect(page.getByRole('option').first()).toBeVisible();
  await expect(page.locator('nearbit-search img')).toHaveCount(0);
});

test('neither the empty box nor the open list breaks an accessibility rule', async ({ page }) => {
  const violations = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);
  expect(await violations()).toEqual([]);
  await page.getByRole('combobox').fill('teapot');
  await expect(page.getByRole('option').first()).toBeVisible();
  expect(await violations()).toEqual([]);
});
