import { expect, test } from 'vitest';
import { fill, megabytes } from './strings';

test('fills places and leaves unknown ones visible', () => {
  expect(fill('{a} of {b} {c}', { a: 'x', b: 2 }, 'en')).toBe('x of 2 {c}');
});

test('chooses the plural of the language and falls back to other', () => {
  const phrase = { one: '{n} strona', few: '{n} strony', other: '{n} stron' };
  expect([1, 3, 12].map((n) => fill(phrase, { n }, 'pl'))).toEqual(['1 strona', '3 strony', '12 stron']);
  expect(fill({ other: '{n} Seiten' }, { n: 1 }, 'de')).toBe('1 Seiten');
});

test('writes numbers as the language does, and never fails on a tag that is none', () => {
  expect(megabytes(3_140_000, 'de')).toBe('3,1');
  expect(megabytes(13_000_000, 'en')).toBe('13.0');
  expect(fill('{n}', { n: 1234 }, 'not a language!')).toMatch(/1.?234/);
});
