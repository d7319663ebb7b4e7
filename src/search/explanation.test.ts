import { expect, test } from 'vitest';
import { explain, placesOf } from './explanation';
import type { RankedPage } from './fuse';

function pageOf(page: number, words: number, meaning: number, links = 0): RankedPage {
  const passages = [{ ordinal: page, lexical: words * 10, vector: meaning, score: words + meaning }];
  return { page, score: words + meaning + links, shares: { words, meaning, links }, passages };
}

const answer = [
  pageOf(0, 0.8, 0.1), // most words
  pageOf(1, 0.1, 0.7), // nearest in meaning
  pageOf(2, 0.5, 0.2), // second by both
  pageOf(3, 0, 0.05), // none of the words
];
const places = placesOf(answer);
const explained = answer.map((page) => explain(page, places, null));

test('every leg tells its raw score and its place for the page', () => {
  expect(explained[0]).toEqual({
    lexical: { score: 8, rank: 1 },
    vector: { score: 0.1, rank: 3 },
    shares: { words: 0.8, meaning: 0.1, links: 0 },
    moved: 'words',
  });
});

test('the leg that ranks a page better moved it, and where they agree both did', () => {
  expect(explained.map(({ moved }) => moved)).toEqual(['words', 'meaning', 'both', 'meaning']);
});

test('a leg that gave nothing has no place for the page', () => {
  expect(explained[3]!.lexical).toEqual({ score: 0, rank: null });
});

test('by words alone there is no place by meaning', () => {
  const alone = pageOf(0, 0.5, 0);
  alone.passages[0]!.vector = null;
  expect(explain(alone, placesOf([alone]), null)).toMatchObject({
    vector: { score: null, rank: null },
    moved: 'words',
  });
});

test('links moved a page that stands above another one because of them', () => {
  const linked = [pageOf(0, 0.4, 0.4, 0.3), pageOf(1, 0.5, 0.5)];
  const moved = linked.map((page) => explain(page, placesOf(linked), null).moved);
  expect(moved).toEqual(['links', 'both']);
});

test('reranking, where it ran, has the last word', () => {
  expect(explain(answer[0]!, places, 0.9).moved).toBe('reranked');
});
