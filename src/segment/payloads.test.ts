import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import type { StoredPage } from '../types';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { decodePages, encodePages, lengthOf, quantiseLength, quantiseLinks } from './pages-block';
import { samplePages } from './sample.suite';
import { decodeTexts, encodeTexts } from './texts-block';

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const anyPage: fc.Arbitrary<StoredPage> = fc.record(
  {
    id: anyText,
    url: anyText,
    title: anyText,
    description: anyText,
    language: anyText,
    passages: fc.array(
      fc.record(
        { headings: fc.array(anyText, { maxLength: 3 }), anchor: fc.option(anyText), text: anyText },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
);

describe('varints', () => {
  it('come back as they were written, whatever their size', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffffffff)), (values) => {
        const writer = new ByteWriter();
        for (const value of values) writer.varint(value);
        const reader = new ByteReader(writer.finish(), 'p');
        expect(values.map(() => reader.varint())).toEqual(values);
        reader.end();
      }),
    );
  });

  it('beyond 32 bits and endless ones are damage', () => {
    expect(() => new ByteReader(Uint8Array.of(255, 255, 255, 255, 16), 'p').varint()).toThrow(FormatError);
    expect(() => new ByteReader(new Uint8Array(20).fill(128), 'p').varint()).toThrow(FormatError);
    expect(() => new ByteReader(Uint8Array.of(128), 'p').varint()).toThrow(FormatError);
  });
});

describe('quantised lengths', () => {
  it('are exact to 32, never fall, and stay within 1/16 up to 500,000 terms', () => {
    for (let terms = 0, last = 0; terms < 500_000; terms += terms < 5000 ? 1 : 97) {
      const byte = quantiseLength(terms);
      const error = terms - lengthOf(byte);
      expect(byte).toBeGreaterThanOrEqual(last);
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThanOrEqual(terms < 32 ? 0 : terms / 16);
      last = byte;
    }
  });

  it('of a byte quantise to that byte again, and odd lengths are clamped', () => {
    for (let byte = 0; byte < 256; byte++) expect(quantiseLength(lengthOf(byte))).toBe(byte);
    expect([-1, Number.NaN, 2.9, 1e12].map(quantiseLength)).toEqual([0, 0, 2, 255]);
  });
});

describe('links to a page', () => {
  it('are read on a scale of logarithms on which the most linked page has 255', () => {
    expect(quantiseLinks(Uint32Array.of(0, 1, 7, 63))).toEqual(Uint8Array.of(0, 43, 128, 255));
    expect(quantiseLinks(Uint32Array.of(0, 0))).toEqual(Uint8Array.of(0, 0));
  });
});

describe('the pages block', () => {
  const block = (counts: number[]) => ({
    passagesPerPage: Uint32Array.from(counts),
    lengths: Uint8Array.from({ length: counts.reduce((a, b) => a + b, 0) }, (_, i) => i),
    linked: null,
    titleLengths: null,
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 50 }), (counts) => {
        expect(decodePages(encodePages(block(counts)), 'p')).toEqual(block(counts));
        if (counts.length === 0) return;
        const whole = {
          ...block(counts),
          linked: quantiseLinks(Uint32Array.from(counts)),
          titleLengths: Uint8Array.from(counts, (n) => n % 256),
        };
        expect(decodePages(encodePages(whole), 'p')).toEqual(whole);
      }),
    );
  });

  it('cut short or made longer is corrupt', () => {
    const bytes = encodePages(block([3, 0, 200, 1]));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodePages(bytes.subarray(0, length), 'p')).toThrow(FormatError);
    expect(() => decodePages(new Uint8Array([...bytes, 1]), 'p')).toThrow(FormatError);
  });

  it('that claims four billion pages asks for no memory', () => {
    expect(() => decodePages(Uint8Array.of(255, 255, 255, 255, 15, 1), 'p')).toThrow(FormatError);
  });
});

describe('the texts block', () => {
  it('comes back as it was written, lone surrogates and control characters included', () => {
    fc.assert(
      fc.property(fc.array(anyPage, { maxLength: 3 }), (pages) => {
        expect(decodeTexts(encodeTexts(pages), 'p')).toEqual(pages);
      }),
    );
  });

  it('has the same bytes whatever order the keys of its pages were written in', () => {
    const reversed = samplePages.map(
      (page) => Object.fromEntries(Object.entries(page).reverse()) as unknown as StoredPage,
    );
    expect(encodeTexts(reversed)).toEqual(encodeTexts(samplePages));
  });

  it('cut short anywhere is corrupt', () => {
    const bytes = encodeTexts(samplePages);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeTexts(bytes.subarray(0, length), 'p')).toThrow(FormatError);
  });

  it.each([
    '{}',
    '[[]]',
    '[1]',
    '[["a","b","c","d","e",[["h",null,"t"]]]]',
    '[["a","b","c","d","e",[[[1],null,"t"]]]]',
    '[["a","b","c","d","e",[[[],7,"t"]]]]',
    '[["a","b","c","d",null,[]]]',
  ])('of another shape is corrupt: %s', (json) => {
    expect(() => decodeTexts(new TextEncoder().encode(json), 'p')).toThrow(FormatError);
  });
});
