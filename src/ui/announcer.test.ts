import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Announcer, answerSentence } from './announcer';
import { makeAnswer } from './fake-index.fixture';
import { english } from './strings';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sentence = (previous: string[] | null, now: string[]) =>
  answerSentence(previous && makeAnswer('bread', previous), makeAnswer('bread', now), english, 'en');

test('counts pages, one and many', () => {
  expect(sentence(null, ['/a'])).toBe('1 page');
  expect(sentence(null, ['/a', '/b'])).toBe('2 pages');
});

test('says which query has no hits', () => {
  expect(sentence(null, [])).toBe('No page matches “bread”');
});

test('tells an improved order from the same order', () => {
  expect(sentence(['/a', '/b'], ['/b', '/a'])).toBe('Order improved, 2 pages');
  expect(sentence(['/a', '/b'], ['/a', '/b'])).toBe('2 pages');
  expect(sentence([], ['/a'])).toBe('1 page');
});

test('only the last sentence is said, and only after a pause', () => {
  const said: string[] = [];
  const announcer = new Announcer((text) => text && said.push(text), 500);
  announcer.say('1 page');
  vi.advanceTimersByTime(499);
  announcer.say('2 pages');
  vi.advanceTimersByTime(499);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['2 pages']);
});

test('the region is emptied between sentences, so that the same sentence is read again', () => {
  const written: string[] = [];
  const announcer = new Announcer((text) => written.push(text), 500);
  announcer.say('2 pages');
  vi.advanceTimersByTime(500);
  announcer.say('2 pages');
  vi.advanceTimersByTime(500);
  expect(written).toEqual(['', '2 pages', '', '2 pages']);
});

test('silence cancels what has not been said', () => {
  const said: string[] = [];
  const announcer = new Announcer((text) => text && said.push(text), 500);
  announcer.say('2 pages');
  announcer.say('');
  vi.advanceTimersByTime(1000);
  expect(said).toEqual([]);
});
