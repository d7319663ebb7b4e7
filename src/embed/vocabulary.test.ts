import { expect, test } from 'vitest';
import { vocabularyWords } from './vocabulary';

const file = (model: unknown) => new TextEncoder().encode(JSON.stringify({ model }));

test('takes whole words of a WordPiece vocabulary, in its order', () => {
  const vocab = { '[CLS]': 0, the: 1, '##ing': 2, photograph: 3, '1990s': 4, a: 5, tea: 6 };
  expect(vocabularyWords(file({ vocab }))).toEqual(['the', 'photograph', 'tea']);
});

test('takes pieces that begin a word of a SentencePiece vocabulary', () => {
  const vocab = [
    ['<s>', 0],
    ['▁trong', -9],
    ['ky', -9],
    ['▁Más', -9],
    ['▁1', -9],
  ];
  expect(vocabularyWords(file({ vocab }))).toEqual(['trong', 'Más']);
});

test('gives no words where the vocabulary is kept in another way', () => {
  expect(vocabularyWords(file({ merges: [] }))).toEqual([]);
  expect(vocabularyWords(file(null))).toEqual([]);
});
