import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { portableKernel } from '../kernels/portable';
import { defaultWeights } from '../search/fuse';
import { rankBy } from '../search/rank-by';
import { openSearcher } from '../search/searcher';
import { memoryStore } from '../store/memory-store';
import { readHtml } from '../text';
import { readPageIds } from './judged-pages';
import { ndcgPerWeight, orderUnder, unitWeights } from './weighted-pages';

const words =
  'flour water salt dough knead rest bake cool slice toast steep leaves pour boil sharp blade'.split(' ');
const encoder = wordEncoder();
const embed = (text: string) => encoder.embed([text], 'query');

async function siteStore() {
  const store = memoryStore();
  const pages = Array.from({ length: 40 }, (_, i) => {
    const text = (from: number, n: number) =>
      Array.from({ length: n }, (_, j) => words[(from * (j + 3) + j * j) % words.length]).join(' ');
    const html = `<h1>${text(i, 2)}</h1><p>${text(i + 1, 40)}.</p><h2 id=more>${text(i, 1)}</h2><p>${text(i + 7, 60)}.</p>`;
    return readHtml(`<html lang=en><main>${html}</main>`, { url: `/${i}/` });
  });
  await buildIndex(pages, { store, encoder });
  return store;
}

test('under any weight the order is that of a searcher with this weight', async () => {
  const store = await siteStore();
  const unit = await openSearcher({ store, kernel: portableKernel, weights: unitWeights });
  for (const weight of [0, defaultWeights.cosine, 1.3]) {
    const weights = { ...defaultWeights, cosine: weight };
    const searcher = await openSearcher({ store, kernel: portableKernel, weights });
    for (const query of ['knead dough', 'boil water leaves', 'sharp', 'nothing known']) {
      const embedding = await embed(query);
      const ranked = await rankBy(searcher, 'fused', query, embedding);
      expect(orderUnder(weight, await rankBy(unit, 'fused', query, embedding))).toEqual(
        ranked.map(({ page }) => page),
      );
    }
  }
});

test('each weight gets the nDCG@10 of its order', async () => {
  const store = await siteStore();
  const searcher = await openSearcher({ store, kernel: portableKernel, weights: unitWeights });
  const ids = await readPageIds(store, searcher.manifest);
  const embedding = await embed('boil water');
  const [first] = orderUnder(0, await rankBy(searcher, 'fused', 'boil water', embedding));
  const query = { text: 'boil water', grades: new Map([[ids[first!]!, 1]]) };
  const [byWords, byMeaning] = await ndcgPerWeight(query, embedding, [0, 1e6], { searcher, ids });
  expect(byWords).toBe(1);
  expect(byMeaning).toBeLessThan(1);
});
