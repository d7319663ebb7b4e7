/**
 * Hashes of content: equal for what is stored alike, different for anything else, and open to change part by part.
 * In: content. Out: hashes compared.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fields } from '../fields';
import { bodyOf, type Content, givenParts, hashBody, hashContent, hashText } from './content-hash';

const content: Content = {
  body: hashBody('text', 'Bread'),
  title: 'A',
  url: '/a',
  fields: { n: 1, tags: ['x', 'y'] },
  language: 'en',
  embedding: null,
};

test('the order of fields says nothing, nor do values that are not there', () => {
  const fields = { gone: undefined, tags: ['x', 'y'], n: 1 } as unknown as Fields;
  expect(hashContent({ ...content, fields })).toBe(hashContent(content));
  expect(hashContent({ ...content, fields: {} })).toBe(hashContent({ ...content, fields: undefined }));
});

test.each<[string, Partial<Content>]>([
  ['another text', { body: hashBody('text', 'bread') }],
  ['the same text as HTML', { body: hashBody('html', 'Bread') }],
  ['the same text as bytes', { body: hashBody('html', new TextEncoder().encode('Bread')) }],
  ['no title', { title: null }],
  ['an empty title', { title: '' }],
  ['another address', { url: '/b' }],
  ['another order of an array', { fields: { n: 1, tags: ['y', 'x'] } }],
  ['a number as text', { fields: { n: '1', tags: ['x', 'y'] } }],
  ['a date in place of a number', { fields: { n: new Date(1), tags: ['x', 'y'] } }],
  ['no language', { language: null }],
  ['an embedding', { embedding: new Float32Array(8).fill(1) }],
  ['title and address the other way round', { title: '/a', url: 'A' }],
])('%s is another content', (_, change) => {
  expect(hashContent({ ...content, ...change })).not.toBe(hashContent(content));
});

test('the text’s own hash comes back out of a whole, so that the rest can change without it', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, text, fc.option(text), fc.option(text), (body, title, url, language, other) => {
      const before: Content = { ...content, body: hashBody('text', body), title: other, url, language };
      const hash = hashContent(before);
      expect(givenParts(hash)).toEqual({
        title: other !== null,
        language: language !== null,
        embedding: false,
      });
      const stored = {
        title: other ?? 'derived',
        url,
        fields: content.fields,
        language: language ?? 'guessed',
      };
      const after: Content = { ...content, title, url: `${url}/` };
      expect(hashContent({ ...after, body: bodyOf(hash, stored)! })).toBe(
        hashContent({ ...after, body: before.body }),
      );
    }),
  );
});

test('nothing is read out of an unknown hash, or of one with an embedding', () => {
  const stored = { title: 'A', url: '/a', fields: undefined, language: 'en' };
  expect(bodyOf(0n, stored)).toBeNull();
  expect(bodyOf(hashContent({ ...content, embedding: new Float32Array(8) }), stored)).toBeNull();
});

test('a hundred thousand near texts have as many hashes, spread over all bits', () => {
  const hashes = new Set<bigint>();
  const ones = new Array<number>(64).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const hash = hashText('text', `note ${i}`);
    hashes.add(hash);
    if (i < 4000) for (let bit = 0; bit < 64; bit++) ones[bit]! += Number((hash >> BigInt(bit)) & 1n);
  }
  expect(hashes.size).toBe(100_000);
  for (const n of ones) expect(Math.abs(n - 2000)).toBeLessThan(200);
});
