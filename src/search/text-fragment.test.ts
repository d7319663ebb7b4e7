import { describe, expect, test } from 'vitest';
import { linkTo } from './text-fragment';

const directive = (sentence: string, earlier = '') =>
  decodeURIComponent(linkTo('/a', null, sentence, earlier).split(':~:text=')[1] ?? '');

test('the link names the anchor and the whole of a short sentence', () => {
  expect(linkTo('/bread/', 'kneading', 'Knead the dough for ten minutes.', '')).toBe(
    '/bread/#kneading:~:text=Knead%20the%20dough%20for%20ten%20minutes.',
  );
});

test('dashes and commas, which separate parts of a directive, are escaped', () => {
  expect(linkTo('/a', null, 'well-known, useful', '')).toBe('/a#:~:text=well%2Dknown%2C%20useful');
});

test('a fragment of the URL gives way, and text without words gives the plain anchor', () => {
  expect(linkTo('/a#old', 'new', ' \n ', '')).toBe('/a#new');
  expect(linkTo('/a', null, '', '')).toBe('/a');
});

test('half a surrogate pair does not break the link', () => {
  expect(linkTo('/a', null, 'x\ud83d y', '')).toBe('/a#:~:text=x%20y');
});

test('the sign of a permalink, hidden on many pages, is left out', () => {
  expect(directive('asyncio.run(main)¶')).toBe('asyncio.run(main)');
});

describe('a long sentence', () => {
  const sentence = 'The page is kept in the cache until the page changes or the cache is full.';

  test('is a range from its first words to its last, then the last alone where nothing earlier has them', () => {
    expect(directive(sentence)).toBe('The page is kept in,the cache is full.&text=the cache is full.');
  });

  test('begins with as many words as no earlier text has, whatever their case', () => {
    const earlier = 'Caches\nTHE PAGE IS KEPT IN THE archive.\n';
    expect(directive(sentence, earlier)).toBe(
      'The page is kept in the cache,the cache is full.&text=the cache is full.',
    );
  });

  test('names its last words once only where earlier text has them', () => {
    expect(directive(sentence, 'See if the cache is full. ')).toBe('The page is kept in,the cache is full.');
  });

  test('is one run where its beginning stands earlier as a whole', () => {
    expect(directive(sentence, `${sentence} Again: `)).toBe(sentence);
  });
});

test('a script without spaces is cut at its punctuation', () => {
  const clauses = ['甲甲，', '乙乙，', '丙丙，', '丁丁，', '戊戊，', '己己，', '庚庚，', '辛辛，', '壬壬。'];
  expect(directive(clauses.join(''))).toBe(
    '甲甲，乙乙，丙丙，丁丁，戊戊，,己己，庚庚，辛辛，壬壬。&text=己己，庚庚，辛辛，壬壬。',
  );
});
