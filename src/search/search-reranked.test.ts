import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { portableKernel } from '../kernels/portable';
import { mostReranked } from '../rerank/depth';
import type { Reranker } from '../rerank/reranker';
import { memoryStore } from '../store/memory-store';
import { readHtml } from '../text';
import { searchReranked } from './search-reranked';
import { openSearcher } from './searcher';

const encoder = wordEncoder();
const read: string[][] = [];

/** Wants the tenth page. */
const reranker: Reranker = {
  name: 'tenth',
  weights: 'none',
  async score(_query, candidates, { ms }) {
    expect(ms).toBe(Number.POSITIVE_INFINITY);
    read.push(candidates.map(({ title }) => title));
    return { logits: candidates.map(({ title }) => (title === 'Page 9' ? 9 : -9)), pairMs: 1 };
  },
  async close() {},
};

async function searcherOf(pages: number) {
  const store = memoryStore();
  const documents = Array.from({ length: pages }, (_, i) =>
    readHtml(`<title>Page ${i}</title><p>Boil water.</p>`, { url: `/${i}/` }),
  );
  await buildIndex(documents, { store, encoder });
  return openSearcher({ store, kernel: portableKernel });
}

test('the page that the reranker wants comes first, also among fewer hits than it reads', async () => {
  const searcher = await searcherOf(12);
  const embedding = await encoder.embed(['boil water'], 'query');
  const answer = await searchReranked({ searcher, reranker }, 'boil water', embedding, 3);
  expect(read.at(-1)).toContain('Page 9');
  expect(read.at(-1)!.length).toBeLessThanOrEqual(mostReranked);
  expect(answer.hits.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  expect(answer.hits[0]).toMatchObject({ title: 'Page 9', explanation: { moved: 'reranked' } });
  expect(answer.ms.total).toBeGreaterThanOrEqual(answer.ms.rerank!);
});

test('an answer by words alone, or of a single page, stands as it is', async () => {
  const many = await searcherOf(5);
  const before = read.length;
  const byWords = await searchReranked({ searcher: many, reranker }, 'boil water', null, 3);
  expect(byWords.hits).toHaveLength(3);
  const one = await searcherOf(1);
  const embedding = await encoder.embed(['boil water'], 'query');
  const single = await searchReranked({ searcher: one, reranker }, 'boil water', embedding, 3);
  expect(single.hits[0]!.scores.rerank).toBeNull();
  expect(read).toHaveLength(before);
  expect(single.ms).not.toHaveProperty('rerank');
});
