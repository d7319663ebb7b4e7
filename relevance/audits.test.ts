import { expect, test } from 'vitest';
import { respellings } from '../src/lexical/spelling';
import { auditTable } from './audits';
import { barred, figure, rankCorrelation } from './audits/row';
import { withTypingError } from './audits/typing-errors';
import { sampleBy } from './sample';

const questions = Array.from({ length: 200 }, (_, i) => `how to centre element number ${i} of a table`);

test('a typing error is the same each time, spares first letters and is undone by one respelling', () => {
  for (const question of questions) {
    const typed = withTypingError(question)!;
    expect(withTypingError(question)).toBe(typed);
    const [before, after] = [question, typed].map((text) => text.split(' '));
    const changed = before!.flatMap((word, i) => (word === after![i] ? [] : [[word, after![i]!] as const]));
    expect(changed).toHaveLength(1);
    const [[meant, wrong]] = changed as [readonly [string, string]];
    expect(wrong[0]).toBe(meant[0]);
    expect(respellings(wrong, 'abcdefghijklmnopqrstuvwxyz')).toContain(meant);
  }
});

test('a query without a word of four letters has no typing error', () => {
  expect(withTypingError('css 木 :has()')).toBeNull();
});

test('rank correlation is that of ranks, with ties shared', () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 20, 300, 4000])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBe(0);
  // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
  expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
});

test('a sample does not move when others come and go', () => {
  const few = sampleBy(questions, 5, (text) => text);
  expect(sampleBy([...questions].reverse(), 5, (text) => text)).toEqual(few);
  expect(sampleBy([...few, 'another'], 6, (text) => text)).toEqual(expect.arrayContaining(few));
});

test('the table says what was missed', () => {
  const table = auditTable(new Map([['set', [figure('queries', 3), barred('lost', 0.2, '≤ .05', false)]]]));
  expect(table).toMatch(/queries +3\n/);
  expect(table).toMatch(/lost +0\.200 {2}≤ \.05 {2}MISSED\n0 of 1 bars met$/);
});
