import { describe, expect, test } from 'vitest';
import { NearbitError } from '../errors';
import type { SourceDocument } from '../types';
import { readHtml } from './html';
import { cutPassages } from './passages';

const read = (html: string | Uint8Array) => readHtml(html, { url: '/page/' });
const allText = (document: SourceDocument) =>
  document.sections.flatMap((section) => section.blocks).join(' ');
const countTokens = (text: string) => text.match(/\S+/g)?.length ?? 0;
const cut = (document: SourceDocument) => cutPassages(document, { maxTokens: 200, countTokens });

describe('malformed markup', () => {
  test.each([
    ['unclosed elements', '<p>a<b>b<p>c<div>d', 'ab c d'],
    ['crossed elements', '<b>a<i>b</b>c</i>d', 'abcd'],
    ['stray end tags', '</div></p>a</main></body>b', 'ab'],
    ['text between table rows', '<table>a<tr>b<td>c</table>', 'ab c'],
    ['headings in headings', '<h2>a<h3>b</h3>c</h2>d', 'cd'],
    ['broken attributes and tags', '<p class="a id=>b" <c>d</p', 'd'],
    ['an unclosed comment', 'a<!-- b', 'a'],
    ['an unclosed script', 'a<script>b', 'a'],
    ['no html, head or body', 'a', 'a'],
    ['a frameset', '<frameset><frame src=a></frameset>', ''],
  ])('is read as a browser reads it: %s', (_, page, text) => {
    expect(allText(read(page))).toBe(text);
  });
});

describe('pages that are no HTML', () => {
  test('are refused when they are binary', () => {
    const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    expect(() => read(image)).toThrow(NearbitError);
    expect(() => read(image)).toThrow('Skipped /page/: expected HTML text, received a PNG image;');
  });

  test('are text when they are text', () => {
    expect(allText(read('{"a": 1}'))).toBe('{"a": 1}');
  });
});

describe('pages without text', () => {
  test('have their description for a passage', () => {
    expect(cut(read('<title>Map</title><meta name=description content="All shops">'))).toEqual([
      { headings: [], anchor: null, text: 'All shops' },
    ]);
  });

  test('have one empty passage under their title', () => {
    expect(cut(read('<title>Map</title><canvas></canvas>'))).toEqual([
      { headings: [], anchor: null, text: '' },
    ]);
  });

  test('have none without a title', () => {
    expect(cut(read('<div></div>'))).toEqual([]);
  });
});

describe('odd characters', () => {
  test('leave emoji whole and no control characters', () => {
    const page = read('<h1>👩‍🔬 lab</h1><p>a\u0001b &#0; &#x80; \ud800 🇨🇭 e\u0301');
    expect(page.title).toBe('👩‍🔬 lab');
    expect(allText(page)).toBe('ab \ufffd € 🇨🇭 é');
  });
});

describe('huge pages are read in linear time', { timeout: 120_000 }, () => {
  test('40 MB of prose', () => {
    const paragraph = `<p>${'The <b>quick</b> brown fox jumps over the lazy dog. '.repeat(20)}</p>\n`;
    const times = Math.ceil(40_000_000 / paragraph.length);
    const document = read(new TextEncoder().encode(paragraph.repeat(times)));
    expect(document.sections[0]!.blocks).toHaveLength(times);
    expect(cut(document)).toHaveLength(times);
  });

  test('a paragraph of 3 MB', () => {
    const words = 800_000;
    const passages = cut(read(`<title>T</title><p>${'abc '.repeat(words)}`));
    expect(passages.reduce((sum, passage) => sum + countTokens(passage.text), 0)).toBe(words);
  });

  test('10,000 headings, each with its text', () => {
    const page = Array.from({ length: 10_000 }, (_, i) => `<h2 id=h${i}>Heading ${i}</h2><p>text ${i}`).join(
      '',
    );
    const document = read(page);
    expect(document.sections).toHaveLength(10_000);
    const text = cut(document)
      .map((passage) => passage.text)
      .join('\n');
    for (const i of [0, 5000, 9999]) expect(text).toContain(`Heading ${i}\ntext ${i}`);
  });

  test('10,000 headings without text', () => {
    const page = Array.from({ length: 10_000 }, (_, i) => `<h3 id=h${i}>Heading ${i}</h3>`).join('');
    const passages = cut(read(page));
    expect(
      passages
        .map((passage) => passage.text)
        .join('\n')
        .match(/Heading/g),
    ).toHaveLength(10_000);
    expect(passages.at(-1)!.anchor).not.toBe('h0');
  });

  test.each([
    ['elements', '<div>'],
    ['inline elements', '<b>'],
    ['sections with headings', '<section><h2>h</h2>'],
    ['tables', '<table><tr><td>'],
    ['lists', '<ul><li>'],
    ['marked elements', '<div data-nearbit-body>'],
    ['articles', '<article>'],
    ['headers', '<main><header>'],
    ['drawings', '<svg><g>'],
  ])('100,000 nested %s', (name, markup) => {
    const document = read(`<title>T</title>${markup.repeat(100_000)}deep`);
    expect(allText(document)).toBe(name === 'drawings' ? '' : 'deep');
  });

  test('a table with 100,000 pieces of text in the wrong place', () => {
    const text = allText(read(`<table>${'x<tr><b>y</b>'.repeat(100_000)}`));
    expect(text.replaceAll(' ', '')).toBe('xy'.repeat(100_000));
  });
});
