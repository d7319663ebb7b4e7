import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../errors';
import type { TermPostings } from '../lexical/postings';
import { cutPostings } from './cut-postings';
import { openPostings, postingsRefOf, postingsRefsWithPrefix } from './postings-block';
import { samplePostings } from './sample.suite';
import { termBytes, termOf } from './term-bytes';

const passages = 5000;
// Few letters, so that prefixes are shared, with those whose UTF-8 order differs from the order of strings.
const anyTerm = fc
  .array(fc.constantFrom('a', 'b', 'ä', '東', '\uffee', '🥖', '\ud800', 'ing'), { maxLength: 5 })
  .map((parts) => parts.join(''));
const anyEntries: fc.Arbitrary<TermPostings[]> = fc
  .dictionary(anyTerm, fc.uniqueArray(fc.nat(passages - 1), { minLength: 1, maxLength: 20 }), {
    maxKeys: 30,
    noNullPrototype: true,
  })
  .map((dictionary) =>
    Object.keys(dictionary)
      .sort()
      .map((term) => ({
        term,
        ordinals: Uint32Array.from(dictionary[term]!).sort(),
        frequencies: Uint8Array.from(dictionary[term]!, (ordinal) => ordinal & 255),
      })),
  );

/** All blocks as a reader sees them. */
function cut(entries: TermPostings[], targetBytes?: number) {
  return [...cutPostings(entries, targetBytes)].map(({ firstTerm, terms, payload }) => ({
    ref: { firstTerm, hash: firstTerm, bytes: payload.length },
    terms,
    payload,
    block: openPostings(payload, 'p', passages),
  }));
}

describe('a term as bytes', () => {
  it('comes back, and sorts as strings do', () => {
    fc.assert(
      fc.property(anyTerm, anyTerm, (a, b) => {
        expect(termOf(termBytes(a))).toBe(a);
        const order = Buffer.compare(termBytes(a), termBytes(b));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe('postings blocks', () => {
  it('give back every term and posting, whatever the size of a block', () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: 0, max: 200 }), (entries, targetBytes) => {
        const blocks = cut(entries, targetBytes);
        const all = blocks.flatMap(({ block }) => block.withPrefix('', Number.POSITIVE_INFINITY));
        expect(all.map((slice) => ({ term: slice.term, ...slice.read() }))).toEqual(entries);
        expect(all.map((slice) => slice.df)).toEqual(entries.map((entry) => entry.ordinals.length));
        expect(blocks.map(({ block }) => block.n)).toEqual(blocks.map(({ terms }) => terms));
      }),
    );
  });

  it('find a term, and only that term, through the references in the manifest', () => {
    fc.assert(
      fc.property(anyEntries, anyTerm, fc.integer({ min: 0, max: 200 }), (entries, absent, targetBytes) => {
        const blocks = cut(entries, targetBytes);
        const refs = blocks.map(({ ref }) => ref);
        for (const term of [absent, ...entries.map((entry) => entry.term)]) {
          const expected = entries.find((entry) => entry.term === term);
          const ref = postingsRefOf(refs, term);
          const slice = ref && blocks[refs.indexOf(ref)]!.block.find(term);
          expect(slice?.term).toBe(expected?.term);
          expect(slice?.read().ordinals).toEqual(expected?.ordinals);
        }
      }),
    );
  });

  it('give the first terms with a prefix, in order, across blocks', () => {
    fc.assert(
      fc.property(anyEntries, anyTerm, fc.integer({ min: 0, max: 200 }), (entries, prefix, targetBytes) => {
        const blocks = cut(entries, targetBytes);
        const refs = blocks.map(({ ref }) => ref);
        const found = postingsRefsWithPrefix(refs, prefix).flatMap((ref) =>
          blocks[refs.indexOf(ref)]!.block.withPrefix(prefix, 1000).map((slice) => slice.term),
        );
        const expected = entries.map((entry) => entry.term).filter((term) => term.startsWith(prefix));
        expect(found).toEqual(expected);
        const whole = cut(entries)[0]?.block.withPrefix(prefix, 2) ?? [];
        expect(whole.map((slice) => slice.term)).toEqual(expected.slice(0, 2));
      }),
    );
  });

  it('keep to the target unless one term alone is larger', () => {
    const entries = Array.from({ length: 500 }, (_, i) => ({
      term: `term${String(i).padStart(3, '0')}`,
      ordinals: Uint32Array.from({ length: i === 250 ? 900 : 9 }, (_, j) => j),
      frequencies: new Uint8Array(i === 250 ? 900 : 9),
    }));
    const sizes = cut(entries, 1000).map(({ payload }) => payload.length);
    expect(sizes.filter((size) => size > 1002)).toHaveLength(1);
    expect(sizes.length).toBeLessThan(15);
  });

  it('cut short anywhere are corrupt when they are read', () => {
    const payload = [...cutPostings(samplePostings)][0]!.payload;
    for (let length = 0; length < payload.length; length++)
      expect(() => {
        const block = openPostings(payload.subarray(0, length), 'p', passages);
        for (const slice of block.withPrefix('', 1000)) slice.read();
      }).toThrow(FormatError);
  });

  it('of damaged bytes are read or refused, and never crash or ask for much memory', () => {
    const payload = [...cutPostings(samplePostings)][0]!.payload;
    fc.assert(
      fc.property(fc.nat(payload.length - 1), fc.nat(255), anyTerm, (at, byte, term) => {
        const damaged = payload.slice();
        damaged[at] = byte;
        try {
          const block = openPostings(damaged, 'p', passages);
          block.find(term);
          for (const slice of block.withPrefix('', 1000)) slice.read();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('do not take a later term that goes on like the one wanted for it', () => {
    const one = { ordinals: Uint32Array.of(0), frequencies: Uint8Array.of(1) };
    const { block } = cut(['ab', 'bb', 'bbc'].map((term) => ({ term, ...one })))[0]!;
    expect(block.find('abc')).toBeNull();
    expect(block.withPrefix('abc', 10)).toEqual([]);
  });

  it('with a term that shares more than the term before has are corrupt', () => {
    const payload = Uint8Array.of(1, 3, 1, 0x61, 1, 2, 0, 1);
    expect(() => openPostings(payload, 'p', passages).withPrefix('', 10)).toThrow(FormatError);
  });

  it('with an ordinal that no passage has are corrupt', () => {
    const payload = [...cutPostings(samplePostings)][0]!.payload;
    const slice = openPostings(payload, 'p', 2).find('käse')!;
    expect(() => slice.read()).toThrow('expected ordinals below 2, received 2');
  });

  it('are not written from unsorted terms or ordinals', () => {
    const one = { ordinals: Uint32Array.of(1), frequencies: Uint8Array.of(1) };
    const bad: TermPostings[][] = [
      [
        { term: 'b', ...one },
        { term: 'a', ...one },
      ],
      [
        { term: 'a', ...one },
        { term: 'a', ...one },
      ],
      [{ term: 'a', ordinals: Uint32Array.of(2, 1), frequencies: Uint8Array.of(1, 1) }],
      [{ term: 'a', ordinals: Uint32Array.of(3, 1, 3), frequencies: Uint8Array.of(1, 1, 1) }],
      [{ term: 'a', ordinals: Uint32Array.of(1, 2), frequencies: Uint8Array.of(1) }],
      [{ term: 'a', ordinals: new Uint32Array(), frequencies: new Uint8Array() }],
    ];
    for (const entries of bad) expect(() => [...cutPostings(entries)]).toThrow(ShapeError);
  });
});
