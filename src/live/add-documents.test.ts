/**
 * Documents added, replaced and changed: what is stored afterwards, and what is reported.
 * In: the calls of an app. Out: everything in the index, read back.
 */
import { expect, test } from 'vitest';
import { randomUnits } from '../codes/synthetic.suite';
import { ShapeError } from '../errors';
import { addDocuments } from './add-documents';
import type { LiveDocument } from './live-types';
import { contentOf, openTestIndex, termsOf } from './tidy-index.fixture';

const note = (id: string, text: string, rest: Partial<LiveDocument> = {}): LiveDocument => ({
  id,
  text,
  ...rest,
});

test('documents are there with all that was given once the call resolves', async () => {
  const index = await openTestIndex();
  const due = new Date('2026-05-04');
  const report = await addDocuments(
    index,
    [
      note('a', 'Bread needs flour.', { title: 'Bread', url: '/bread', fields: { tags: ['food'], due } }),
      note('b', 'Water and salt.'),
    ],
    'add',
  );
  expect(report).toEqual({ added: 2, updated: 0, unchanged: 0, leftOut: [] });
  const all = await contentOf(index);
  expect([...all.keys()]).toEqual(['a', 'b']);
  expect(all.get('a')).toMatchObject({
    page: { id: 'a', url: '/bread', title: 'Bread', language: 'en' },
    fields: { tags: ['food'], due },
  });
  expect(all.get('a')!.page.passages).toEqual([{ headings: [], anchor: null, text: 'Bread needs flour.' }]);
  // An id is no title, and a document's address is its id.
  expect(all.get('b')!.page).toMatchObject({ url: 'b', title: '' });
  expect((await termsOf(index)).get('flour')).toEqual(['a 0 × 1']);
});

test('the same content again writes nothing', async () => {
  const index = await openTestIndex();
  const documents = [
    note('a', 'One.', { title: ' A  note ', fields: { n: 1, on: new Date(5) } }),
    { id: 'b', html: '<title>B</title><p>Two.' },
  ];
  await addDocuments(index, documents, 'add');
  const { generation } = index.writer.manifest;
  expect(await addDocuments(index, structuredClone(documents), 'add')).toMatchObject({
    unchanged: 2,
    updated: 0,
  });
  expect(index.writer.manifest.generation).toBe(generation);
});

test.each<[string, Partial<LiveDocument>]>([
  ['title', { title: 'Other' }],
  ['text', { text: 'Other.' }],
  ['address', { url: '/other' }],
  ['fields', { fields: { n: 2 } }],
  ['language', { language: 'de' }],
])('another %s alone is a change', async (_, change) => {
  const index = await openTestIndex();
  const before = note('a', 'One.', { title: 'A', url: '/a', fields: { n: 1 } });
  await addDocuments(index, [before], 'add');
  expect(await addDocuments(index, [{ ...before, ...change }], 'add')).toMatchObject({ updated: 1 });
  expect((await contentOf(index)).size).toBe(1);
  expect(index.writer.manifest.segments.map(({ deadPages }) => deadPages)).toEqual([1, 0]);
});

test('of documents that come twice in a call the last one is taken', async () => {
  const index = await openTestIndex();
  const report = await addDocuments(
    index,
    [note('a', 'One.'), note('b', 'Two.'), note('a', 'Three.')],
    'add',
  );
  expect(report).toMatchObject({ added: 2, updated: 0 });
  const all = await contentOf(index);
  expect([...all.keys()]).toEqual(['b', 'a']);
  expect(all.get('a')!.page.passages[0]!.text).toBe('Three.');
});

test('a document without a word is left out, and its earlier version goes', async () => {
  const index = await openTestIndex();
  await addDocuments(index, [note('a', 'One.'), note('b', 'Two.')], 'add');
  const report = await addDocuments(index, [note('a', ' \n'), note('c', '')], 'add');
  expect(report).toEqual({
    added: 0,
    updated: 0,
    unchanged: 0,
    leftOut: ['a', 'c'].map((id) => ({ id, reason: 'it has neither a title nor text' })),
  });
  expect([...(await contentOf(index)).keys()]).toEqual(['b']);
});

test('update changes what is given and leaves the rest as it is', async () => {
  const index = await openTestIndex();
  const text = '# Bread\n\nFlour and water.\n\n## Oven\n\nHot.';
  await addDocuments(index, [note('a', text, { url: '/a', fields: { n: 1 } })], 'add');
  const before = (await contentOf(index)).get('a')!;
  const update = (change: Partial<LiveDocument>) => addDocuments(index, [{ id: 'a', ...change }], 'update');
  const now = async () => (await contentOf(index)).get('a')!;

  expect(await update({ fields: { n: 2 } })).toMatchObject({ updated: 1 });
  expect(await now()).toMatchObject({ page: before.page, fields: { n: 2 } });
  await update({ title: 'Loaf' });
  expect((await now()).page).toEqual({ ...before.page, title: 'Loaf' });
  const terms = await termsOf(index);
  expect(terms.get('loaf')).toHaveLength(2);
  expect(terms.get('bread')).toBeUndefined();
  await update({ text: 'Rye.' });
  expect(await now()).toMatchObject({ page: { title: 'Loaf', url: '/a' }, fields: { n: 2 } });
  expect((await now()).page.passages.map((passage) => passage.text)).toEqual(['Rye.']);
  expect(await update({ text: 'Rye.', title: 'Loaf', fields: { n: 2 } })).toMatchObject({ unchanged: 1 });
  // What updates have made of it is what one call would have added.
  const same = note('a', 'Rye.', { title: 'Loaf', url: '/a', fields: { n: 2 } });
  expect(await addDocuments(index, [same], 'add')).toMatchObject({ unchanged: 1 });
});

test('a title or language that the text told is told by the text that replaces it', async () => {
  const index = await openTestIndex();
  index.language = '';
  await addDocuments(index, [{ id: 'a', html: '<html lang=de><h1>Brot</h1><p>Mehl.' }], 'add');
  const html = '<html lang=en><h1>Bread</h1><p>Flour.';
  await addDocuments(index, [{ id: 'a', html }], 'update');
  expect((await contentOf(index)).get('a')!.page).toMatchObject({ title: 'Bread', language: 'en' });
  expect(await addDocuments(index, [{ id: 'a', html }], 'add')).toMatchObject({ unchanged: 1 });
});

test('two updates of one document in a call are both made', async () => {
  const index = await openTestIndex();
  await addDocuments(index, [note('a', 'One.', { title: 'A' })], 'add');
  const report = await addDocuments(index, [{ id: 'a', title: 'B' }, note('a', 'Two.')], 'update');
  expect(report).toMatchObject({ updated: 1 });
  expect((await contentOf(index)).get('a')!.page).toMatchObject({ title: 'B', passages: [{ text: 'Two.' }] });
});

test('an update that leaves neither title nor text takes the document away', async () => {
  const index = await openTestIndex();
  await addDocuments(index, [note('a', '', { title: 'Only a title' }), note('b', 'Two.')], 'add');
  expect(await addDocuments(index, [{ id: 'a', title: '' }], 'update')).toMatchObject({
    leftOut: [{ id: 'a' }],
  });
  expect([...(await contentOf(index)).keys()]).toEqual(['b']);
});

test.each<[string, unknown[], 'add' | 'update', string]>([
  ['an id that is missing', [{ text: 'x' }], 'add', 'expected an id that is a string'],
  ['an id that is a number', [{ id: 7, text: 'x' }], 'add', 'received 7'],
  ['no text', [{ id: 'a', title: 'A' }], 'add', 'the document "a": expected html or text, received neither'],
  [
    'both',
    [{ id: 'a', text: '', html: '' }],
    'add',
    'the document "a": expected html or text, received both',
  ],
  [
    'a title that is none',
    [{ id: 'a', text: '', title: 5 }],
    'add',
    'title of the document "a": expected a string',
  ],
  ['html that is none', [{ id: 'a', html: {} }], 'add', 'html of the document "a"'],
  ['a field that is none', [{ id: 'a', text: '', fields: { x: null } }], 'add', '"x" of the document "a"'],
  ['ids that are not known', [{ id: 'a' }, { id: 'z', title: 'Z' }], 'update', 'received "z"'],
])('%s is refused by name, and nothing is written', async (_, documents, mode, message) => {
  const index = await openTestIndex();
  await addDocuments(index, [note('a', 'One.')], 'add');
  const { generation } = index.writer.manifest;
  await expect(addDocuments(index, documents as LiveDocument[], mode)).rejects.toThrow(message);
  expect(index.writer.manifest.generation).toBe(generation);
});

test('documents with embeddings of their own are coded at once, all passages alike', async () => {
  const index = await openTestIndex();
  const embedding = Float32Array.from({ length: 16 }, (_, i) => i - 7.5);
  const text = '# One\n\nFirst.\n\n# Two\n\nSecond.';
  await addDocuments(index, [note('a', text.repeat(40), { embedding }), note('b', 'Without.')], 'add');
  const all = await contentOf(index);
  const unit = embedding.map((x) => x / Math.hypot(...embedding));
  const { rows, page } = all.get('a')!;
  expect(rows).toHaveLength(page.passages.length);
  for (const row of rows!) expect(cosine(row, unit)).toBeGreaterThan(0.99);
  expect(all.get('b')!.rows).toBeNull();
  expect(index.writer.manifest.model).toMatchObject({ dim: 16, folder: null });
});

test('an update that leaves title and text keeps the embedding; one that does not drops it', async () => {
  const index = await openTestIndex();
  const embedding = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
  await addDocuments(index, [note('a', 'One.', { embedding })], 'add');
  for (const n of [1, 2, 3, 4, 5]) await addDocuments(index, [{ id: 'a', fields: { n } }], 'update');
  const [row] = (await contentOf(index)).get('a')!.rows!;
  expect(cosine(row!, embedding)).toBeGreaterThan(0.99);
  await addDocuments(index, [{ id: 'a', text: 'Two.' }], 'update');
  expect((await contentOf(index)).get('a')!.rows).toBeNull();
});

const wide = (length: number, value = 1) => new Array<number>(length).fill(value);
test.each<[string, number[], string]>([
  [
    'of another width than the index',
    wide(24),
    'Embedding of the document "x": expected 16 numbers, as the index has',
  ],
  [
    'that are not a multiple of 8 wide',
    wide(12),
    'expected a multiple of 8 numbers, 1,024 at most, received 12',
  ],
  ['with a number that is none', [Number.NaN, ...wide(15)], 'expected finite numbers, received NaN at 0'],
  ['of zeros', wide(16, 0), 'expected a number other than 0, received zeros alone'],
])('embeddings %s are refused by name', async (_, embedding, message) => {
  const index = await openTestIndex();
  await addDocuments(index, [note('a', 'One.', { embedding: wide(16) })], 'add');
  const failed = addDocuments(index, [note('b', 'Two.'), note('x', 'Three.', { embedding })], 'add');
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toBeInstanceOf(ShapeError);
  expect([...(await contentOf(index)).keys()]).toEqual(['a']);
});

test('embeddings of one call must be equally wide', async () => {
  const index = await openTestIndex();
  const documents = [note('a', 'One.', { embedding: wide(16) }), note('b', 'Two.', { embedding: wide(8) })];
  await expect(addDocuments(index, documents, 'add')).rejects.toThrow(
    'Embedding of the document "b": expected 16 numbers, as the document "a" has, received 8',
  );
});

test('the spread of the app’s own cosines is estimated from 32 documents on', async () => {
  const index = await openTestIndex();
  const rows = randomUnits(68, 16, 3);
  const documents = (from: number, n: number) =>
    Array.from({ length: n }, (_, i) => {
      const embedding = rows.subarray((from + i) * 16, (from + i + 1) * 16);
      return note(`${from + i}`, 'Text.', { embedding });
    });
  await addDocuments(index, documents(0, 4), 'add');
  expect(index.writer.manifest.model!.cosineSd).toBe(0.109);
  await addDocuments(index, documents(4, 64), 'add');
  // Directions in 16 dimensions that have nothing to do with each other spread by a quarter.
  expect(index.writer.manifest.model!.cosineSd).toBeGreaterThan(0.18);
  expect(index.writer.manifest.model!.cosineSd).toBeLessThan(0.35);
});

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}
