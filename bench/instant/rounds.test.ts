import { expect, test } from 'vitest';
import { partOf, roundsOf, sumsOf } from './rounds';
import { readRange } from './server';

const request = (path: string, start: number, end: number, bytes = 10) => ({
  path,
  status: 200,
  start,
  end,
  bytes,
});

test('requests sent together are one round, however many they are and however late the last one ends', () => {
  expect(roundsOf([request('/a', 0, 30), request('/b', 1, 90), request('/c', 2, 31)])).toBe(1);
  expect(roundsOf([])).toBe(0);
});

test('a request sent after another has ended is a round more', () => {
  const engine = request('/e.js', 0, 30);
  const words = [request('/w', 31, 60), request('/w2', 32, 75)];
  const cells = [request('/c', 76, 100), request('/c2', 62, 99)];
  expect(roundsOf([engine, ...words])).toBe(2);
  expect(roundsOf([...cells, ...words, engine])).toBe(3);
});

test('bytes are counted by the kind of file, and all of them are in the sum', () => {
  const set = '/nearbit/instant/0123';
  const sums = sumsOf([
    request('/nearbit/engine/nearbit-search.js', 0, 30, 1000),
    request('/nearbit/instant.json', 31, 60, 5),
    request(`${set}/start.bin`, 61, 90, 300),
    request(`${set}/words-12.bin`, 91, 120, 70),
    request(`${set}/cells-0.bin`, 121, 150, 60),
    request(`${set}/cards-3.bin`, 121, 151, 50),
    request('/nearbit/blocks/aa.texts', 121, 150, 7),
  ]);
  expect(sums.parts).toEqual({ engine: 1000, start: 305, words: 70, cells: 60, cards: 50, other: 7 });
  expect(sums).toMatchObject({ bytes: 1492, requests: 7, rounds: 5 });
  expect(partOf('/pagefind/pagefind.js')).toBe('engine');
});

test('the server answers one range inside the file, and everything else with the whole file', () => {
  expect(readRange('bytes=0-99', 1000)).toEqual({ start: 0, end: 100 });
  expect(readRange('bytes=900-2000', 1000)).toEqual({ start: 900, end: 1000 });
  expect(readRange('bytes=-100', 1000)).toEqual({ start: 900, end: 1000 });
  expect(readRange('bytes=5-', 1000)).toEqual({ start: 5, end: 1000 });
  for (const header of [undefined, 'bytes=0-1,5-6', 'bytes=-', 'bytes=1000-1001', 'lines=1-2'])
    expect(readRange(header, 1000)).toBeNull();
});
