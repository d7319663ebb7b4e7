/**
 * Segments beside bundles of the same documents.
 * In: documents. Out: blocks compared.
 */
import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { memoryStore } from '../store/memory-store';
import { readPlainText } from '../text';
import { addDocuments } from './add-documents';
import { liveBounds } from './build-segment';
import { openTestIndex } from './tidy-index.fixture';

const texts = [
  '# First\n\nRunning water of the river.\n\n# Second\n\nStones lie in it.',
  'Brot und Wasser der Mühle.',
  'A title says the rest.',
];

test('words are posted just as a bundle posts them', async () => {
  const store = memoryStore();
  const documents = texts.map((text, i) => ({ id: `${i}`, title: `Note ${i}`, text }));
  await buildIndex(
    documents.map(({ id, title, text }) => ({
      ...readPlainText(text, { id, url: id, title }),
      language: id === '1' ? 'de' : 'en',
    })),
    { store, encoder: null },
  );
  const index = await openTestIndex();
  const given = documents.map((document) => ({ ...document, language: document.id === '1' ? 'de' : 'en' }));
  await addDocuments(index, given, 'add');
  const bundle = await store.readManifest();
  const [segment] = index.writer.manifest.segments;
  for (const [kind, ours, theirs] of [
    ['postings', segment!.postings, bundle.postings],
    ['pages', [segment!.pages], [bundle.pages]],
    ['texts', segment!.groups.map(({ texts }) => texts), bundle.groups.map(({ texts }) => texts)],
  ] as const) {
    expect(ours.length).toBe(theirs.length);
    for (const [i, ref] of ours.entries())
      expect(await index.store.readBlock(kind, ref)).toEqual(await store.readBlock(kind, theirs[i]!));
  }
  expect(segment!.counts).toEqual(bundle.counts);
  expect(segment!.totalLength / segment!.counts.passages).toBeCloseTo(bundle.lexical.averageLength);
  expect(segment!.languages).toEqual({ en: 2, de: 1 });
});

test('groups hold about as much text as is embedded at once, and a large document is one by itself', async () => {
  const index = await openTestIndex();
  const words = 'Every note in this book was written by hand. ';
  const documents = Array.from({ length: 300 }, (_, i) => ({
    id: `${i}`,
    text: words.repeat(i === 150 ? 9000 : 20),
  }));
  await addDocuments(index, documents, 'add');
  const { groups, counts } = index.writer.manifest.segments[0]!;
  expect(groups.length).toBeGreaterThan(3);
  const sum = (key: 'pages' | 'passages') => groups.reduce((total, group) => total + group[key], 0);
  expect([sum('pages'), sum('passages')]).toEqual([counts.pages, counts.passages]);
  const [reader] = index.readers.of(index.writer.manifest, null);
  for (const group of groups.keys()) {
    const pages = await reader!.texts(group);
    const length = pages
      .flatMap(({ passages }) => passages)
      .reduce((total, { text }) => total + text.length, 0);
    if (pages.length > 1) expect(length).toBeLessThanOrEqual(liveBounds.max);
  }
  expect(groups.some(({ pages }) => pages === 1)).toBe(true);
});
