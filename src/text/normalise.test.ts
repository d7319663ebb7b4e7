import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseCode, normaliseText } from './normalise';

describe('normaliseText', () => {
  test('collapses every kind of whitespace to one space', () => {
    expect(normaliseText('  a \t\n b\u00a0\u3000c\u2028d\r\n')).toBe('a b c d');
  });

  test('composes letters and accents', () => {
    expect(normaliseText('cafe\u0301')).toBe('caf\u00e9');
  });

  test('keeps full-width forms and ligatures as they are shown', () => {
    expect(normaliseText('ＡＢＣ ﬁne')).toBe('ＡＢＣ ﬁne');
  });

  test('drops control characters, soft hyphens, zero-width spaces, bidi marks and byte order marks', () => {
    expect(normaliseText('a\u0000b\u0007 in\u00adfor\u200bma\u2060tion \u202dx\u202c\ufeffy\u200e')).toBe(
      'ab information xy',
    );
  });

  test('leaves one space where a control character stood between two', () => {
    expect(normaliseText('a \u0001 b')).toBe('a b');
  });

  test('drops half surrogate pairs and keeps whole ones', () => {
    expect(normaliseText('a\ud83d b\udc4d 👍')).toBe('a b 👍');
  });

  test('keeps joiners inside emoji and Persian words', () => {
    expect(normaliseText('👩‍🔬 🏳️‍🌈')).toBe('👩‍🔬 🏳️‍🌈');
    expect(normaliseText('می‌خواهم')).toBe('می‌خواهم');
  });

  test('drops joiners at the edge of words and between Latin letters', () => {
    expect(normaliseText('\u200dabc\u200c d\u200cef می\u200c.')).toBe('abc def می.');
  });

  test('composes an accent with the letter that a dropped joiner stood behind', () => {
    expect(normaliseText('e\u200d\u0301')).toBe('\u00e9');
  });

  test('changes nothing the second time', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u200c', '\u200d', '\u0301', 'e', '\u212a', ' ', '\u00ad', 'م', '\ud800', '\ufeff'),
    );
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        const once = normaliseText(parts.join(''));
        expect(normaliseText(once)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  test('reads a long run of blanks in linear time', () => {
    expect(normaliseText(`a${' '.repeat(2_000_000)}b`)).toBe('a b');
  });
});

describe('normaliseCode', () => {
  test('keeps lines and indentation, drops blank lines around and spaces at line ends', () => {
    expect(normaliseCode('\n\n  if (x) {\u00a0 \r\n\ty()\n\n  }\n \n')).toBe('  if (x) {\n\ty()\n\n  }');
  });

  test('drops invisible characters', () => {
    expect(normaliseCode('a\u200bb\n\u0000c')).toBe('ab\nc');
  });

  test('reads long runs of blanks in linear time', () => {
    expect(normaliseCode(`a${' '.repeat(2_000_000)}b`)).toHaveLength(2_000_002);
  });
});
