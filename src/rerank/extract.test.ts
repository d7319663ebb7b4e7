import { expect, test } from 'vitest';
import type { Mark } from '../types';
import { extracts, type RerankCandidate, wordWeights } from './extract';

const countTokens = (text: string) => text.match(/\S+/g)?.length ?? 0;
/** A page whose texts have these words marked, wherever they stand. */
const page = (title: string, words: string, ...texts: string[]): RerankCandidate => ({
  title,
  passages: texts.map((text) => ({
    text,
    marks: [...text.matchAll(new RegExp(`\\b(${words.replaceAll(' ', '|')})`, 'gi'))].map(
      ({ 0: word, index }): Mark => [index, index + word.length],
    ),
  })),
});

const one = (candidate: RerankCandidate, options: { maxTokens?: number; maxSentences?: number } = {}) =>
  [...extracts([candidate], { countTokens, ...options })][0];

test('the title comes first, then the sentences that hold the query’s words, in reading order', () => {
  const bread = page(
    'Bread',
    'knead dough',
    'Flour is ground. Let the dough rise for an hour. Salt is white. Knead it well before the dough rests.',
  );
  expect(one(bread, { maxSentences: 2 })).toBe(
    'Bread. Let the dough rise for an hour. Knead it well before the dough rests.',
  );
});

test('a word that a chosen sentence holds is worth less for the next one', () => {
  const tea = page(
    'Tea',
    'kettle boil water leaves',
    'A kettle can boil water and steep tea. Boil water. Leaves are picked in spring. The cup cools.',
  );
  // Without the decay "Boil water." would follow: two words against one.
  expect(one(tea, { maxSentences: 2 })).toBe(
    'Tea. A kettle can boil water and steep tea. Leaves are picked in spring.',
  );
});

test('a word that nearly every sentence of the candidates holds weighs little', () => {
  const weights = wordWeights([
    { words: ['css'] },
    { words: ['css'] },
    { words: ['css'] },
    { words: ['css', 'grid'] },
  ]);
  expect(weights.get('css')).toBeLessThan(weights.get('grid')! / 4);
  expect(weights.get('css')).toBeGreaterThan(0);
});

test('a word counts once a sentence, however it is capitalised', () => {
  const grid = page('Grid', 'grid css', 'Grid, grid and grid. CSS has a grid. Nothing.');
  expect(one(grid, { maxSentences: 1 })).toBe('Grid. CSS has a grid.');
});

test('sentences come from all passages, each with its own marks', () => {
  const two = page('Two', 'tea', 'No word here. None here.', 'Other text. Some tea at last.');
  expect(one(two, { maxSentences: 1 })).toBe('Two. Some tea at last.');
});

test('without the query’s words it is the beginning of the best passage', () => {
  const found = page(
    'Loaf',
    'crumb',
    'First here. Second here. Third here. Fourth here.',
    'Another passage.',
  );
  expect(one(found)).toBe('Loaf. First here. Second here. Third here.');
});

test('it is never longer than its budget: the title a third, the last sentence cut', () => {
  const long = page(
    'A title of many words that goes on',
    'seven',
    'One two three four five six seven. Eight nine.',
  );
  const text = one(long, { maxTokens: 9 })!;
  expect(text).toBe('A title of. One two three four five six');
  expect(countTokens(text)).toBe(9);
});

test('a page without title or text is an empty or a short text, not a failure', () => {
  expect(one(page('', 'text', 'Some text.'))).toBe('Some text.');
  expect(one(page('Only a title?', 'title'))).toBe('Only a title?');
  expect(one(page('', 'x'))).toBe('');
});
