/**
 * Where documents lie, as manifests come and go.
 * In: changes in two tabs. Out: places, and how much was read for them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDead } from '../segment/dead-block';
import type { LiveStore } from '../store/live-store';
import { memoryLiveStore, newLiveMemory } from '../store/live-store-memory';
import { addDocuments } from './add-documents';
import { KnownIds } from './known-ids';
import { clearDocuments, removeDocuments } from './remove-documents';
import { SegmentReaders } from './segment-reader';
import { openTestIndex, type TestIndex } from './tidy-index.fixture';

/** Ids as a fresh look at all segments gives them. */
async function placesOf({ readers, writer }: TestIndex): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const reader of readers.of(writer.manifest, null)) {
    const dead = await reader.dead();
    for (const [page, id] of (await reader.documents()).ids.entries())
      if (!dead || !isDead(dead, page)) places.set(id, `${reader.segment.id} ${page}`);
  }
  return places;
}

test('after any changes, in steps or at once, ids are where the segments say', async () => {
  const ids = fc.subarray(['a', 'b', 'c', 'd', 'e'], { minLength: 1 });
  const step = fc.oneof(
    { weight: 4, arbitrary: ids.map((some) => ['add', some] as const) },
    { weight: 2, arbitrary: ids.map((some) => ['remove', some] as const) },
    { weight: 1, arbitrary: fc.constant(['clear', []] as const) },
    { weight: 3, arbitrary: fc.constant(['look', []] as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const index = await openTestIndex();
      // Looks now and then only, so that several changes come at once.
      const looker = new KnownIds(new SegmentReaders(index.store), null);
      const look = async () => {
        await looker.sync(index.writer.manifest);
        const places = await placesOf(index);
        expect(looker.size).toBe(places.size);
        for (const id of ['a', 'b', 'c', 'd', 'e']) {
          const place = looker.get(id);
          expect(place ? `${place.segment} ${place.page}` : undefined).toBe(places.get(id));
        }
      };
      for (const [i, [what, some]] of steps.entries()) {
        if (what === 'add')
          await addDocuments(
            index,
            some.map((id) => ({ id, text: `${id} ${i}` })),
            'add',
          );
        else if (what === 'remove') await removeDocuments(index, some);
        else if (what === 'clear') await clearDocuments(index);
        else await look();
      }
      await look();
    }),
    { numRuns: 60 },
  );
});

test('a state that was left comes back: a backup was read in', async () => {
  const index = await openTestIndex();
  await addDocuments(
    index,
    [
      { id: 'a', text: 'A' },
      { id: 'b', text: 'B' },
    ],
    'add',
  );
  const { manifest } = index.writer;
  await removeDocuments(index, ['a']);
  const ids = new KnownIds(index.readers, null);
  await ids.sync(index.writer.manifest);
  expect([ids.get('a'), ids.size]).toEqual([null, 1]);
  await ids.sync(manifest);
  expect([ids.get('a'), ids.size]).toEqual([{ segment: 1, page: 0 }, 2]);
});

test('a small change reads small blocks', async () => {
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
  const many = Array.from({ length: 300 }, (_, i) => ({ id: `${i}`, text: `Text ${i}.` }));
  await addDocuments(index, many, 'add');
  await addDocuments(index, [{ id: '7', text: 'Other.' }], 'add');
  read.length = 0;
  await addDocuments(index, [{ id: '8', text: 'Other too.' }], 'add');
  // Of the segment before: its ids, and which of the large one's pages died. Nothing of the large one itself.
  expect(read.sort()).toEqual(['dead', 'documents']);
});

test('ids are read from the texts where the block that lists them is damaged', async () => {
  const memory = newLiveMemory();
  const first = await openTestIndex(memory);
  await addDocuments(
    first,
    [
      { id: 'a', text: 'A' },
      { id: 'b', text: 'B' },
    ],
    'add',
  );
  memory.blocks.get(`blocks/${first.writer.manifest.segments[0]!.documents.hash}.documents`)![9]! ^= 1;
  const heard: string[] = [];
  const store = memoryLiveStore('again', memory);
  const readers = new SegmentReaders(store, { onDamage: (path) => heard.push(path) });
  const ids = new KnownIds(readers, null);
  await ids.sync(first.writer.manifest);
  expect(ids.get('b')).toEqual({ segment: 1, page: 1 });
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatch(/\.documents$/);
});
