import { expect, it } from 'vitest';
import { baseLanguage, knowsLanguage } from './known-language';

it.each([
  ['a language it names', ['en', 'de'], 'de', true],
  ['a region of a language it names', ['en'], 'en-GB', true],
  ['a language it does not name', ['en'], 'zh', false],
  ['a page that names no language', ['en'], '', true],
  ['any language where it names none', undefined, 'zh', true],
])('a model takes or refuses %s', (_, languages, tag, known) => {
  expect(knowsLanguage(languages ? { languages } : {}, tag)).toBe(known);
});

it('the base of a tag ends at the first - or _', () => {
  expect(['en', 'pt-BR', 'zh_Hant_TW', ''].map(baseLanguage)).toEqual(['en', 'pt', 'zh', '']);
});
