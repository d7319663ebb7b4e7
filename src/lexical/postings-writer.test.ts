import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Analyser, loadAnalyser } from './analyser';
import { unpackFrequency } from './postings';
import { type PassageFields, PostingsWriter } from './postings-writer';

let en: Analyser;
beforeAll(async () => {
  en = await loadAnalyser('en');
});

function write(passages: Partial<PassageFields>[]) {
  const writer = new PostingsWriter();
  const lengths = passages.map(
    (fields, i) => writer.add(i, { title: '', headings: '', body: '', ...fields }, en).length,
  );
  const entries = [...writer.finish()].map(({ term, ordinals, frequencies }) => ({
    term,
    ordinals: [...ordinals],
    frequencies: [...frequencies].map(unpackFrequency),
  }));
  return { lengths, entries, terms: entries.map(({ term }) => term), size: writer.terms };
}

test('each term lists its passages with the frequency in every field', () => {
  const { entries } = write([
    { title: 'Foxes', body: 'fox, a fox' },
    { headings: 'The fox', body: 'hound' },
  ]);
  expect(entries).toEqual([
    {
      term: 'fox',
      ordinals: [0, 1],
      frequencies: [
        { title: 1, headings: 0, body: 2 },
        { title: 0, headings: 1, body: 0 },
      ],
    },
    { term: 'hound', ordinals: [1], frequencies: [{ title: 0, headings: 0, body: 1 }] },
    { term: 'the', ordinals: [1], frequencies: [{ title: 0, headings: 1, body: 0 }] },
  ]);
});

test('stop words are posted from titles and headings only, and never counted', () => {
  const { lengths, terms } = write([{ title: 'this', headings: ':has()', body: 'this has the fox' }]);
  expect(terms).toEqual(['fox', 'has', 'this']);
  expect(lengths).toEqual([1]);
});

test('title words count twice towards the length; pieces and joined names not at all', () => {
  expect(write([{ title: 'fox', headings: 'fox', body: 'fox fox' }]).lengths).toEqual([5]);
  const names = write([{ body: 'stopPropagation flex-direction' }]);
  expect(names.lengths).toEqual([3]);
  expect(names.terms).toEqual(['direct', 'flex', 'flexdirect', 'propag!', 'stop!', 'stoppropag']);
});

test('frequencies saturate at 3, 3 and 15', () => {
  const many = 'fox '.repeat(40);
  expect(write([{ title: many, headings: many, body: many }]).entries[0]!.frequencies).toEqual([
    { title: 3, headings: 3, body: 15 },
  ]);
});

test('ordinals that do not ascend are refused', () => {
  const writer = new PostingsWriter();
  writer.add(3, { title: 'a', headings: '', body: '' }, en);
  expect(() => writer.add(3, { title: 'b', headings: '', body: '' }, en)).toThrow(
    expect.objectContaining({ code: 'shape-mismatch' }),
  );
});

test('terms come in UTF-16 code unit order, and nothing in is nothing out', () => {
  expect(write([{ body: 'b é 木 a 𐐨 Z 9 ﬀ' }]).terms).toEqual(['9', 'b', 'e', 'ff', 'z', '木', '𐐨']);
  expect(write([])).toEqual({ lengths: [], entries: [], terms: [], size: 0 });
});

test('any collection gives what a plain map of counts gives', () => {
  const text = fc.array(fc.constantFrom('fox', 'hound', 'cat', 'Zebra', '한국', 'x-y', 'été'), {
    maxLength: 20,
  });
  const passage = fc.record({ title: text, headings: text, body: text });
  fc.assert(
    fc.property(fc.array(passage, { maxLength: 12 }), (passages) => {
      const fields = passages.map((p) => ({
        title: p.title.join(' '),
        headings: p.headings.join(' '),
        body: p.body.join(' '),
      }));
      const naive = new Map<string, Map<number, { title: number; headings: number; body: number }>>();
      for (const [ordinal, passage] of fields.entries()) {
        for (const field of ['title', 'headings', 'body'] as const) {
          for (const term of en.terms(passage[field])) {
            const list = naive.get(term) ?? new Map();
            const counts = list.get(ordinal) ?? { title: 0, headings: 0, body: 0 };
            counts[field] = Math.min(counts[field] + 1, field === 'body' ? 15 : 3);
            naive.set(term, list.set(ordinal, counts));
          }
        }
      }
      const expected = [...naive.keys()].sort().map((term) => {
        const list = naive.get(term)!;
        const ordinals = [...list.keys()].sort((a, b) => a - b);
        return { term, ordinals, frequencies: ordinals.map((ordinal) => list.get(ordinal)) };
      });
      expect(write(fields).entries).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});
