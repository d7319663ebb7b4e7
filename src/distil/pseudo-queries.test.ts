import { expect, test } from 'vitest';
import type { StoredPage } from '../types';
import { makePseudoQueries } from './pseudo-queries';

function page(title: string, passages: [heading: string, text: string][]): StoredPage {
  return {
    id: title,
    url: `/${title}`,
    title,
    description: '',
    language: 'en',
    passages: passages.map(([heading, text]) => ({
      headings: heading === '' ? [] : [heading],
      anchor: null,
      text,
    })),
  };
}

const box = page('Flexible box layout', [
  [
    '',
    'A flex container lays out its items along one axis. It can wrap them onto several lines when needed.',
  ],
  ['See also', 'const box = document.querySelector("#a > b[c=d]"); // {}[]();'],
]);
const grid = page('Grid layout', [
  ['See also', 'Grid layout places the children of an element into rows and columns that authors define.'],
]);

test('titles, headings, both together, sentences, stretches and words of them all stand in for queries', async () => {
  const queries = await makePseudoQueries([box, grid], 1000);
  const texts = (form: string) => queries.filter((query) => query.form === form).map(({ text }) => text);
  expect(texts('title').sort()).toEqual(['Flexible box layout', 'Grid layout']);
  expect(texts('heading')).toEqual(['See also']);
  expect(texts('titled').sort()).toEqual(['Flexible box layout See also', 'Grid layout See also']);
  expect(texts('sentence').sort()).toEqual([
    'A flex container lays out its items along one axis.',
    'Grid layout places the children of an element into rows and columns that authors define.',
    'It can wrap them onto several lines when needed.',
  ]);
  expect(texts('span').length).toBeGreaterThanOrEqual(2);
  for (const span of texts('span')) expect(span.split(' ').length).toBeLessThanOrEqual(8);
  expect(new Set(queries.map(({ text }) => text.toLowerCase())).size).toBe(queries.length);
});

test('a text knows its page, unless several say it', async () => {
  const queries = await makePseudoQueries([box, grid], 1000);
  const pageOf = new Map(queries.map(({ text, page }) => [text, page]));
  expect(pageOf.get('Flexible box layout')).toBe(0);
  expect(pageOf.get('Grid layout See also')).toBe(1);
  expect(pageOf.get('See also')).toBe(-1);
});

test('lines of code are left out', async () => {
  const queries = await makePseudoQueries([box], 1000);
  expect(queries.filter(({ text }) => text.includes('querySelector'))).toEqual([]);
});

test('the same pages give the same texts in the same order, and fewer are a choice among them', async () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    page(`Page number ${i}`, [['', `The sentence with the number ${i} says what there is to say of it.`]]),
  );
  const all = await makePseudoQueries(many, 10_000);
  expect(await makePseudoQueries(many, 10_000)).toEqual(all);
  const some = await makePseudoQueries(many, 30);
  expect(some).toHaveLength(30);
  expect(all.map(({ text }) => text)).toEqual(expect.arrayContaining(some.map(({ text }) => text)));
});

test('a text without spaces is cut between characters', async () => {
  const text =
    '弾性箱配置は項目を一つの軸に沿って並べる方法であり必要に応じて複数の行に折り返すことができる。';
  const queries = await makePseudoQueries([page('弾性箱', [['', text]])], 1000);
  const spans = queries.filter(({ form }) => form === 'span').map(({ text }) => text);
  expect(spans).toHaveLength(1);
  expect(text).toContain(spans[0]);
  expect(spans[0]!.length).toBeLessThanOrEqual(16);
});

test('a site without text has none', async () => {
  expect(await makePseudoQueries([], 100)).toEqual([]);
  expect(await makePseudoQueries([page('', [['', '']])], 100)).toEqual([]);
});
