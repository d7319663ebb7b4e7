import { expect, test } from 'vitest';
import type { StoredPage } from '../types';
import { makeCard } from './cards';

const passage = (text: string, heading = 'Kneading') => ({ headings: ['Bread', heading], anchor: 'k', text });

function page(passages: StoredPage['passages'], description = ''): StoredPage {
  return { id: '/bread/', url: '/bread/', title: 'Bread', description, language: 'en', passages };
}

test('shows the passages asked for, with the last heading and the anchor', () => {
  const card = makeCard(page([passage('First.'), passage('Second.'), passage('Third.', 'Baking')]), [0, 2]);
  expect(card.passages).toEqual([
    { heading: 'Kneading', anchor: 'k', text: 'First.', isCut: false },
    { heading: 'Baking', anchor: 'k', text: 'Third.', isCut: false },
  ]);
});

test('cuts a text after a sentence or a word, never inside one', () => {
  const sentence = `${'word '.repeat(24)}end.`;
  const [cut] = makeCard(page([passage(`${sentence} ${'More '.repeat(40)}`)]), [0]).passages;
  expect(cut).toMatchObject({ text: sentence, isCut: true });
  const [words] = makeCard(page([passage('elephant '.repeat(60))]), [0]).passages;
  expect(words!.text).toMatch(/^(elephant )+elephant$/);
  expect(words!.text.length).toBeLessThanOrEqual(180);
});

test('cuts a script without spaces between characters', () => {
  const [cut] = makeCard(page([passage('𠮷'.repeat(300))]), [0]).passages;
  expect([...cut!.text].every((sign) => sign === '𠮷')).toBe(true);
  expect(cut!.isCut).toBe(true);
});

test('keeps less of each passage where a page has many', () => {
  const many = Array.from({ length: 40 }, () => passage('elephant '.repeat(60)));
  const card = makeCard(page(many), [...many.keys()]);
  expect(card.passages.every(({ text }) => text.length <= 90)).toBe(true);
});

test('leaves out a description that the text repeats', () => {
  const text = 'Bread is made of flour, water, salt and time, in this order of weight.';
  expect(makeCard(page([passage(text)], text.slice(0, 50)), [0]).description).toBe('');
  expect(makeCard(page([passage(text)], 'All about loaves'), [0]).description).toBe('All about loaves');
});
