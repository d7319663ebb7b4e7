import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Hit } from '../types';
import { blendScores, relevanceOf, reorder, rerankShare } from './order';

const hitsOf = (scores: number[]) =>
  scores.map((score, i) => ({
    id: String.fromCharCode(97 + i),
    rank: i + 1,
    score,
    scores: { lexical: 1, vector: 1, rerank: null },
    explanation: { moved: 'both' },
  })) as unknown as Hit[];

const ids = (hits: Hit[]) => hits.map(({ id }) => id).join('');

test('a logit of nothing is .5, and large ones stay within 0 and 1', () => {
  expect([-800, 0, 800].map(relevanceOf)).toEqual([0, 0.5, 1]);
});

test('the pages that were reached change places; the others keep theirs', () => {
  const hits = hitsOf([2, 1.8, 1.6, 1.4, 1.2]);
  const better = reorder(hits, [-4, 0, 4]);
  // c is all relevance; b is in the middle of both; a was first, but the reranker holds it for wrong; d and e were not reached.
  expect(ids(better)).toBe('cbade');
  expect(better.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
  expect(better.map(({ scores }) => scores.rerank?.toFixed(2) ?? null)).toEqual([
    '0.98',
    '0.50',
    '0.02',
    null,
    null,
  ]);
  expect(better.map(({ explanation }) => explanation.moved)).toEqual([
    'reranked',
    'reranked',
    'reranked',
    'both',
    'both',
  ]);
  expect(ids(hits)).toBe('abcde');
});

test('pages that the reranker holds for equal keep their order', () => {
  expect(ids(reorder(hitsOf([3, 2, 1]), [1.5, 1.5, 1.5]))).toBe('abc');
});

test('pages with equal first scores are put in the order of their logits, and of their places where those are equal too', () => {
  expect(ids(reorder(hitsOf([1, 1, 1, 1]), [0, 2, 0, 1]))).toBe('bdac');
});

test('nothing reached, nothing changed', () => {
  expect(reorder(hitsOf([2, 1]), [])).toEqual(hitsOf([2, 1]));
});

test('two labels and one give the same order: the logit of two is their difference', () => {
  const [zero, one] = [0.4, 1.9];
  const softmax = Math.exp(one) / (Math.exp(zero) + Math.exp(one));
  expect(relevanceOf(one - zero)).toBeCloseTo(softmax, 12);
});

test('new scores stay within those of the pages reached, so that none falls behind a page that was not', () => {
  const scores = fc.array(fc.float({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 30 });
  const logits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(scores, logits, (list, given) => {
      list.sort((a, b) => b - a);
      const reached = given.slice(0, list.length);
      const blended = blendScores(list, reached.map(relevanceOf));
      for (const score of blended) {
        expect(score).toBeLessThanOrEqual(list[0]! + 1e-6);
        expect(score).toBeGreaterThanOrEqual(list[reached.length - 1]! - 1e-6);
      }
    }),
  );
  expect(rerankShare).toBeLessThan(1);
});
