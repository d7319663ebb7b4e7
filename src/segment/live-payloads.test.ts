import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { expectRefusal, expectWholeOnly } from './damage.suite';
import { countDead, decodeDead, emptyDead, encodeDead, isDead, markDead } from './dead-block';
import { decodeDocuments, documentsOf, encodeDocuments } from './documents-block';
import { readStrings, writeStrings } from './string-list';

// Lone surrogates, halves that join up with their neighbours', and the mark that decoders like to drop.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\ud83e', '\udd56', '\ufeff', '\0', '🥖', '__proto__'),
);

function encodeStrings(strings: string[]): Uint8Array {
  const writer = new ByteWriter();
  writeStrings(writer, strings);
  return writer.finish();
}

function decodeStrings(bytes: Uint8Array): string[] {
  const reader = new ByteReader(bytes, 'p');
  const strings = readStrings(reader);
  reader.end();
  return strings;
}

describe('a list of strings', () => {
  it('comes back as it was written, whatever the strings', () => {
    fc.assert(
      fc.property(fc.array(anyText), (strings) => {
        expect(decodeStrings(encodeStrings(strings))).toEqual(strings);
      }),
    );
  });

  it('longer than engines take arguments comes back with its lone surrogates', () => {
    const strings = ['x'.repeat(300_000), '\ud83e', 'y'.repeat(9000)];
    expect(decodeStrings(encodeStrings(strings))).toEqual(strings);
  });

  it('damaged is refused', () => {
    for (const strings of [
      ['bread', 'käse', '🥖'],
      ['bread', '\ud83e'],
    ]) {
      expectWholeOnly(encodeStrings(strings), decodeStrings);
      expectRefusal(encodeStrings(strings), decodeStrings);
    }
    expect(() => decodeStrings(Uint8Array.of(255, 255, 255, 255, 15))).toThrow(FormatError);
  });
});

describe('the documents block', () => {
  const anyDocument = fc.record({
    id: anyText,
    hash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    earlier: fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)),
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(anyDocument), (documents) => {
        const block = {
          ids: documents.map(({ id }) => id),
          hashes: BigUint64Array.from(documents, ({ hash }) => hash),
          earlier: Uint32Array.from(documents.flatMap(({ earlier }) => earlier)),
        };
        expect(decodeDocuments(encodeDocuments(block), 'p')).toEqual(block);
      }),
    );
  });

  it('of ids alone is hardly larger than they are', () => {
    const ids = ['/bread/', '/cheese/', '/wine/'];
    const bytes = encodeDocuments(documentsOf(ids));
    expect(decodeDocuments(bytes, 'p')).toEqual(documentsOf(ids));
    expect(bytes.length).toBe(ids.join('').length + ids.length + 3);
  });

  it('takes hashes from the middle of a larger array', () => {
    const block = { ...documentsOf(['a']), hashes: BigUint64Array.of(1n, 2n, 3n).subarray(1, 2) };
    expect(decodeDocuments(encodeDocuments(block), 'p').hashes).toEqual(BigUint64Array.of(2n));
  });

  it('damaged is refused', () => {
    const whole = encodeDocuments({
      ids: ['bread', 'käse', '\ud83e'],
      hashes: BigUint64Array.of(1n, 2n ** 63n, 3n),
      earlier: Uint32Array.of(0, 0, 7, 300, 70_000, 1),
    });
    const decode = (bytes: Uint8Array) => decodeDocuments(bytes, 'p');
    expectWholeOnly(whole, decode);
    expectRefusal(whole, decode);
    expect(() => decode(Uint8Array.of(4, 0, 0))).toThrow(FormatError);
  });
});

describe('the dead block', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (wanted) => {
        const dead = emptyDead(wanted.length);
        wanted.forEach((isWanted, page) => {
          if (isWanted) expect(markDead(dead, page)).toBe(true);
        });
        wanted.forEach((isWanted, page) => {
          expect(isDead(dead, page)).toBe(isWanted);
          if (isWanted) expect(markDead(dead, page)).toBe(false);
        });
        const n = wanted.filter(Boolean).length;
        expect(countDead(dead)).toBe(n);
        expect(decodeDead(encodeDead(dead, wanted.length), 'p', wanted.length, n)).toEqual(dead);
      }),
    );
  });

  it('is refused where it does not say what the manifest says', () => {
    const dead = Uint8Array.of(0b101, 0b10);
    const whole = encodeDead(dead, 11);
    expect(() => decodeDead(whole, 'p', 12, 3)).toThrow('expected 3 dead of 12 pages, received 3 of 11');
    expect(() => decodeDead(whole, 'p', 11, 2)).toThrow('expected 2 dead of 11 pages, received 3 of 11');
    const past = encodeDead(Uint8Array.of(0b101, 0b1000), 11);
    expect(() => decodeDead(past, 'p', 11, 3)).toThrow(FormatError);
    const miscounted = whole.slice();
    miscounted[2] = 0b111;
    expect(() => decodeDead(miscounted, 'p', 11, 3)).toThrow('expected 3 dead pages, received 4 bits');
  });

  it('damaged is refused', () => {
    const decode = (bytes: Uint8Array) => decodeDead(bytes, 'p', 11, 3);
    expectWholeOnly(encodeDead(Uint8Array.of(0b101, 0b10), 11), decode);
    expectRefusal(encodeDead(Uint8Array.of(0b101, 0b10), 11), decode);
  });
});
