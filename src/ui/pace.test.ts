import { describe, expect, test } from 'vitest';
import { pauseMs, quietMs, singleMs } from './pace';

describe('in the instant tier, where every beginning of a word moves bytes', () => {
  const pause = (query: string, whole = false) => pauseMs(query, 'instant', whole);

  test('a word waits until the typing pauses', () => {
    expect(['flexb', 'how to ce', 'größe', '中', '日本'].map((query) => pause(query))).toEqual(
      Array(5).fill(quietMs),
    );
  });

  test('a single letter waits much longer: it is the beginning of a word, unless somebody rests on it', () => {
    expect(['h', 'vitamin c', 'array 1', "l'h"].map((query) => pause(query))).toEqual(
      Array(4).fill(singleMs),
    );
  });

  test('a space ends the word, and what is pasted or entered is whole', () => {
    expect([pause('flexbox '), pause('c '), pause('flexb', true), pause('c', true)]).toEqual([0, 0, 0, 0]);
  });
});

test('the other tiers never wait', () => {
  expect([pauseMs('f', 'lexical', false), pauseMs('flexb', 'full', false)]).toEqual([0, 0]);
});
