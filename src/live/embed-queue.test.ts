/**
 * The queue of texts for the model: their order, what is stored of the rows, and what need not be embedded again.
 * In: documents, a model that is a function of the text. Out: batches, and the codes of every document read back.
 */
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../codes';
import { ShapeError } from '../errors';
import type { LiveModel } from '../segment/live-shape';
import { namedPaths } from '../store/live-commit';
import { memoryLiveStore } from '../store/live-store-memory';
import { addDocuments } from './add-documents';
import { EmbedQueue } from './embed-queue';
import { KnownIds } from './known-ids';
import type { EmbedBatch, ModelAtHand } from './live-types';
import { removeDocuments } from './remove-documents';
import { SegmentReaders } from './segment-reader';
import {
  contentOf,
  dim,
  embeddingOf,
  frameOf,
  openTestIndex,
  type TestIndex,
  testModel,
} from './tidy-index.fixture';
import { openWriter } from './writer';

const atHand: ModelAtHand = { model: testModel, frame: null };
const text = (id: string, words = 12) => Array.from({ length: words }, (_, i) => `${id}${i}`).join(' ');
const note = (id: string, words?: number) => ({ id, title: `Title ${id}`, text: `${text(id, words)}.` });

async function openQueue(model: ModelAtHand | null = atHand) {
  const index = await openTestIndex();
  const queue = new EmbedQueue(index);
  queue.useModel(model);
  return { index, queue };
}

const rowsOf = ({ texts }: EmbedBatch): Float32Array =>
  Float32Array.from(texts.flatMap((input) => [...embeddingOf(input)]));

/** Embeds what there is; gives the texts, in order. */
async function drain(queue: EmbedQueue, most = 8): Promise<string[]> {
  const all: string[] = [];
  for (let batch = await queue.next(most); batch; batch = await queue.next(most)) {
    expect(batch.texts.length).toBeLessThanOrEqual(most);
    all.push(...batch.texts);
    await queue.store(batch.ticket, rowsOf(batch));
  }
  return all;
}

/** Every passage of every document has the embedding of its own text. */
async function expectEmbedded(index: TestIndex, except: readonly string[] = []): Promise<void> {
  for (const [id, { page, rows }] of await contentOf(index)) {
    if (except.includes(id)) continue;
    expect(rows, id).toHaveLength(page.passages.length);
    for (const [i, passage] of page.passages.entries()) {
      const wanted = embeddingOf(`${[page.title, ...passage.headings].join(' > ')}\n${passage.text}`);
      expect(cosine(rows![i]!, wanted), id).toBeGreaterThan(0.97);
    }
  }
}

test('every passage is embedded once, the newest segment first, and groups in order', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a'), note('b')], 'add');
  await addDocuments(index, [note('c', 6000), note('d', 6000), note('e')], 'add');
  expect(index.writer.manifest.segments[1]!.groups.length).toBeGreaterThan(1);
  const texts = await drain(queue);
  const order = texts.map((input) => input.slice(6, 7)).join('');
  expect(order).toMatch(/^c+d+eab$/);
  expect(new Set(texts).size).toBe(texts.length);
  await expectEmbedded(index);
  const [first, second] = index.writer.manifest.segments;
  expect(first!.code!.frame).toEqual(second!.code!.frame);
  expect(index.writer.manifest.model).toEqual(testModel);
  expect(await queue.next(8)).toBeNull();
});

test('several batches may be under way, and come back in any order', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a', 3000), note('b', 6000), note('c')], 'add');
  const batches: EmbedBatch[] = [];
  for (let batch = await queue.next(5); batch; batch = await queue.next(5)) batches.push(batch);
  expect(batches.length).toBeGreaterThan(3);
  for (const batch of batches.reverse()) await queue.store(batch.ticket, rowsOf(batch));
  await expectEmbedded(index);
});

test('groups that are whole are stored, though the rest never comes', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a', 6000), note('b', 6000)], 'add');
  const first = index.writer.manifest.segments[0]!.groups[0]!;
  const batch = await queue.next(first.passages);
  await queue.store(batch!.ticket, rowsOf(batch!));
  const next = new EmbedQueue(index);
  next.useModel(atHand);
  const rest = await drain(next);
  expect(rest).toHaveLength(index.writer.manifest.segments[0]!.counts.passages - first.passages);
  await expectEmbedded(index);
});

test('a text that a later version has as well is not embedded again', async () => {
  const { index, queue } = await openQueue();
  const sections = (changed: string) =>
    ['one', 'two', 'three'].map((id) => `# ${id}\n\n${text(id === 'two' ? changed : id, 60)}`).join('\n\n');
  await addDocuments(index, [{ id: 'a', title: 'A', text: sections('two') }, note('b')], 'add');
  await drain(queue);
  await addDocuments(index, [{ id: 'a', title: 'A', text: sections('other') }], 'add');
  await addDocuments(index, [{ id: 'b', fields: { done: true } }], 'update');
  const texts = await drain(queue);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('other5');
  await expectEmbedded(index);
});

test('versions between that were never embedded are passed over', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  await drain(queue);
  for (const n of [1, 2, 3]) await addDocuments(index, [{ id: 'a', fields: { n } }], 'update');
  expect(await drain(queue)).toEqual([]);
  await expectEmbedded(index);
});

test('documents that were removed are not embedded', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a'), note('b'), note('c')], 'add');
  await removeDocuments(index, ['b']);
  expect((await drain(queue)).map((input) => input.slice(6, 7))).toEqual(['a', 'c']);
  await expectEmbedded(index);
  expect(index.writer.manifest.segments[0]!.codes[0]!.passages).toBe(3);
});

test('a batch whose documents went away in the meantime is dropped', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  const batch = await queue.next(8);
  await index.writer.transact(async (manifest) => ({
    manifest: { ...manifest, segments: [] },
    blocks: [],
    result: null,
  }));
  await queue.store(batch!.ticket, rowsOf(batch!));
  await queue.store(99, new Float32Array(dim));
  expect(index.writer.manifest.segments).toEqual([]);
  await addDocuments(index, [note('b')], 'add');
  await drain(queue);
  await expectEmbedded(index);
});

test('rows are not taken over in a frame that went with its segment', async () => {
  const { index, queue } = await openQueue();
  const sections = (second: string) => `# One\n\n${text('one', 60)}\n\n# Two\n\n${text(second, 60)}`;
  await addDocuments(index, [{ id: 'a', title: 'A', text: sections('two') }], 'add');
  await drain(queue);
  await addDocuments(index, [{ id: 'a', title: 'A', text: sections('other') }], 'add');
  const batch = await queue.next(8);
  expect(batch!.texts).toHaveLength(1);
  await index.writer.transact(async (manifest) => ({
    manifest: { ...manifest, segments: manifest.segments.slice(1) },
    blocks: [],
    result: null,
  }));
  await index.store.prune(namedPaths(index.writer.manifest));
  await queue.store(batch!.ticket, rowsOf(batch!));
  expect(await drain(queue)).toHaveLength(2);
  await expectEmbedded(index);
});

test('what another tab has embedded meanwhile is left as it is', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  const batch = await queue.next(8);
  const other = await secondTab(index);
  const otherQueue = new EmbedQueue(other);
  otherQueue.useModel(atHand);
  await drain(otherQueue);
  const { generation } = other.writer.manifest;
  await queue.store(batch!.ticket, rowsOf(batch!));
  expect(index.writer.manifest.generation).toBe(generation);
  expect(await queue.next(8)).toBeNull();
});

test.each<[string, (batch: EmbedBatch) => Float32Array, string]>([
  ['too few rows', () => new Float32Array(3), 'expected 1 × 16 numbers, received 3'],
  ['a number that is none', () => new Float32Array(dim).fill(Number.NaN), 'received NaN in row 0'],
])('%s are refused, and the texts handed out again', async (_, rows, message) => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  const batch = (await queue.next(8))!;
  await expect(queue.store(batch.ticket, rows(batch))).rejects.toThrow(message);
  expect(await drain(queue)).toEqual(batch.texts);
  await expectEmbedded(index);
});

test('errors of shape have their class', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  const batch = (await queue.next(8))!;
  await expect(queue.store(batch.ticket, new Float32Array(1))).rejects.toBeInstanceOf(ShapeError);
});

test('another model is told by both names, and gets no texts', async () => {
  const { index, queue } = await openQueue();
  expect(queue.modelDiffers).toBe('');
  await addDocuments(index, [note('a')], 'add');
  await drain(queue);
  await addDocuments(index, [note('b')], 'add');
  const other: LiveModel = { ...testModel, name: 'other' };
  queue.useModel({ model: other, frame: null });
  expect(queue.modelDiffers).toBe(
    'The embeddings were made by test, and the model at hand is other: reembed() makes them anew with it',
  );
  expect(await queue.next(8)).toBeNull();
  queue.useModel(atHand);
  expect(await drain(queue)).toHaveLength(1);
});

test('without a model there are no texts', async () => {
  const { index, queue } = await openQueue(null);
  await addDocuments(index, [note('a')], 'add');
  expect(await queue.next(8)).toBeNull();
});

test('a group that cannot be read is left to repair, and the others are embedded', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(index, [note('a')], 'add');
  await addDocuments(index, [note('b')], 'add');
  const { texts } = index.writer.manifest.segments[1]!.groups[0]!;
  index.memory.blocks.get(`blocks/${texts.hash}.texts`)![20]! ^= 1;
  expect((await drain(queue)).map((input) => input.slice(6, 7))).toEqual(['a']);
});

test('the frame of the model’s folder is taken where it has one', async () => {
  const fitted = frameOf(0.25);
  const frame = { code: { bits: dim, planes: 4, rotation: fitted.kind }, bytes: encodeFrame(fitted) };
  const { index, queue } = await openQueue({ model: testModel, frame });
  await addDocuments(index, [note('a')], 'add');
  await drain(queue);
  await addDocuments(index, [note('b')], 'add');
  await drain(queue);
  await expectEmbedded(index);
  for (const { code } of index.writer.manifest.segments) {
    const bytes = await index.store.readBlock('frame', code!.frame);
    expect(decodeFrame(bytes).mean[0]).toBe(0.25);
  }
});

test('the mean of the first embeddings is the frame’s where there are enough of them', async () => {
  const { index, queue } = await openQueue();
  await addDocuments(
    index,
    Array.from({ length: 40 }, (_, i) => note(`${i}`)),
    'add',
  );
  const batch = (await queue.next(40))!;
  const rows = rowsOf(batch);
  for (let at = 0; at < rows.length; at += dim) rows[at]! += 2;
  await queue.store(batch.ticket, rows);
  const [segment] = index.writer.manifest.segments;
  const bytes = await index.store.readBlock('frame', segment!.code!.frame);
  const mean = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(4, true);
  expect(mean).toBeGreaterThan(1.8);
});

async function secondTab(index: TestIndex): Promise<TestIndex> {
  const store = memoryLiveStore('second', index.memory);
  const readers = new SegmentReaders(store);
  const writer = await openWriter({
    store,
    exclusively: (work) => work(),
    durability: 'relaxed',
    onChange() {},
  });
  return { ...index, store, readers, writer, ids: new KnownIds(readers, null) };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}
