import { expect, test } from 'vitest';
import { makeHit, makePassage } from './fake-index.fixture';
import { rowLink } from './rows';

const link = (url: string, siteRoot = 'https://example.org/docs/') =>
  rowLink({ id: '', hit: makeHit('/', { url }), passage: null }, siteRoot);

test('paths of the site are taken from its root, which may be a folder', () => {
  expect(link('/guide/')).toBe('https://example.org/docs/guide/');
  expect(link('/guide/#:~:text=a%20b')).toBe('https://example.org/docs/guide/#:~:text=a%20b');
  expect(link('/')).toBe('https://example.org/docs/');
});

test('whole addresses stay as they are', () => {
  expect(link('https://example.com/x')).toBe('https://example.com/x');
});

test('a passage leads to its own place', () => {
  const hit = makeHit('/a/');
  const passage = makePassage({ link: '/a/#b' });
  expect(rowLink({ id: '', hit, passage }, 'https://example.org/')).toBe('https://example.org/a/#b');
});

test('addresses that are no web addresses give no link', () => {
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://example.org/1',
    'http://[',
  ]) {
    expect(link(url)).toBe('');
  }
});
