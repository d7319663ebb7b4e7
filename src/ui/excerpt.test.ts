import { describe, expect, test } from 'vitest';
import { excerpt, markSegments } from './excerpt';

const plain = (segments: { text: string }[]) => segments.map((segment) => segment.text).join('');

describe('markSegments', () => {
  test('splits a text at its marks and loses no character', () => {
    const segments = markSegments('cookies and caches', [
      [12, 18],
      [0, 7],
    ]);
    expect(segments).toEqual([
      { text: 'cookies', marked: true },
      { text: ' and ', marked: false },
      { text: 'caches', marked: true },
    ]);
  });

  test('clips marks that overlap, are empty or lie outside', () => {
    const segments = markSegments('abcdef', [
      [1, 3],
      [2, 4],
      [4, 4],
      [5, 99],
      [200, 300],
    ]);
    expect(plain(segments)).toBe('abcdef');
    expect(segments.filter((segment) => segment.marked).map((segment) => segment.text)).toEqual([
      'bc',
      'd',
      'f',
    ]);
  });

  test('gives nothing for an empty text', () => {
    expect(markSegments('', [[0, 3]])).toEqual([]);
  });
});

describe('excerpt', () => {
  const filler = 'lorem ipsum dolor sit amet '.repeat(20);
  const text = `${filler}the vary header and the cache ${filler}`;
  const at = text.indexOf('vary');
  const marks: [number, number][] = [
    [0, 5],
    [at, at + 4],
    [at + 20, at + 25],
  ];

  test('shows a short text whole', () => {
    expect(excerpt('short', [[0, 5]], 100)).toEqual([{ text: 'short', marked: true }]);
  });

  test('shows the window with most marks, cut between words, with ellipses', () => {
    const segments = excerpt(text, marks, 100);
    expect(segments.filter((segment) => segment.marked).map((segment) => segment.text)).toEqual([
      'vary',
      'cache',
    ]);
    expect(segments[0]!.text).toBe('… ');
    expect(segments.at(-1)!.text).toBe(' …');
    const words = new Set(text.split(' '));
    for (const word of plain(segments)
      .split(' ')
      .filter((word) => word !== '…'))
      expect(words).toContain(word);
    expect(plain(segments).length).toBeLessThanOrEqual(106);
  });

  test('begins with the quoted sentence, even where another part holds more marks', () => {
    const quoted = `${filler}Say it once. The vary header and the vary cache. ${filler}`;
    const from = quoted.indexOf('Say');
    const shown = plain(
      excerpt(
        quoted,
        [
          [from, from + 3],
          [from + 17, from + 21],
          [from + 37, from + 41],
        ],
        100,
        [from, from + 12],
      ),
    );
    expect(shown.startsWith('… Say it once.')).toBe(true);
  });

  test('shows the part of a quote longer than the window that holds most marks', () => {
    const start = filler.length;
    const shown = plain(excerpt(text, marks, 100, [start - 200, text.length]));
    expect(shown).toContain('vary header and the cache');
  });

  test('ends with the text where the quote is its last words', () => {
    const last = `${filler}the end.`;
    const shown = plain(
      excerpt(last, [[last.length - 4, last.length - 1]], 100, [last.length - 8, last.length]),
    );
    expect(shown.endsWith('the end.')).toBe(true);
    expect(shown.length).toBeGreaterThan(70);
  });

  test('shows the beginning where nothing is marked', () => {
    const segments = excerpt(text, [], 50);
    expect(plain(segments).startsWith('lorem ipsum')).toBe(true);
    expect(segments.at(-1)!.text).toBe(' …');
  });

  test('never cuts a character in two where a script writes no spaces', () => {
    for (let length = 40; length < 48; length++) {
      const shown = plain(excerpt('😀'.repeat(200), [[200, 202]], length));
      expect(encodeURIComponent(shown)).toContain('%F0');
    }
  });
});
