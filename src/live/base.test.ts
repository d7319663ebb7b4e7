/**
 * A live index over a bundle: what is replaced or removed on the device, and what becomes of it when the bundle changes.
 * In: bundles of plain documents. Out: which documents there are, and where.
 */
import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { isDead } from '../segment/dead-block';
import { memoryLiveStore, newLiveMemory } from '../store/live-store-memory';
import { memoryStore } from '../store/memory-store';
import type { ReadableStore } from '../store/store';
import { readPlainText } from '../text';
import { addDocuments } from './add-documents';
import { baseSegment, openBase, settleBase } from './base';
import { KnownIds } from './known-ids';
import type { LiveParts } from './live-parts';
import { clearDocuments, hasDocuments, removeDocuments } from './remove-documents';
import { SegmentReaders } from './segment-reader';
import { openWriter } from './writer';

/** `withIds` false: as bundles were before they had documents blocks. */
async function bundle(ids: readonly string[], withIds = true): Promise<ReadableStore> {
  const store = memoryStore('bundle');
  const documents = ids.map((id) =>
    readPlainText(`Page ${id} says ${id}.`, { id, url: id, title: `Page ${id}` }),
  );
  await buildIndex(documents, { store, encoder: null });
  if (!withIds) {
    const { documents: _, ...manifest } = await store.readManifest();
    await store.commit(manifest);
  }
  return store;
}

async function openOver(store: ReadableStore, memory = newLiveMemory()): Promise<LiveParts> {
  const live = memoryLiveStore('test', memory);
  const readers = new SegmentReaders(live);
  const writer = await openWriter({
    store: live,
    exclusively: (work) => work(),
    durability: 'relaxed',
    onChange() {},
  });
  const base = await openBase('https://here/docs/', store);
  const parts = { writer, store: live, readers, base, ids: new KnownIds(readers, base), language: 'en' };
  await settleBase(parts);
  return parts;
}

/** Ids of the bundle that are still to be found in it. */
async function visible({ readers, writer, base }: LiveParts): Promise<string[]> {
  const [reader] = readers.of(writer.manifest, base);
  const dead = await reader!.dead();
  const { ids } = await reader!.documents();
  const shown = ids.filter((_, page) => !dead || !isDead(dead, page));
  expect(reader!.segment.deadPages).toBe(ids.length - shown.length);
  return shown;
}

const note = (id: string, text = 'Mine.') => ({ id, text });

test.each([true, false])(
  'documents of a bundle are known by id (with a block of ids: %s)',
  async (withIds) => {
    const parts = await openOver(await bundle(['a', 'b', 'c'], withIds));
    expect(await hasDocuments(parts, ['a', 'x', 'c'])).toEqual([true, false, true]);
    expect(await visible(parts)).toEqual(['a', 'b', 'c']);
  },
);

test('a document that is replaced or removed is hidden in the bundle', async () => {
  const parts = await openOver(await bundle(['a', 'b', 'c', 'd']));
  expect(await addDocuments(parts, [note('b'), note('x')], 'add')).toMatchObject({ added: 1, updated: 1 });
  expect(await removeDocuments(parts, ['c', 'b', 'nobody'])).toBe(2);
  expect(await visible(parts)).toEqual(['a', 'd']);
  expect(await hasDocuments(parts, ['a', 'b', 'c', 'x'])).toEqual([true, false, false, true]);
  const { base } = parts.writer.manifest;
  expect(baseSegment(parts.base!.manifest, base)).toMatchObject({ deadPages: 2, deadPassages: 2 });
});

test('an update of a document of the bundle takes its text over', async () => {
  const parts = await openOver(await bundle(['a', 'b']));
  await addDocuments(parts, [{ id: 'a', fields: { seen: true } }], 'update');
  expect(await visible(parts)).toEqual(['b']);
  const [, reader] = parts.readers.of(parts.writer.manifest, parts.base);
  expect(await reader!.texts(0)).toMatchObject([
    { id: 'a', title: 'Page a', passages: [{ text: 'Page a says a.' }] },
  ]);
  expect((await reader!.fields())!.rowOf(0)).toEqual({ seen: true });
});

test('clear hides all that the bundle holds', async () => {
  const memory = newLiveMemory();
  const parts = await openOver(await bundle(['a', 'b']), memory);
  await addDocuments(parts, [note('b'), note('x')], 'add');
  expect(await clearDocuments(parts)).toBe(3);
  expect(await visible(parts)).toEqual([]);
  expect(await clearDocuments(parts)).toBe(0);
  // What a later bundle brings is there.
  expect(await visible(await openOver(await bundle(['a', 'b', 'c']), memory))).toEqual(['c']);
});

test('embeddings of the app’s own must be as wide as those of the bundle', async () => {
  const store = memoryStore('bundle');
  const documents = [readPlainText('Page a.', { id: 'a', url: 'a', title: 'A' })];
  await buildIndex(documents, { store, encoder: wordEncoder(64) });
  const parts = await openOver(store);
  const embedding = (n: number) => new Array<number>(n).fill(1);
  await expect(addDocuments(parts, [{ ...note('x'), embedding: embedding(16) }], 'add')).rejects.toThrow(
    'expected 64 numbers, as the index has them, received 16',
  );
  await addDocuments(parts, [{ ...note('x'), embedding: embedding(64) }], 'add');
  const { name } = parts.base!.manifest.model!;
  expect(parts.writer.manifest.model).toMatchObject({ name, dim: 64, folder: 'https://here/docs/' });
});

test('a new bundle is taken as it is, less what was replaced or removed on the device', async () => {
  const memory = newLiveMemory();
  const before = await openOver(await bundle(['a', 'b', 'c']), memory);
  await addDocuments(before, [note('a'), note('x')], 'add');
  await removeDocuments(before, ['c']);
  // It brings a page under an id that the device has given to a document of its own.
  const parts = await openOver(await bundle(['x', 'a', 'c', 'new']), memory);
  expect(await visible(parts)).toEqual(['new']);
  expect(await hasDocuments(parts, ['a', 'b', 'c', 'x', 'new'])).toEqual([true, false, false, true, true]);
  // Removed here, so that the bundle's own does not come back.
  await removeDocuments(parts, ['x']);
  expect(await hasDocuments(parts, ['x'])).toEqual([false]);
});

test('the same bundle again writes nothing', async () => {
  const memory = newLiveMemory();
  const store = await bundle(['a']);
  await openOver(store, memory);
  const { generation } = memory;
  await openOver(store, memory);
  expect(memory.generation).toBe(generation);
});
