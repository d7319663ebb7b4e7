/**
 * Readers of segments: what they keep, what they read again, and what they say of damage.
 * In: a live index, changes. Out: the same objects where nothing has changed.
 */
import { expect, test } from 'vitest';
import type { LiveStore } from '../store/live-store';
import { newLiveMemory } from '../store/live-store-memory';
import { addDocuments } from './add-documents';
import { removeDocuments } from './remove-documents';
import { SegmentReaders } from './segment-reader';
import { openTestIndex } from './tidy-index.fixture';

async function openIndex() {
  const read: string[] = [];
  const index = await openTestIndex(
    newLiveMemory(),
    (store): LiveStore => ({
      ...store,
      readBlock(kind, ref) {
        read.push(kind);
        return store.readBlock(kind, ref);
      },
    }),
  );
  const documents = [
    { id: 'a', text: 'A.', fields: { n: 1 } },
    { id: 'b', text: 'B.' },
  ];
  await addDocuments(index, documents, 'add');
  return { index, read, readers: new SegmentReaders(index.store) };
}

test('a segment that is as it was keeps its reader, from whatever manifest it comes', async () => {
  const { index, readers } = await openIndex();
  const [reader] = readers.of(index.writer.manifest, null);
  expect(readers.of(structuredClone(index.writer.manifest), null)[0]).toBe(reader);
  await addDocuments(index, [{ id: 'c', text: 'C.' }], 'add');
  const after = readers.of(index.writer.manifest, null);
  expect(after[0]).toBe(reader);
  expect(after).toHaveLength(2);
});

test('blocks are read once, and again only where they changed', async () => {
  const { index, read, readers } = await openIndex();
  const [before] = readers.of(index.writer.manifest, null);
  await Promise.all([
    before!.pages(),
    before!.pages(),
    before!.documents(),
    before!.fields(),
    before!.texts(0),
  ]);
  await removeDocuments(index, ['a']);
  read.length = 0;
  const [after] = readers.of(index.writer.manifest, null);
  expect(after).not.toBe(before);
  await Promise.all([after!.pages(), after!.documents(), after!.fields(), after!.texts(0), after!.dead()]);
  expect(read).toEqual(['dead']);
  // Who began with the old state goes on with it.
  expect(await before!.dead()).toBeNull();
  expect(await after!.dead()).toEqual(Uint8Array.of(1));
});

test('every kind of block comes decoded', async () => {
  const { index, readers } = await openIndex();
  const [reader] = readers.of(index.writer.manifest, null);
  expect((await reader!.pages()).passagesPerPage).toEqual(Uint32Array.of(1, 1));
  expect((await reader!.documents()).ids).toEqual(['a', 'b']);
  expect((await reader!.fields())!.rowOf(0)).toEqual({ n: 1 });
  expect((await reader!.texts(0)).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(reader!.groupOf(1)).toEqual({ group: 0, at: 1 });
});

test('damage is heard by path, and tried again', async () => {
  const { index } = await openIndex();
  const { pages } = index.writer.manifest.segments[0]!;
  const stored = index.memory.blocks.get(`blocks/${pages.hash}.pages`)!;
  index.memory.blocks.delete(`blocks/${pages.hash}.pages`);
  const heard: string[] = [];
  const readers = new SegmentReaders(index.store, { onDamage: (path) => heard.push(path) });
  const [reader] = readers.of(index.writer.manifest, null);
  await expect(reader!.pages()).rejects.toMatchObject({ code: 'block-missing' });
  expect(heard).toEqual([`blocks/${pages.hash}.pages`]);
  // Counts are in the texts too.
  expect(await reader!.passagesPerPage()).toEqual(Uint32Array.of(1, 1));
  index.memory.blocks.set(`blocks/${pages.hash}.pages`, stored);
  expect((await reader!.pages()).passagesPerPage).toHaveLength(2);
});
