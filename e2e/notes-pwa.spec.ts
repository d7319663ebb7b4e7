/**
 * The notes app as people use it: examples/notes-pwa as its own build makes it, with the embedded model.
 * In: a static server that goes away, a browser with a profile on disk. Out: notes that are found, with a network or without.
 */
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { buildNotes } from '../examples/notes-pwa/build.mjs';
import { contentSecurityPolicy } from '../src/cli/serve-command';
import { expect, test } from './profile';
import { root } from './site';
import type { StaticServer } from './static-server';

const out = join(root, 'build/e2e/notes-pwa');
test.beforeAll(async () => {
  await buildNotes({ out });
});

let server: StaticServer;
test.beforeEach(async ({ serve }) => {
  server = await serve({ mounts: { '/': out }, policy: contentSecurityPolicy });
});

const notes = {
  lease: {
    title: 'Moving out',
    text: 'The deposit comes back within six weeks after the keys are handed over.',
    tags: 'home, papers',
  },
  bread: {
    title: 'Sunday',
    text: 'Fold the dough four times and leave it in the fridge overnight, then into the hottest oven.',
    tags: 'kitchen',
  },
  bicycle: {
    title: 'Before winter',
    text: 'The chain is dry and loud. One drop of oil on each link, wipe off the rest.',
    tags: 'home',
  },
};

async function open(page: Page): Promise<void> {
  await page.goto(server.origin);
  await expect(page.locator('#count')).not.toBeEmpty();
}

async function write(page: Page, { title, text, tags }: (typeof notes)['lease']): Promise<void> {
  await page.getByRole('button', { name: 'New note' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Text').fill(text);
  await page.getByLabel(/^Tags/).fill(tags);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

const list = (page: Page) => page.locator('#notes');
const titles = (page: Page) => page.locator('#notes strong');
const search = (page: Page, query: string) => page.getByRole('searchbox').fill(query);
const device = (page: Page, id: string) => page.locator(`#${id}`);

/** Everything embedded, and the service worker in charge with every file. */
async function settled(page: Page): Promise<void> {
  await expect(device(page, 'meaning')).toHaveText('all of them');
  await expect(device(page, 'offline')).toContainText('ready');
}

test('notes are written, found by words and by meaning, changed, filtered, deleted and brought back', async ({
  page,
}) => {
  await open(page);
  await expect(page.locator('#count')).toContainText('No notes yet');
  for (const note of Object.values(notes)) await write(page, note);
  await expect(page.locator('#count')).toHaveText('3 notes');
  // Newest first.
  await expect(titles(page)).toHaveText(['Before winter', 'Sunday', 'Moving out']);

  await search(page, 'deposit');
  await expect(titles(page).first()).toHaveText('Moving out');
  await expect(list(page).locator('mark')).toHaveText(['deposit']);

  await settled(page);
  await search(page, 'when do we get our money returned');
  await expect(titles(page).first()).toHaveText('Moving out');
  await search(page, 'baking a loaf');
  await expect(titles(page).first()).toHaveText('Sunday');

  await search(page, '');
  await page.getByRole('button', { name: 'home, 2 notes' }).click();
  await expect(titles(page)).toHaveText(['Before winter', 'Moving out']);
  await page.getByRole('button', { name: 'papers, 1 note' }).click();
  await expect(titles(page)).toHaveText(['Moving out']);
  await page.getByRole('button', { name: /^papers/ }).click();
  await page.getByRole('button', { name: /^home/ }).click();

  await list(page)
    .getByRole('button', { name: /Sunday/ })
    .click();
  await page.getByLabel('Text').fill('Croissants instead: butter, butter, butter.');
  await page.getByLabel('Text').press('Control+Enter');
  await search(page, 'croissants');
  await expect(titles(page).first()).toHaveText('Sunday');
  await search(page, 'dough');
  await expect(titles(page).filter({ hasText: 'Sunday' }).locator('mark')).toHaveCount(0);

  await search(page, '');
  await list(page)
    .getByRole('button', { name: /Sunday/ })
    .click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.locator('#count')).toHaveText('2 notes');
  await expect(page.locator('#toast')).toContainText('“Sunday” was deleted.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('#count')).toHaveText('3 notes');
  await search(page, 'croissants');
  await expect(titles(page).first()).toHaveText('Sunday');
});

test('in flight mode the second visit opens, finds by meaning and keeps new notes; so does the third', async ({
  profile,
}) => {
  let [page] = (await profile.start()).pages();
  await open(page!);
  await write(page!, notes.lease);
  await write(page!, notes.bread);
  await settled(page!);

  await server.close();
  [page] = (await profile.start()).pages();
  await open(page!);
  await expect(device(page!, 'offline')).toContainText('ready');
  await search(page!, 'when do we get our money returned');
  await expect(device(page!, 'model')).toContainText('ready');
  await expect(titles(page!).first()).toHaveText('Moving out');
  await search(page!, '');
  await write(page!, notes.bicycle);
  await settled(page!);
  await search(page!, 'squeaking gears');
  await expect(titles(page!).first()).toHaveText('Before winter');

  [page] = (await profile.start()).pages();
  await open(page!);
  await expect(page!.locator('#count')).toHaveText('3 notes');
  await search(page!, 'chain');
  await expect(titles(page!).first()).toHaveText('Before winter');
  await list(page!).getByRole('button').first().click();
  await expect(page!.getByLabel('Text')).toHaveValue(notes.bicycle.text);
});

test('model and runtime are fetched once, and later visits fetch nothing', async ({ page }) => {
  await open(page);
  await expect(device(page, 'offline')).toContainText('ready');
  const assets = server.requests.map(({ path }) => path).filter((path) => path.endsWith('.asset'));
  expect(assets).toHaveLength(4);
  expect(new Set(assets).size).toBe(4);
  server.requests.length = 0;
  await page.reload();
  await write(page, notes.lease);
  await settled(page);
  expect(server.requests.filter(({ path }) => path !== '/sw.js')).toEqual([]);
});

test('a new version is offered, and taken when the reader says so', async ({ page, context }) => {
  const other = await context.newPage();
  await open(other);
  await open(page);
  await write(page, notes.lease);
  await settled(page);
  await buildNotes({ out, version: '2' });
  server.tamper = (path) =>
    path === '/index.html' ? (file) => Buffer.from(String(file).replace('<h1>Notes', '<h1>Notes 2')) : null;
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Notes');
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Notes 2');
  await expect(page.locator('#count')).toHaveText('1 note');
  await expect(page.locator('#update')).toBeHidden();
  // The other tab goes on with the version it has, until its reader agrees, too.
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Notes');
  await other.getByRole('button', { name: 'Reload' }).click();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Notes 2');
  await expect(titles(other)).toHaveText([notes.lease.title]);
});

test('two tabs show the same notes', async ({ context }) => {
  const [one, two] = [await context.newPage(), await context.newPage()];
  await open(one);
  await open(two);
  await write(one, notes.lease);
  await expect(titles(two)).toHaveText(['Moving out']);
  await list(two).getByRole('button').click();
  await two.getByRole('button', { name: 'Delete' }).click();
  await expect(one.locator('#count')).toContainText('No notes yet');
});

test('it can be installed', async ({ page, context }) => {
  await open(page);
  await expect(device(page, 'offline')).toContainText('ready');
  const devtools = await context.newCDPSession(page);
  const manifest = await devtools.send('Page.getAppManifest');
  expect(manifest.errors).toEqual([]);
  expect(JSON.parse(manifest.data!).icons).toHaveLength(4);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  // A window of its own kind, for Playwright's contexts are incognito.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});

test('keyboard alone writes, finds, opens and closes a note', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'New note' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Title')).toBeFocused();
  await page.keyboard.type('Keys');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Under the mat.');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('#count')).toHaveText('1 note');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('mat');
  await expect(titles(page)).toHaveText(['Keys']);
  await page.keyboard.press('ArrowDown');
  await expect(list(page).getByRole('button')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Text')).toHaveValue('Under the mat.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('searchbox')).toBeFocused();
});

for (const [colorScheme, width] of [
  ['light', 1200],
  ['dark', 360],
] as const)
  test(`axe finds nothing wrong: ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 740 });
    const violations = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    await open(page);
    expect(await violations()).toEqual([]);
    for (const note of Object.values(notes)) await write(page, note);
    await search(page, 'oil dough keys');
    await expect(list(page).locator('mark').first()).toBeVisible();
    await page.locator('summary').click();
    expect(await violations()).toEqual([]);
    expect(await fits()).toBe(true);
    await list(page).getByRole('button').first().click();
    expect(await violations()).toEqual([]);
    expect(await fits()).toBe(true);
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
    expect(await violations()).toEqual([]);
  });
