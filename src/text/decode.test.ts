import { describe, expect, test } from 'vitest';
import { NearbitError } from '../errors';
import { decodeHtml } from './decode';

const utf8 = (text: string) => new TextEncoder().encode(text);
/** Each character as the byte of its number. */
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string, littleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
};
const decode = (source: Uint8Array) => decodeHtml(source, '/page/');
const refusal = (source: Uint8Array) => {
  try {
    decode(source);
  } catch (error) {
    return error as NearbitError;
  }
  throw new Error('expected a refusal');
};

describe('decodeHtml', () => {
  test('reads UTF-8 without a declaration', () => {
    expect(decode(utf8('<p>Grüße, 世界 👋'))).toBe('<p>Grüße, 世界 👋');
  });

  test('drops a byte order mark and believes it over a declaration', () => {
    expect(decode(utf8('\ufeff<meta charset=latin1>é'))).toBe('<meta charset=latin1>é');
  });

  test('reads UTF-16 of both byte orders by its mark', () => {
    expect(decode(utf16('\ufeff<p>žluť', true))).toBe('<p>žluť');
    expect(decode(utf16('\ufeff<p>žluť', false))).toBe('<p>žluť');
  });

  test.each([
    ['<meta charset="windows-1251">', '\xcf\xf0\xe8', 'При'],
    ['<META CHARSET=Shift_JIS >', '\x93\xfa\x96\x7b', '日本'],
    ["<meta charset='euc-kr'/>", '\xc7\xd1', '한'],
    ['<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2">', '\xb3', 'ł'],
    ['<meta content="text/html;charset=gbk" http-equiv=content-type>', '\xd6\xd0', '中'],
    ['<?xml version="1.0" encoding="windows-1250"?>', '\x9a', 'š'],
    ['<meta charset=x-user-defined>', '\xe9', 'é'],
  ])('believes %s', (declaration, raw, text) => {
    expect(decode(bytes(`${declaration}<p>${raw}`))).toBe(`${declaration}<p>${text}`);
  });

  test('takes a declared UTF-16 for UTF-8, as it could be read', () => {
    expect(decode(utf8('<meta charset=utf-16le>é'))).toContain('é');
  });

  test('passes over declarations in comments and in the words of a description', () => {
    const page = '<!-- <meta charset=gbk> --><meta name=description content="how charset=gbk works">é';
    expect(decode(utf8(page))).toBe(page);
  });

  test('looks for a declaration in the first 1,024 bytes, and further where UTF-8 fails', () => {
    const padding = ' '.repeat(1100);
    expect(decode(utf8(`${padding}<meta charset=windows-1251>é`))).toContain('é');
    expect(decode(bytes(`${padding}<meta charset=windows-1251>\xcf\xf0\xe8`))).toContain('При');
  });

  test('reads windows-1252 where nothing is declared and UTF-8 fails', () => {
    expect(decode(bytes('<p>caf\xe9 \x93quoted\x94'))).toBe('<p>café “quoted”');
  });

  test('reads windows-1252 where UTF-8 is declared and every accent breaks', () => {
    expect(decode(bytes('<meta charset=utf-8><p>caf\xe9 \xe0 Gen\xe8ve'))).toContain('café à Genève');
  });

  test('stays with UTF-8 where only a few bytes are broken', () => {
    const page = new Uint8Array([...utf8('<p>日本語の文書'), 0xff, ...utf8('です')]);
    expect(decode(page)).toBe('<p>日本語の文書\ufffdです');
  });

  test('refuses an encoding that no browser knows, and names it', () => {
    const error = refusal(utf8('<meta charset="klingon-8"><p>x'));
    expect(error).toBeInstanceOf(NearbitError);
    expect(error.code).toBe('page-unreadable');
    expect(error.message).toBe(
      'Skipped /page/: expected an encoding that browsers know, received <meta charset="klingon-8">; ' +
        'save the page as UTF-8 and declare that',
    );
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test('refuses an empty file', () => {
    expect(refusal(new Uint8Array()).message).toBe(
      'Skipped /page/: expected an HTML page, received an empty file; build the site again or remove the file',
    );
  });

  test.each([
    ['a PNG image', '\x89PNG\r\n\x1a\n'],
    ['a JPEG image', '\xff\xd8\xff\xe0'],
    ['a GIF image', 'GIF89a'],
    ['a PDF document', '%PDF-1.7\n'],
    ['a ZIP archive', 'PK\x03\x04'],
    ['gzip data', '\x1f\x8b\x08'],
  ])('refuses %s renamed to .html', (name, start) => {
    const error = refusal(bytes(start));
    expect(error.code).toBe('page-unreadable');
    expect(error.message).toContain(`expected HTML text, received ${name}; save it as HTML in UTF-8`);
  });

  test('refuses bytes full of NULs, and counts them', () => {
    expect(refusal(utf16('<p>no byte order mark', true)).message).toContain(
      'binary data (21 of the first 42 bytes are control characters)',
    );
  });

  test('reads a page with a stray control character', () => {
    expect(decode(bytes(`<p>${'word '.repeat(100)}\x00\x07`))).toContain('word');
  });
});
