import { expect, test } from 'vitest';
import { wordEncoder } from '../build/word-encoder.fixture';
import { makeCanaries } from '../embed/canary';
import type { ManifestModel } from '../types';
import { sameModel } from './same-model';

const { card } = wordEncoder();
const weights = 'onnx/model_quantized.onnx';

const model = async (changes: Partial<ManifestModel> = {}): Promise<ManifestModel> => ({
  ...card,
  cosineSd: 0.1,
  documentWeights: weights,
  files: {},
  canaries: await makeCanaries([wordEncoder()]),
  ...changes,
});

test('the same known embeddings make two models one, whatever they are called', async () => {
  expect(sameModel(await model(), await model({ name: 'a copy' }))).toBe(true);
});

test('other known embeddings, another dimension or another prefix make them two', async () => {
  const one = await model();
  const turned = one.canaries.map(({ text, embeddings }) => {
    const bytes = [...atob(Object.values(embeddings)[0]!)].reverse().join('');
    return { text, embeddings: { [weights]: btoa(bytes) } };
  });
  expect(sameModel(one, await model({ canaries: turned }))).toBe(false);
  expect(sameModel(one, await model({ dim: one.dim + 8 }))).toBe(false);
  expect(sameModel(one, await model({ queryPrefix: 'query: ' }))).toBe(false);
});

test('without a known text in common the name decides', async () => {
  const one = await model();
  expect(sameModel(one, await model({ canaries: [] }))).toBe(true);
  expect(sameModel(one, await model({ canaries: [], name: 'another' }))).toBe(false);
});
