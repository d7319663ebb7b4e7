import { expect, test } from 'vitest';
import { startCompaction } from './compact';
import { pathsOf, pruneBlocks } from './prune';
import { addPages, contentOf, openTestIndex, pageOf, removePages } from './tidy-index.fixture';

async function openSmallIndex() {
  const parts = await openTestIndex();
  for (const id of ['a', 'b', 'c']) await addPages(parts, [pageOf(id, `text of ${id}`)]);
  return parts;
}

test('what the newest manifest names stays, what none has named goes', async () => {
  const parts = await openSmallIndex();
  parts.memory.blocks.set('blocks/of-a-tab-that-ended.texts', new Uint8Array(9));
  const before = await contentOf(parts);
  expect(await pruneBlocks(parts)).toBe(1);
  expect(new Set(parts.memory.blocks.keys())).toEqual(pathsOf(parts.writer.manifest));
  expect(await contentOf(await openTestIndex(parts.memory))).toEqual(before);
});

test('blocks of the manifest before stay for one call more', async () => {
  const parts = await openSmallIndex();
  await pruneBlocks(parts);
  const dropped = [...pathsOf(parts.writer.manifest)];
  await parts.writer.transact(async (manifest) => ({
    manifest: { ...manifest, segments: [] },
    blocks: [],
    result: null,
  }));
  expect(await pruneBlocks(parts)).toBe(0);
  expect(await pruneBlocks(parts)).toBe(dropped.length);
  expect(parts.memory.blocks.size).toBe(0);
});

test('blocks of a compaction under way stay', async () => {
  const parts = await openSmallIndex();
  await removePages(parts, ['b']);
  const compaction = startCompaction(parts, [1, 2, 3]);
  while (await compaction.step(0)) await pruneBlocks(parts, compaction.ahead);
  expect(compaction.outcome).toBe('swapped');
  expect(compaction.ahead.size).toBeGreaterThan(3);
  expect([...(await contentOf(parts)).keys()]).toEqual(['a', 'c']);
});

test('what another tab commits while blocks are deleted is kept', async () => {
  const parts = await openSmallIndex();
  const other = await openTestIndex(parts.memory);
  await addPages(other, [pageOf('d', 'text of d')]);
  await pruneBlocks(parts);
  expect([...(await contentOf(await openTestIndex(parts.memory))).keys()]).toEqual(['a', 'b', 'c', 'd']);
});
