import { expect, test } from 'vitest';
import { readHtml } from './html';
import { linkedPages, pageKey } from './links';

test('the ways to write a page’s address have one key', () => {
  const same = ['/guide', '/guide/', '/guide/index.html', '/guide.html', '/guide/#top', '/guide/?q=1'];
  expect(new Set(same.map(pageKey))).toEqual(new Set(['/guide']));
  expect(pageKey('/')).toBe('');
});

test('links lead to other pages of the site, each once, wherever they are written from', () => {
  const hrefs = [
    '../b/',
    './c.html#part',
    '/b/index.html',
    '#here',
    './',
    'https://elsewhere.example/b/',
    'mailto:a@b.c',
  ];
  expect(linkedPages(hrefs, '/docs/a/', null)).toEqual(['/docs/b', '/docs/a/c', '/b']);
});

test('the canonical URL tells which absolute addresses are the site’s own', () => {
  const hrefs = ['https://bread.example/oven/', 'https://cake.example/'];
  expect(linkedPages(hrefs, '/a/', 'https://bread.example/a/')).toEqual(['/oven']);
});

test('addresses that no browser could follow are passed over', () => {
  expect(linkedPages(['http://[', 'javascript:void 0', ''], '/a/', 'http://[')).toEqual([]);
});

test('a page’s links are those of its text, not of its furniture', () => {
  const page = readHtml(
    '<nav><a href="/menu/">Menu</a></nav><main><h1>A</h1><p>See <a href="/b/">b</a> and <a href="/b/#x">b</a>.</p></main>',
    { url: '/a/' },
  );
  expect(page.links).toEqual(['/b']);
});
