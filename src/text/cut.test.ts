import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, cutToFit, sentences } from './cut';

const words = (text: string) => text.match(/\S+/g)?.length ?? 0;
const characters = (text: string) => [...text].filter((character) => /\S/.test(character)).length;
const cut = (text: string, room: number, count = words) =>
  [...cutText(text, count(text), room, count)].map((piece) => piece.text);

describe('sentences', () => {
  test.each([
    ['One. Two! “Three?” Four… (Five.) 6.', ['One. ', 'Two! ', '“Three?” ', 'Four… ', '(Five.) ', '6.']],
    ['Version 1.2 of file.ts, e.g. this one.', ['Version 1.2 of file.ts, e.g. this one.']],
    ['今日は。「はい。」明日も？', ['今日は。', '「はい。」', '明日も？']],
    ['آیا؟ بله۔ خوب', ['آیا؟ بله۔ ', 'خوب']],
    ['a();\n\n  b();\nc', ['a();\n\n', '  b();\n', 'c']],
  ])('of %j', (text, expected) => {
    expect([...sentences(text)]).toEqual(expected);
  });

  test('are found in linear time', () => {
    const text = `${'.'.repeat(300_000)}${'" '.repeat(300_000)}${'! '.repeat(300_000)}`;
    expect([...sentences(text)].join('')).toBe(text);
  });
});

describe('cutText', () => {
  test('leaves a text that fits alone', () => {
    expect(cut('One two. Three four.', 4)).toEqual(['One two. Three four.']);
  });

  test('cuts between sentences before it cuts between words', () => {
    expect(cut('One two. Three four five. Six.', 3)).toEqual(['One two. ', 'Three four five. ', 'Six.']);
    expect(cut('One two. Three four five. Six.', 2)).toEqual([
      'One two. ',
      'Three ',
      'four ',
      'five. ',
      'Six.',
    ]);
  });

  test('cuts a word of 40,000 characters, never inside a surrogate pair', () => {
    const text = '👍x'.repeat(20_000);
    const pieces = cut(text, 100, characters);
    expect(pieces.join('')).toBe(text);
    expect(pieces.every((piece) => !/\p{Cs}/u.test(piece) && characters(piece) <= 100)).toBe(true);
    expect(pieces.length).toBeLessThan(800);
  });

  test('gives pieces that fit and make up the text', () => {
    const text = fc.array(fc.constantFrom('a', 'bc', '👍', '語', ' ', '  ', '\n', '. ', '。', 'É'), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(words, characters),
        (parts, room, count) => {
          const pieces = cut(parts.join(''), room, count);
          expect(pieces.join('')).toBe(parts.join(''));
          for (const piece of pieces) expect(count(piece)).toBeLessThanOrEqual(room);
        },
      ),
    );
  });
});

describe('cutToFit', () => {
  test('keeps whole what fits, else the longest beginning of whole words', () => {
    expect(cutToFit('one two three', 3, words)).toBe('one two three');
    expect(cutToFit('one two three', 2, words)).toBe('one two');
    expect(cutToFit('語語語語', 2, characters)).toBe('語語');
  });

  test('keeps nothing where there is no room', () => {
    expect(cutToFit('one', 0, words)).toBe('');
    expect(cutToFit('one', -3, words)).toBe('');
  });
});
