/**
 * Documents that go.
 * In: ids. Out: what is left, and what it costs in blocks.
 */
import { expect, test } from 'vitest';
import { addDocuments } from './add-documents';
import { clearDocuments, hasDocuments, removeDocuments } from './remove-documents';
import { contentOf, openTestIndex } from './tidy-index.fixture';

const notes = (...ids: string[]) => ids.map((id) => ({ id, text: `Text of ${id}.` }));

test('removed documents are gone, in whatever segment they were', async () => {
  const index = await openTestIndex();
  await addDocuments(index, notes('a', 'b'), 'add');
  await addDocuments(index, notes('c', 'd'), 'add');
  expect(await removeDocuments(index, ['a', 'd', 'a', 'nobody'])).toBe(2);
  expect([...(await contentOf(index)).keys()]).toEqual(['b', 'c']);
  expect(await hasDocuments(index, ['a', 'b', 'c', 'd'])).toEqual([false, true, true, false]);
  expect(index.writer.manifest.segments).toMatchObject([
    { deadPages: 1, deadPassages: 1 },
    { deadPages: 1, deadPassages: 1 },
  ]);
});

test('where nobody knows any more what was removed, what was replaced stays replaced', async () => {
  const first = await openTestIndex();
  await addDocuments(first, notes('a', 'b', 'c'), 'add');
  await addDocuments(first, [{ id: 'a', text: 'Newer.' }], 'add');
  const { dead } = first.writer.manifest.segments[0]!;
  first.memory.blocks.get(`blocks/${dead!.hash}.dead`)![9]! ^= 1;
  const index = await openTestIndex(first.memory);
  expect(await removeDocuments(index, ['b'])).toBe(1);
  const all = await contentOf(index);
  expect([...all.keys()]).toEqual(['c', 'a']);
  expect(all.get('a')!.page.passages[0]!.text).toBe('Newer.');
});

test('removing what is not there changes nothing', async () => {
  const index = await openTestIndex();
  await addDocuments(index, notes('a'), 'add');
  const { generation } = index.writer.manifest;
  expect(await removeDocuments(index, ['x'])).toBe(0);
  expect(await removeDocuments(index, [])).toBe(0);
  expect(index.writer.manifest.generation).toBe(generation);
});

test('a document that was removed can be added again', async () => {
  const index = await openTestIndex();
  await addDocuments(index, notes('a'), 'add');
  await removeDocuments(index, ['a']);
  expect(await addDocuments(index, notes('a'), 'add')).toMatchObject({ added: 1, unchanged: 0 });
  expect([...(await contentOf(index)).keys()]).toEqual(['a']);
});

test('removing one of many writes a small block', async () => {
  const index = await openTestIndex();
  await addDocuments(index, notes(...Array.from({ length: 500 }, (_, i) => `n${i}`)), 'add');
  const before = new Set(index.memory.blocks.keys());
  await removeDocuments(index, ['n250']);
  const written = [...index.memory.blocks].filter(([path]) => !before.has(path));
  expect(written.map(([path]) => path.split('.')[1])).toEqual(['dead']);
  expect(written[0]![1].length).toBeLessThan(100);
});

test('clear takes everything away, the model included', async () => {
  const index = await openTestIndex();
  await addDocuments(index, notes('a', 'b'), 'add');
  await addDocuments(index, [{ id: 'c', text: 'x', embedding: new Float32Array(8).fill(1) }], 'add');
  expect(await clearDocuments(index)).toBe(3);
  expect(index.writer.manifest).toMatchObject({ segments: [], model: null });
  expect(await clearDocuments(index)).toBe(0);
  await addDocuments(index, [{ id: 'c', text: 'x', embedding: new Float32Array(16).fill(1) }], 'add');
  expect([...(await contentOf(index)).keys()]).toEqual(['c']);
});

test('ids that are no strings are refused', async () => {
  const index = await openTestIndex();
  await expect(removeDocuments(index, [5] as never)).rejects.toThrow(
    'expected an array of strings, received number',
  );
  await expect(hasDocuments(index, 'a' as never)).rejects.toThrow(
    'expected an array of strings, received string',
  );
});
