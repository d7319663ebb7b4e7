/** What keeps a live index tidy where it lies over a bundle, whose own blocks are nobody's to change. */
import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { blockPath } from '../segment/block';
import { isDead } from '../segment/dead-block';
import { newLiveMemory } from '../store/live-store-memory';
import { memoryStore } from '../store/memory-store';
import type { ReadableStore } from '../store/store';
import { readPlainText } from '../text';
import { createBackupReader, exportParts } from './backup';
import { openBase, settleBase } from './base';
import { checkBlocks } from './check-blocks';
import { startCompaction } from './compact';
import { KnownIds } from './known-ids';
import type { LiveParts } from './live-parts';
import { pruneBlocks } from './prune';
import { repairIndex } from './repair';
import { addPages, openTestIndex, pageOf, removePages, type TestIndex } from './tidy-index.fixture';

async function bundleOf(ids: readonly string[]): Promise<ReadableStore> {
  const store = memoryStore('bundle');
  const documents = ids.map((id) => readPlainText(`Page ${id} says ${id}.`, { id, url: id, title: id }));
  await buildIndex(documents, { store, encoder: null });
  return store;
}

async function openOver(bundle: ReadableStore, memory = newLiveMemory()): Promise<TestIndex> {
  const index = await openTestIndex(memory);
  const base = await openBase('/docs/', bundle);
  const parts = { ...index, base, ids: new KnownIds(index.readers, base) };
  await settleBase(parts);
  return parts;
}

/** `id` for documents of the bundle, `id!` for those of the index itself; all that are not dead. */
async function documentsOf(parts: LiveParts): Promise<string[]> {
  const found: string[] = [];
  for (const reader of parts.readers.of(parts.writer.manifest, parts.base)) {
    const dead = await reader.dead();
    for (const [page, id] of (await reader.documents()).ids.entries())
      if (!dead || !isDead(dead, page)) found.push(reader.segment.id === 0 ? id : `${id}!`);
  }
  return found;
}

async function openChanged(bundle: ReadableStore): Promise<TestIndex> {
  const parts = await openOver(bundle);
  for (const id of ['b', 'x', 'c', 'y']) await addPages(parts, [pageOf(id, `mine of ${id}`)]);
  await removePages(parts, ['c', 'd', 'y']);
  return parts;
}

const bundle = await bundleOf(['a', 'b', 'c', 'd']);

test('segments are merged beside the bundle, and what was removed of it stays so', async () => {
  const parts = await openChanged(bundle);
  expect(await documentsOf(parts)).toEqual(['a', 'b!', 'x!']);
  const compaction = startCompaction(parts, [1, 2, 3, 4]);
  while (await compaction.step(0));
  expect(compaction.outcome).toBe('swapped');
  await pruneBlocks(parts);
  await pruneBlocks(parts);
  expect(await documentsOf(parts)).toEqual(['a', 'b!', 'x!']);
  expect(await documentsOf(await openOver(bundle, parts.memory))).toEqual(['a', 'b!', 'x!']);
});

test('where the list of hidden documents is lost, those replaced stay hidden and those removed come back', async () => {
  const parts = await openChanged(bundle);
  const { hidden } = parts.writer.manifest.base!;
  parts.memory.blocks.delete(blockPath('documents', hidden!));
  // A tab that opens now cannot read the list.
  const index = await openTestIndex(parts.memory);
  const base = await openBase('/docs/', bundle);
  const again: LiveParts = { ...index, base, ids: new KnownIds(index.readers, base) };
  expect((await checkBlocks(again)).map(({ lost }) => lost)).toEqual([
    'which 3 pages of the bundle were removed or replaced; those removed come back',
  ]);
  await repairIndex(again);
  expect(await checkBlocks(again)).toEqual([]);
  expect(await documentsOf(again)).toEqual(['a', 'c', 'd', 'b!', 'x!']);
});

async function restored(to: LiveParts, from: LiveParts): Promise<string[]> {
  const reader = createBackupReader(to);
  for await (const part of exportParts(from)) await reader.push(part);
  await reader.finish();
  return documentsOf(to);
}

test('a backup holds what was changed, and which documents of the bundle were hidden', async () => {
  const parts = await openChanged(bundle);
  let size = 0;
  for await (const part of exportParts(parts)) size += part.length;
  // The bundle's own blocks are not in it.
  expect(size).toBeLessThan(8000);
  expect(await restored(await openOver(bundle), parts)).toEqual(['a', 'b!', 'x!']);
  // Over a bundle that has changed since.
  const newer = await bundleOf(['a', 'b', 'd', 'e']);
  expect(await restored(await openOver(newer), parts)).toEqual(['a', 'e', 'b!', 'x!']);
});

test('a backup goes from an index over a bundle to one without, and back', async () => {
  const parts = await openChanged(bundle);
  const alone = await openTestIndex();
  expect(await restored(alone, parts)).toEqual(['b!', 'x!']);
  const plain = await openTestIndex();
  await addPages(plain, [pageOf('a', 'mine'), pageOf('z', 'mine')]);
  expect(await restored(await openChanged(bundle), plain)).toEqual(['b', 'c', 'd', 'a!', 'z!']);
});
