import { expect, test } from 'vitest';
import { defaultWeights } from '../search/fuse';
import { compareEvaluations } from './compare';
import { decidingList, meanLists, type QueryOutcome } from './evaluate';
import { queryMetrics } from './metrics';
import { splitBySeen } from './tuned-record.node';

function outcome(text: string, ndcg10: number, list: 'lexical' | 'fused' = 'fused'): QueryOutcome {
  const metrics = { ...queryMetrics([], new Map()), ndcg10 };
  const lists = { lexical: metrics, vector: null, fused: list === 'fused' ? metrics : null, reranked: null };
  return { id: text, text, wanted: [`/${text}/`], got: ['/other/'], lists };
}

test('queries are paired by their text, and those judged once are counted, not compared', () => {
  const compared = compareEvaluations(
    [outcome('a', 1), outcome('b', 0.5), outcome('gone', 0)],
    [outcome('new', 1), outcome('b', 0.7), outcome('a', 0.4)],
  );
  expect(compared).toMatchObject({ queries: 2, added: 1, removed: 1 });
  expect(compared!.before.ndcg10).toBeCloseTo(0.75);
  expect(compared!.after.ndcg10).toBeCloseTo(0.55);
  expect(compared!.difference.difference).toBeCloseTo(-0.2);
  expect(compared!.fallen.map(({ text }) => text)).toEqual(['a']);
});

test('the deepest fall comes first', () => {
  const compared = compareEvaluations(
    [outcome('a', 1), outcome('b', 1), outcome('c', 1)],
    [outcome('a', 0.9), outcome('b', 0.1), outcome('c', 0.5)],
  );
  expect(compared!.fallen.map(({ text }) => text)).toEqual(['b', 'c', 'a']);
});

test('a text judged twice is paired in order', () => {
  const before = [outcome('a', 1), outcome('a', 0)];
  expect(compareEvaluations(before, before)).toMatchObject({ queries: 2, added: 0, removed: 0, fallen: [] });
});

test('what readers got before is compared with what they get now, whichever list that is', () => {
  const compared = compareEvaluations([outcome('a', 1)], [outcome('a', 0.5, 'lexical')]);
  expect([compared!.before.list, compared!.after.list]).toEqual(['fused', 'lexical']);
});

test('evaluations that share no query cannot be compared', () => {
  expect(compareEvaluations([outcome('a', 1)], [outcome('b', 1)])).toBeNull();
});

test('the deepest list decides', () => {
  expect(decidingList(outcome('a', 1).lists).name).toBe('fused');
  expect(decidingList(outcome('a', 1, 'lexical').lists).name).toBe('lexical');
});

test('queries that want a page seen while tuning are kept apart from the others', () => {
  const record = {
    version: '1',
    weights: defaultWeights,
    queries: 1,
    pages: ['/a/'],
  };
  const { seen, unseen } = splitBySeen([outcome('a', 1), outcome('b', 0.2), outcome('c', 0.4)], record);
  expect([seen.queries, unseen.queries]).toEqual([1, 2]);
  expect(seen.lists.fused!.ndcg10).toBe(1);
  expect(unseen.lists.fused!.ndcg10).toBeCloseTo(0.3);
  expect(meanLists([]).fused).toBeNull();
});
