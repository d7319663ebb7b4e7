import { expect, test } from 'vitest';
import { linkTo } from './text-fragment';

test('the link names the anchor and the first words of the line with the most marks', () => {
  const text = 'An opening line.\nKnead the dough for ten minutes until it is smooth and soft.';
  expect(linkTo('/bread/', 'kneading', text, [[17, 22]])).toBe(
    '/bread/#kneading:~:text=Knead%20the%20dough%20for%20ten%20minutes%20until%20it',
  );
});

test('dashes and commas, which separate parts of a directive, are escaped', () => {
  expect(linkTo('/a', null, 'well-known, useful', [])).toBe('/a#:~:text=well%2Dknown%2C%20useful');
});

test('a fragment of the URL gives way, and text without words gives the plain anchor', () => {
  expect(linkTo('/a#old', 'new', ' \n ', [])).toBe('/a#new');
  expect(linkTo('/a', null, '', [])).toBe('/a');
});

test('half a surrogate pair does not break the link', () => {
  expect(linkTo('/a', null, 'x\ud83d y', [])).toBe('/a#:~:text=x%20y');
});
