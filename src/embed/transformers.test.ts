import { env, pipeline } from '@huggingface/transformers';
import { expect, it } from 'vitest';
import { openNodeEncoder } from './node-encoder.node';
import { transformersEncoder } from './transformers';

const models = new URL('../../models/', import.meta.url).pathname;
env.localModelPath = models;
env.allowRemoteModels = false;

const texts = [
  'css grid',
  'How do I cancel a fetch request?',
  'Flexbox is a one-dimensional layout method for arranging items in rows or columns.',
  "const x = await fetch('/api/' + id); // 42",
  '',
  ' ',
  'a',
  'UPPER lower MiXeD',
  'naïve café Füße',
  'emoji 😀👍🏽 in text',
  '東京 is in 日本',
  'Привет, мир',
  'ไม่มีช่องว่าง',
  'tab\tnew\nline\r\nend',
  'zero\u200bwidth \u00a0 space',
  '[SEP] [MASK] special',
  'x'.repeat(150),
  '!?…—“quotes”',
  'e\u0301 combining',
  'A longer passage about the tide, which comes in twice a day. '.repeat(12),
];

it.each([
  ['q8', 'onnx/model_quantized.onnx'],
  ['q4', 'onnx/model_q4.onnx'],
] as const)('our own path equals transformers.js with dtype %s, to 1e-5', async (dtype, weights) => {
  const extractor = await pipeline('feature-extraction', 'all-MiniLM-L6-v2', { dtype });
  const theirs = await transformersEncoder(extractor, { card: { maxTokens: 256, cosineSd: 0.109 }, weights });
  const ours = await openNodeEncoder(`${models}all-MiniLM-L6-v2`, { weights });
  expect(theirs.card).toEqual(ours.card);
  expect(theirs.report).toMatchObject({ runtime: 'transformers.js', weights });
  const expected = await theirs.embed(texts, 'query');
  const rows = await ours.embed(texts, 'query');
  expect(rows.length).toBe(texts.length * 384);
  for (const [i, x] of rows.entries()) {
    if (Math.abs(x - expected[i]!) > 1e-5)
      expect.fail(`${texts[Math.floor(i / 384)]}: ${x} against ${expected[i]}`);
  }
  for (const text of texts) expect(theirs.countTokens(text), text).toBe(ours.countTokens(text));
  await Promise.all([theirs.close(), ours.close()]);
});
