import { afterEach, expect, test } from 'vitest';
import { wordEncoder } from '../build/word-encoder.fixture';
import { NearbitError } from '../errors';
import type { NearbitIndex } from './nearbit-index';
import { openIndex } from './open-index';

const documents = [
  { id: 'bread', html: '<title>Bread</title><main><p>Knead the dough for ten minutes.</main>' },
  { id: 'tea', text: 'Steep the leaves for three minutes.' },
];

let index: NearbitIndex | null = null;
afterEach(() => index?.close());

test('documents are indexed and searched by words in a real index worker', async () => {
  index = await openIndex({ documents });
  const { hits, tier } = await index.search('kneading');
  expect([tier, hits[0]?.title]).toEqual(['lexical', 'Bread']);
  expect(index.status.kernel).toEqual({ name: 'none', reason: 'not needed yet', refused: [] });
});

test('a kernel that is not allowed is not used, and status says so', async () => {
  index = await openIndex({ documents, encoder: wordEncoder(), kernels: ['portable'] });
  await index.warm();
  expect(index.status.kernel.name).toBe('portable');
  const refused = index.status.kernel.refused.map(({ kernel }) => kernel);
  expect(refused.sort()).toEqual(['wasm', 'wasm-simd', 'webgpu']);
});

test("with the caller's own encoder the embedding reaches the index worker", async () => {
  index = await openIndex({ documents, encoder: wordEncoder() });
  const tiers: string[] = [];
  for await (const answer of index.searchSteps('steep the leaves')) {
    tiers.push(answer.tier);
    expect(answer.hits[0]?.id).toBe('tea');
  }
  expect(tiers).toEqual(['lexical', 'full']);
});

test('a source that is no index is said by address, whatever the server answers there', async () => {
  const error = await openIndex({ source: '/no/such/index' }).then(
    () => null,
    (reason: unknown) => reason,
  );
  // 404, or a page where the server answers unknown addresses with one: as many hosts do.
  expect(error).toBeInstanceOf(NearbitError);
  expect(['index-missing', 'format-corrupt']).toContain((error as NearbitError).code);
  expect((error as NearbitError).message).toContain('/no/such/index/');
});
