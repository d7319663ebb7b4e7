import { appendFile, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddingCache } from './embedding-cache';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearbit-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const row = (x: number) => Float32Array.of(x, x / 3, -x, 0);

async function filled(texts: string[]): Promise<string> {
  const cache = openEmbeddingCache(folder, 'model', 4);
  for (const [i, text] of texts.entries()) cache.put(text, row(i + 1));
  cache.close();
  return join(folder, (await readdir(folder))[0]!);
}

test('gives back the very numbers, in a later run', async () => {
  await filled(['one', 'two']);
  const cache = openEmbeddingCache(folder, 'model', 4);
  expect(cache.get('two')).toEqual(row(2));
  expect(cache.get('three')).toBeNull();
  cache.close();
});

test('another model sees nothing of it', async () => {
  await filled(['one']);
  const cache = openEmbeddingCache(folder, 'other weights', 4);
  expect(cache.get('one')).toBeNull();
  cache.close();
});

test('a record torn by a kill is dropped and the rest stays readable and growable', async () => {
  const path = await filled(['one', 'two']);
  await appendFile(path, Buffer.from('half a rec'));
  const cache = openEmbeddingCache(folder, 'model', 4);
  cache.put('three', row(3));
  cache.close();
  const again = openEmbeddingCache(folder, 'model', 4);
  expect([again.get('one'), again.get('two'), again.get('three')]).toEqual([row(1), row(2), row(3)]);
  again.close();
});

test('a flipped byte makes that text new again', async () => {
  const path = await filled(['one', 'two']);
  const file = await open(path, 'r+');
  await file.write(Buffer.of(0x55), 0, 1, 22);
  await file.close();
  const cache = openEmbeddingCache(folder, 'model', 4);
  expect(cache.get('one')).toBeNull();
  expect(cache.get('two')).toEqual(row(2));
  cache.close();
});

test('texts of long ago are dropped once they are most of the file', async () => {
  const old = Array.from({ length: 3000 }, (_, i) => `text ${i}`);
  const path = await filled(old);
  const before = (await stat(path)).size;
  const cache = openEmbeddingCache(folder, 'model', 4);
  for (const text of old.slice(0, 100)) cache.get(text);
  cache.close();
  expect((await stat(path)).size).toBe(before / 30);
  const again = openEmbeddingCache(folder, 'model', 4);
  expect(again.get('text 7')).toEqual(row(8));
  again.close();
});
