import { describe, expect, test } from 'vitest';
import type { PairEncoder } from '../embed/pair-encoder';
import { createReranker } from './reranker';

const candidates = ['bread', 'tea', 'pasta', 'salt', 'rice'].map((title) => ({
  title,
  passages: [{ text: `About ${title}.`, marks: [] }],
}));

/** Time goes on only while a pair is scored; pairs take `pairMs[i]`, the last one's time ever after. */
function clockedEncoder(pairMs: number[]) {
  const scored: string[] = [];
  let clockMs = 0;
  let pairs = 0;
  const encoder: PairEncoder = {
    name: 'clocked',
    weights: 'none',
    maxTokens: 128,
    countTokens: (text) => text.length / 4,
    async score(_query, passage) {
      clockMs += pairMs[Math.min(pairs++, pairMs.length - 1)]!;
      scored.push(passage.split('.')[0]!);
      return scored.length;
    },
    async close() {},
  };
  return { encoder, scored, timing: { now: () => clockMs, pause: async () => {} } };
}

async function open(pairMs: number[]) {
  const { encoder, scored, timing } = clockedEncoder(pairMs);
  const reranker = await createReranker(encoder, timing);
  // The two pairs that tell how long one takes.
  scored.length = 0;
  return { reranker, scored, timing };
}

describe('the time box', () => {
  test('with time enough every candidate is read, in order', async () => {
    const { reranker, scored } = await open([10]);
    const { logits } = await reranker.score('tea', candidates, { ms: 1000 });
    expect(logits).toHaveLength(5);
    expect(scored).toEqual(['bread', 'tea', 'pasta', 'salt', 'rice']);
  });

  test('a pair that would probably end too late is not begun', async () => {
    const { reranker, scored, timing } = await open([10]);
    const began = timing.now();
    const { logits, pairMs } = await reranker.score('tea', candidates, { ms: 39 });
    expect([logits.length, scored.length, pairMs]).toEqual([3, 3, 10]);
    expect(timing.now() - began).toBeLessThanOrEqual(39);
  });

  test('no time is no pair', async () => {
    const { reranker, scored } = await open([10]);
    expect((await reranker.score('tea', candidates, { ms: 0 })).logits).toEqual([]);
    expect((await reranker.score('tea', candidates, { ms: -3 })).logits).toEqual([]);
    expect(scored).toEqual([]);
  });

  test('the first run of all does not count: it is slower than the others', async () => {
    const { reranker } = await open([500, 10]);
    expect((await reranker.score('tea', candidates, { ms: 60 })).logits).toHaveLength(5);
  });

  test('one slow moment does not switch it off for good', async () => {
    // The pair that was timed took 100 ms on a busy machine; from then on pairs take 5.
    const { reranker } = await open([100, 100, 5]);
    let queries = 0;
    while ((await reranker.score('tea', candidates, { ms: 60 })).logits.length === 0) queries++;
    expect(queries).toBeGreaterThan(0);
    expect(queries).toBeLessThan(10);
  });
});

test('an abort stops it between two pairs', async () => {
  const { encoder, scored, timing } = clockedEncoder([1]);
  const controller = new AbortController();
  const pause = async () => {
    if (scored.at(-1) === 'tea') controller.abort();
  };
  const reranker = await createReranker(encoder, { ...timing, pause });
  const scoring = reranker.score('tea', candidates, { ms: 1000, signal: controller.signal });
  await expect(scoring).rejects.toMatchObject({ name: 'AbortError' });
  expect(scored.slice(2)).toEqual(['bread', 'tea']);
});

test('messages that wait are heard between two pairs', async () => {
  const { encoder } = clockedEncoder([1]);
  const reranker = await createReranker(encoder);
  const controller = new AbortController();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => controller.abort();
  port2.postMessage('cancel');
  const many = Array(10_000).fill(candidates[0]!);
  const scoring = reranker.score('tea', many, { ms: Number.POSITIVE_INFINITY, signal: controller.signal });
  await expect(scoring).rejects.toMatchObject({ name: 'AbortError' });
  port1.close();
});
