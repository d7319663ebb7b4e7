import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSingleUnspaced, maxTokenLength, runTokens, type Token, textRuns } from './tokens';

function tokens(text: string): Token[] {
  return [...textRuns(text)].flatMap(({ 0: run, index }) =>
    runTokens(run).map((token) => ({ ...token, start: token.start + index, end: token.end + index })),
  );
}
const spell = (text: string, kind?: Token['kind']) =>
  tokens(text).flatMap((token) => (kind === undefined || token.kind === kind ? [token.text] : []));

test('words are runs of letters, marks and digits; everything else parts them', () => {
  expect(spell('The 3 quick, brown (foxes)! £5')).toEqual(['The', '3', 'quick', 'brown', 'foxes', '5']);
});

test('apostrophes of every kind part words the same way', () => {
  for (const sign of ["'", '’', '\u02BC'])
    expect(spell(`l${sign}homme don${sign}t`)).toEqual(['l', 'homme', 'don', 't']);
});

test('a joined name gives its words and itself, and dots between digits stay', () => {
  expect(spell('flex-direction')).toEqual(['flex', 'direction', 'flexdirection']);
  expect(spell('node.js', 'whole')).toEqual(['nodejs']);
  expect(spell('snake_case', 'whole')).toEqual(['snakecase']);
  expect(spell('block__element--modifier', 'whole')).toEqual(['blockelementmodifier']);
  expect(spell('non\u2011breaking', 'whole')).toEqual(['nonbreaking']);
  expect(spell('3.14', 'whole')).toEqual(['3.14']);
  expect(spell('end of one.Beginning of two', 'whole')).toEqual(['oneBeginning']);
  expect(spell('HTMLElement.prototype.focus', 'whole')).toEqual([]);
});

test('a camelCase word gives itself and its pieces, an abbreviation none', () => {
  expect(spell('stopPropagation')).toEqual(['stopPropagation', 'stop', 'Propagation']);
  expect(spell('XMLHttpRequest', 'piece')).toEqual(['XML', 'Http', 'Request']);
  expect(spell('getURLs', 'piece')).toEqual(['get', 'URLs']);
  expect(spell('iOS APIs HTML Word ES2015', 'piece')).toEqual(['OS', 'ES', '2015']);
  expect(tokens('stopPropagation')[2]).toEqual({ text: 'Propagation', kind: 'piece', start: 4, end: 15 });
});

test('scripts without spaces and Korean become overlapping pairs, Han characters pieces as well, a lone one a word', () => {
  expect(spell('東京都に')).toEqual(['東京', '京都', '都に', '東', '京', '都']);
  expect(spell('コーヒー')).toEqual(['コー', 'ーヒ', 'ヒー']);
  expect(spell('한국어')).toEqual(['한국', '국어']);
  expect(spell('木')).toEqual(['木']);
  expect(spell('HTML要素')).toEqual(['HTML', '要素', '要', '素']);
  expect(tokens('東京都')[1]).toEqual({ text: '京都', kind: 'word', start: 1, end: 3 });
  expect(tokens('東京都')[3]).toEqual({ text: '京', kind: 'piece', start: 1, end: 2 });
});

test('Thai, Lao, Khmer and Burmese are paired by letter with its marks, so that every engine agrees', () => {
  expect(spell('ที่นี่')).toEqual(['ที่นี่']);
  expect(spell('ภาษาไทย')).toEqual(['ภา', 'าษ', 'ษา', 'าไ', 'ไท', 'ทย']);
  for (const text of ['ພາສາລາວ', 'ភាសាខ្មែរ', 'မြန်မာဘာသာ']) expect(tokens(text).length).toBeGreaterThan(2);
});

test('spellings that look alike are one: width, ligatures, half-width kana, jamo, soft hyphens', () => {
  expect(spell('ＡＢＣ １')).toEqual(['ABC', '1']);
  expect(spell('eﬃcient')).toEqual(['efficient']);
  expect(spell('ｶﾞｰﾄﾞ')).toEqual(spell('ガード'));
  expect(spell('한국'.normalize('NFD'))).toEqual(['한국']);
  expect(spell('cafe\u0301')).toEqual(['caf\u00e9']);
  expect(spell('Donau\u00ADdampf')).toEqual(['Donaudampf']);
  expect(spell('½')).toEqual(['1', '2']);
});

test('emoji, control characters and lone marks are no tokens', () => {
  expect(tokens('🙂👩🏽‍🚀 \u0000\u0007 \u0301 ❤️ \u{1F1E9}')).toEqual([]);
  expect(spell('a🙂b')).toEqual(['a', 'b']);
});

test('a long token is cut without halving a character', () => {
  expect(spell('x'.repeat(1000))).toEqual(['x'.repeat(maxTokenLength)]);
  expect(spell(`x${'𝒳'.normalize('NFC').repeat(9)}`)[0]).toBe(`x${'X'.repeat(9)}`);
  expect(spell(`x${'𐐀'.repeat(100)}`)[0]).toBe(`x${'𐐀'.repeat(31)}`);
});

test('only one character of a paired script is single', () => {
  expect(['木', 'ท', '가'].map(isSingleUnspaced)).toEqual([true, true, true]);
  expect(['東京', 'a', ''].map(isSingleUnspaced)).toEqual([false, false, false]);
});

test('of any text, tokens are short, within it, in the order of runs and free of the mark for pieces', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      for (const token of tokens(text)) {
        expect(token.text.length).toBeGreaterThan(0);
        expect(token.text.length).toBeLessThanOrEqual(maxTokenLength);
        expect(token.text).not.toMatch(/[!\s]/);
        expect(0 <= token.start && token.start < token.end && token.end <= text.length).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
