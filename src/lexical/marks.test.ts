import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Analyser, loadAnalyser } from './analyser';
import { markTerms } from './marks';
import { queryTerms } from './query';

let en: Analyser;
beforeAll(async () => {
  en = await loadAnalyser('en');
});
const marked = (text: string, query: string, options = {}) =>
  markTerms(text, queryTerms(query, [en], options), [en]).map(([start, end]) => text.slice(start, end));

test('every form of a word is marked, in the text as written', () => {
  expect(marked('Centered boxes: CENTER the box.', 'center a box')).toEqual([
    'Centered',
    'boxes',
    'CENTER',
    'box',
  ]);
});

test('the completions of an unfinished word are marked', () => {
  expect(marked('Promises and a promise', 'promis', { prefix: true })).toEqual(['Promises', 'promise']);
});

test('a piece of a name is marked inside the name, and a typed name only as a whole', () => {
  expect(marked('set flexDirection', 'direction')).toEqual(['Direction']);
  expect(marked('stop! stopPropagation()', 'stopPropagation')).toEqual(['stopPropagation']);
  expect(marked('flexDirection, flex-direction', 'flexdirection')).toEqual([
    'flexDirection',
    'flex-direction',
  ]);
});

test('overlapping pairs become one mark', () => {
  expect(marked('これは東京都です', '東京都')).toEqual(['東京都']);
});

test('offsets hold after emoji and folded characters', () => {
  expect(marked('🙂🙂 ﬁsh, ＣＡＴ', 'fish cat')).toEqual(['ﬁsh', 'ＣＡＴ']);
});

test('nothing is marked for an empty query', () => {
  expect(marked('any text', '')).toEqual([]);
});

test('marks of any text and query are sorted, apart and within the text', () => {
  const word = fc.constantFrom(
    'fox',
    'Foxes',
    'foxHound',
    'x-fox',
    '東京都',
    '京',
    '🙂',
    '½',
    'é',
    ' ',
    "'",
    '.',
  );
  const text = fc.oneof(
    fc.array(word).map((list) => list.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, text, fc.boolean(), (passage, query, prefix) => {
      let last = -1;
      for (const [start, end] of markTerms(passage, queryTerms(query, [en], { prefix }), [en])) {
        expect(start).toBeGreaterThan(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(passage.length);
        last = end;
      }
    }),
    { numRuns: 300 },
  );
});
