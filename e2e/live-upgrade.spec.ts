/**
 * What an earlier version left behind, and a bundle that is replaced under an index.
 * In: frozen states, two versions of a small site. Out: everything in them is found, and they take new documents.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { readArchive } from '../src/segment/archive';
import { blockPath } from '../src/segment/block';
import { add, count, documents, find, idle, liveMounts, openLive, prepareLive, state } from './live-page';
import { expect, test } from './profile';
import { nearbit, root } from './site';

const folder = join(root, 'build/e2e/live-bundles');
const model = join(root, 'src/embed/fixtures/tiny-encoder');

/** Pages by name, indexed as a site is. */
async function bundle(name: string, pages: Record<string, string>): Promise<string> {
  const site = join(folder, `${name}-site`);
  await mkdir(site, { recursive: true });
  for (const [page, text] of Object.entries(pages))
    await writeFile(
      join(site, `${page}.html`),
      `<!doctype html><html lang="en"><title>${page}</title><main><h1>${page}</h1><p>${text}</p></main></html>`,
    );
  const out = join(folder, name);
  await nearbit('index', site, '--out', out, '--model', model, '--instant', 'none', '--base', '/site/');
  return out;
}

let first: string;
let second: string;
test.beforeAll(async () => {
  await prepareLive();
  await rm(folder, { recursive: true, force: true });
  first = await bundle('first', {
    heron: 'The heron stands in the shallow water.',
    otter: 'The otter sleeps on its back.',
    crane: 'The crane dances in spring.',
  });
  second = await bundle('second', {
    heron: 'The heron has flown to its colony.',
    otter: 'The otter sleeps on its back.',
    wren: 'The wren sings louder than anyone.',
  });
});

const overlay = (page: Page, origin: string) => openLive(page, origin, { name: 'over', source: '/bundle/' });

test('an index over a bundle takes its new version, and keeps what was changed here', async ({
  profile,
  serve,
}) => {
  const mounts = { ...liveMounts, '/bundle/': first };
  const { origin } = await serve({ mounts });
  let [page] = (await profile.start()).pages();
  await overlay(page!, origin);
  expect(await count(page!)).toBe(3);
  expect(await find(page!, 'dances')).toEqual(['/site/crane.html']);
  await add(page!, [
    { id: 'mine', title: 'Mine', text: 'A kingfisher, seen on Monday.' },
    { id: '/site/otter.html', title: 'Otter', text: 'My own words about the otter: playful.' },
  ]);
  expect(await page!.evaluate(() => live.remove('/site/crane.html'))).toBe(1);
  expect(await count(page!)).toBe(3);
  expect(await find(page!, 'sleeps')).toEqual([]);
  await idle(page!);

  mounts['/bundle/'] = second;
  [page] = (await profile.start()).pages();
  await overlay(page!, origin);
  // heron and wren of the bundle, otter and mine of this device.
  expect(await count(page!)).toBe(4);
  expect(await find(page!, 'colony')).toEqual(['/site/heron.html']);
  expect(await find(page!, 'shallow')).toEqual([]);
  expect(await find(page!, 'louder')).toEqual(['/site/wren.html']);
  expect(await find(page!, 'playful')).toEqual(['/site/otter.html']);
  expect(await find(page!, 'sleeps')).toEqual([]);
  expect(await find(page!, 'kingfisher')).toEqual(['mine']);
  await idle(page!);
  const { embedded, passages, damage } = await state(page!);
  expect([embedded, damage]).toEqual([passages, []]);
});

test.describe('without a network', () => {
  // The browser itself reports each fetch that fails; that they fail is the point.
  test.use({ tolerated: [/Failed to load resource: net::ERR_/, /Failed to fetch/] });

  test('an index over a bundle is opened from what the device has', async ({ page, serve }) => {
    const server = await serve({ mounts: { ...liveMounts, '/bundle/': first } });
    await overlay(page, server.origin);
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    await add(page, documents('kingfisher', 2));
    await idle(page);
    // Read once, so that the bundle's blocks are here.
    await page.evaluate(() => live.search('dances in spring', { tier: 'full' }));
    expect(await find(page, 'dances')).toEqual(['/site/crane.html']);
    await server.close();
    await page.reload();
    await overlay(page, server.origin);
    expect(await count(page)).toBe(5);
    expect(await find(page, 'dances')).toEqual(['/site/crane.html']);
    expect(await find(page, 'kingfisher1')).toEqual(['kingfisher-1']);
    await add(page, documents('wren', 1));
    expect(await find(page, 'wren0')).toEqual(['wren-0']);
    expect((await page.evaluate(() => live.status)).stale).toBe(true);
  });
});

const fixtures = join(root, 'src/segment/fixtures');
const frozen = readdirSync(fixtures).filter((name) => name.startsWith('live-'));
const backupOf = (version: string) => readFileSync(join(fixtures, version, 'backup.nearbit'));

/** What every frozen index holds (src/segment/grown-index.fixture.ts), and that it goes on from there. */
async function goesOn(page: Page): Promise<void> {
  expect(await count(page)).toBe(5);
  expect((await find(page, 'flour')).sort()).toEqual(['note 1', 'rye']);
  expect(await find(page, 'monday')).toEqual(['note 1']);
  expect(await find(page, 'kneten')).toHaveLength(1);
  expect(await find(page, 'gone')).toEqual([]);
  const filtered = await page.evaluate(async () => {
    const { hits } = await live.search('', { filter: { tags: 'rye', minutes: { min: 700 } } });
    return hits.map(({ id, fields }) => [id, fields]);
  });
  expect(filtered).toEqual([['rye', { kind: 'recipe', minutes: 720, tags: ['bread', 'rye'], vegan: true }]]);
  expect(await page.evaluate(() => live.check())).toEqual([]);

  await add(page, [{ id: 'new', text: 'Added by a later version.' }]);
  expect(await page.evaluate(() => live.remove('late'))).toBe(1);
  expect(await find(page, 'later')).toEqual(['new']);
  // Its embeddings are of a model that this page does not have.
  expect((await state(page)).modelDiffers).not.toBe('');
  await page.evaluate(() => live.reembed());
  await idle(page);
  expect(await state(page)).toMatchObject({ documents: 5, embedded: 5, modelDiffers: '', damage: [] });
  expect((await find(page, 'rye sourdough', 'full'))[0]).toBe('rye');
}

for (const version of frozen) {
  test(`a backup of ${version} is taken in, searched, added to and embedded anew`, async ({
    page,
    serve,
  }) => {
    const { origin } = await serve({ mounts: liveMounts });
    await openLive(page, origin);
    await page.evaluate((bytes) => live.import(new Blob([Uint8Array.from(bytes)])), [...backupOf(version)]);
    await goesOn(page);
  });

  test(`a database as ${version} left it is opened, searched, added to and embedded anew`, async ({
    page,
    serve,
  }) => {
    const { origin } = await serve({ mounts: liveMounts });
    const backup = backupOf(version);
    // The manifest's own bytes, as that version wrote them (archive.ts).
    const manifest = [...backup.subarray(28, 28 + backup.readUInt32LE(8))];
    const reader = readArchive();
    const parts = await reader.push(backup);
    const blocks = parts.flatMap((part) =>
      part.kind === 'block'
        ? [[blockPath(part.block.kind, part.block.ref), [...part.block.bytes]] as const]
        : [],
    );
    const generation: number = JSON.parse(Buffer.from(manifest).toString()).generation;
    await page.goto(origin);
    await page.evaluate(
      ({ manifest, blocks, generation }) =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('nearbit live notes', 1);
          opening.onerror = () => reject(opening.error);
          opening.onupgradeneeded = () => {
            const kept = opening.result.createObjectStore('blocks');
            for (const [path, bytes] of blocks) kept.put(Uint8Array.from(bytes), path);
            const newest = opening.result.createObjectStore('manifest');
            newest.put(Uint8Array.from(manifest), 'manifest');
            newest.put(generation, 'generation');
          };
          opening.onsuccess = () => {
            opening.result.close();
            resolve();
          };
        }),
      { manifest, blocks, generation },
    );
    await openLive(page, origin);
    await goesOn(page);
  });
}
