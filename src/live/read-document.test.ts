/**
 * Documents as apps hand them over: what is read of them.
 * In: HTML and plain text. Out: titles, passages, languages.
 */
import { expect, test } from 'vitest';
import { addDocuments } from './add-documents';
import type { LiveDocument } from './live-types';
import { cutOptions } from './read-document';
import { contentOf, openTestIndex } from './tidy-index.fixture';

async function read(document: Omit<LiveDocument, 'id'>, language = '') {
  const index = Object.assign(await openTestIndex(), { language });
  await addDocuments(index, [{ id: 'x', ...document }], 'add');
  return (await contentOf(index)).get('x')!.page;
}

test('HTML is read as a page is, bytes or text', async () => {
  const html = '<html lang=DE><title>Site</title><nav>Menu</nav><h1>Brot</h1><p>Mehl &amp; Wasser.';
  const page = await read({ html });
  expect(page).toMatchObject({ title: 'Brot', language: 'de', url: 'x' });
  expect(page.passages.map(({ text }) => text)).toEqual(['Mehl & Wasser.']);
  expect(await read({ html: new TextEncoder().encode(html) })).toEqual(page);
  expect(await read({ html, title: 'Other' })).toMatchObject({ title: 'Other' });
});

test('a page that asks search engines to leave it out is the app’s own to add', async () => {
  const page = await read({ html: '<meta name=robots content=noindex><title>A</title><p>Found.' });
  expect(page.passages).toHaveLength(1);
});

test('the first heading of a text is its title where the app gives none', async () => {
  expect(await read({ text: '# Bread\n\nFlour.' })).toMatchObject({ title: 'Bread' });
  expect(await read({ text: '# Bread\n\nFlour.', title: 'Loaf' })).toMatchObject({
    title: 'Loaf',
    passages: [{ headings: ['Bread'] }],
  });
});

test('long texts are cut, each passage below what models read', async () => {
  const text = 'Every note in this book was written by hand and read by others later. '.repeat(200);
  const { passages } = await read({ text, title: 'Notes' });
  expect(passages.length).toBeGreaterThan(8);
  for (const passage of passages)
    expect(cutOptions.countTokens(passage.text)).toBeLessThan(cutOptions.maxTokens);
});

test.each<[string, Omit<LiveDocument, 'id'>, string, string]>([
  ['the document says', { text: 'x', language: 'pt-BR' }, 'en', 'pt-br'],
  ['the index says, though the page does as well', { html: '<html lang=de><p>Mehl.' }, 'en', 'en'],
  ['the page says', { html: '<html lang=de><p>Flour and water of the house.' }, '', 'de'],
  ['its words tell', { text: 'Das Brot ist aus dem Mehl und mit Wasser von der Mühle.' }, '', 'de'],
  ['nothing tells', { text: 'xyz 123' }, '', ''],
])('the language of a document is the one that %s', async (_, document, language, expected) => {
  expect(await read(document, language)).toMatchObject({ language: expected });
});

test('short texts are taken for the language of those before them', async () => {
  const index = Object.assign(await openTestIndex(), { language: '' });
  const long = 'Das Brot ist aus dem Mehl und mit Wasser von der Mühle.';
  await addDocuments(index, [{ id: 'a', text: long }], 'add');
  await addDocuments(index, [{ id: 'b', text: 'Brot und Butter' }], 'add');
  const reopened = Object.assign(await openTestIndex(index.memory), { language: '' });
  await addDocuments(reopened, [{ id: 'c', text: 'Käse und Wein' }], 'add');
  const all = await contentOf(reopened);
  expect([...all.values()].map(({ page }) => page.language)).toEqual(['de', 'de', 'de']);
});
