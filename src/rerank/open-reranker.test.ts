import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyCrossEncoder } from '../../scripts/tiny-models.mjs';
import type { Hit } from '../types';
import { openReranker } from './open-reranker.node';
import { rerankHits } from './rerank-hits';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearbit-reranker-'));
  for (const [path, bytes] of Object.entries(tinyCrossEncoder() as Record<string, Uint8Array>)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const hitsOf = (pages: [id: string, text: string][]) =>
  pages.map(([id, text], i) => ({
    id,
    title: id,
    rank: i + 1,
    score: 1 - i / 100,
    scores: { lexical: 1, vector: 1, rerank: null },
    explanation: { moved: 'both' },
    passages: [{ text, marks: [] }],
  })) as unknown as Hit[];

const hits = hitsOf([
  ['bread', 'Bake the bread in a hot oven.'],
  ['kettle', 'Pour water in the kettle. The tea leaves float.'],
  ['tea', 'It is cold. Steep the tea leaves for three minutes.'],
]);

test('a folder on disk puts the page first whose sentences hold most words of the query', async () => {
  const reranker = await openReranker(folder);
  const query = 'steep tea leaves three minutes';
  const reranked = await rerankHits(hits, (candidates) =>
    reranker.score(query, candidates, { ms: Number.POSITIVE_INFINITY }),
  );
  // Title and sentence of "tea" hold seven equal words, "kettle" two, "bread" none.
  expect(reranked!.hits.map(({ id }) => id)).toEqual(['tea', 'kettle', 'bread']);
  expect(reranked).toMatchObject({ reached: 3, wanted: 3 });
  await reranker.close();
});

test('one page is not asked about', async () => {
  const never = () => Promise.reject(new Error('asked'));
  expect(await rerankHits(hits.slice(0, 1), never)).toBeNull();
});

test('a folder that is none says so', async () => {
  const opening = openReranker(join(folder, 'nowhere'));
  await expect(opening).rejects.toMatchObject({ code: 'model-missing' });
});
