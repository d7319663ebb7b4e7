import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { walkSite } from './walk-site';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nearbit-walk-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function page(path: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), '<p>text');
}

async function urls(
  options: { exclude?: string[]; base?: string; unreadable?: string[] } = {},
): Promise<string[]> {
  const found: string[] = [];
  const { exclude = [], base = '/', unreadable = [] } = options;
  const onUnreadable = (path: string) => unreadable.push(path);
  for await (const { url } of walkSite(root, { exclude, base, onUnreadable })) found.push(url);
  return found;
}

test('files become the paths they are served at, in code-unit order', async () => {
  for (const path of ['b/index.html', 'a.html', 'index.html', 'b/ü & x.htm', 'Z.xhtml', 'data.json'])
    await page(path);
  expect(await urls()).toEqual(['/Z.xhtml', '/a.html', '/b/', '/b/%C3%BC%20&%20x.htm', '/']);
  expect((await urls({ base: '/docs/' }))[1]).toBe('/docs/a.html');
});

test('hidden folders, node_modules and the index itself are not entered', async () => {
  for (const path of ['.git/a.html', 'node_modules/a.html', 'nearbit/a.html', 'a.html']) await page(path);
  expect(await urls({ exclude: [join(root, 'nearbit')] })).toEqual(['/a.html']);
});

test('a loop of symbolic links ends', async () => {
  await page('a/b/page.html');
  await symlink(join(root, 'a'), join(root, 'a/b/again'));
  await symlink(root, join(root, 'self'));
  expect(await urls()).toEqual(['/a/b/page.html']);
});

test('a link to nowhere is named and passed over', async () => {
  await page('a.html');
  await symlink(join(root, 'gone'), join(root, 'lost.html'));
  const unreadable: string[] = [];
  expect(await urls({ unreadable })).toEqual(['/a.html']);
  expect(unreadable).toEqual([join(root, 'lost.html')]);
});

test('a folder that is not there is refused with what to do', async () => {
  await expect(
    walkSite(join(root, 'nope'), { exclude: [], base: '/', onUnreadable() {} }).next(),
  ).rejects.toThrow(/expected a folder of HTML files, received nothing at that path; pass the folder/);
});
