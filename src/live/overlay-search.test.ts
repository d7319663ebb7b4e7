/** A live index over a bundle: its pages as the bundle's own searcher finds them, but for what was changed on the device. */
import { expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { portableKernel } from '../kernels/portable';
import { openSearcher } from '../search/searcher';
import { memoryStore } from '../store/memory-store';
import { readHtml } from '../text';
import { openBase } from './base';
import { KnownIds } from './known-ids';
import { idsOf, searched } from './searched-index.fixture';
import { addPages, openTestIndex, pageOf, removePages, type TestIndex } from './tidy-index.fixture';

const site: Record<string, string> = {
  '/bread/':
    '<h1>Bread</h1><p>Flour, water, salt. <a href="/tea/">Tea</a></p><h2 id="knead">Kneading</h2><p>Knead the dough for ten minutes.</p>',
  '/pasta/':
    '<h1>Pasta</h1><p>Boil water, add salt. Pasta dough rests for an hour. <a href="/tea/">Tea</a></p>',
  '/tea/': '<h1>Tea</h1><p>Boil water and steep the leaves for three minutes.</p>',
  '/knives/': '<h1>Knives</h1><p>Keep blades sharp and dry.</p>',
};
const encoder = wordEncoder();
const embed = (query: string) => encoder.embed([query], 'query');

async function overlaid() {
  const store = memoryStore();
  const documents = Object.entries(site).map(([url, html]) =>
    readHtml(`<html lang="en"><body><main>${html}</main>`, { url }),
  );
  await buildIndex(documents, { store, encoder });
  const bundle = await openSearcher({ store, kernel: portableKernel });
  const local = await openTestIndex();
  const base = await openBase('/index/', store);
  const index: TestIndex = { ...local, base, ids: new KnownIds(local.readers, base) };
  return { store, bundle, index, ...searched(index) };
}

test('an index without changes answers as the bundle does', async () => {
  const { bundle, search } = await overlaid();
  for (const query of ['water', 'knead dough', 'tea', 'sharp ', 'leavess '])
    for (const embedding of [null, await embed(query)]) {
      const own = await bundle.search(query, embedding);
      const live = await search(query, embedding);
      expect(idsOf(live), query).toEqual(idsOf(own));
      for (const [i, hit] of live.hits.entries()) {
        const { score, scores, explanation, passages, ...rest } = own.hits[i]!;
        expect(hit).toMatchObject(rest);
        expect(hit.score).toBeCloseTo(score, 2);
        expect(hit.scores.vector).toBe(scores.vector);
        expect(hit.explanation.shares.links).toBe(explanation.shares.links);
      }
    }
});

test('local documents take the place of the bundle’s, and what was removed is gone', async () => {
  const { index, search } = await overlaid();
  await addPages(index, [pageOf('/tea/', 'pour the water on the leaves'), pageOf('note', 'my own water')]);
  await removePages(index, ['/knives/']);
  const water = await search('water', await embed('water'));
  expect(water.hits.map(({ id, title }) => `${id} ${title}`).sort()).toEqual([
    '/bread/ Bread',
    '/pasta/ Pasta',
    '/tea/ Title of /tea/',
    'note Title of note',
  ]);
  expect(idsOf(await search('blades'))).toEqual([]);
  expect(idsOf(await search('', null, { filter: {} }))).toEqual(['note', '/tea/', '/pasta/', '/bread/']);
  const replaced = water.hits.find(({ id }) => id === '/tea/')!;
  expect(replaced.explanation.shares.links).toBe(0);
});

test('a bundle of another model is left out of the meaning, with a notice', async () => {
  const { index, search } = await overlaid();
  const other = wordEncoder(32);
  const model = {
    ...other.card,
    name: 'other',
    cosineSd: 0.1,
    documentWeights: '',
    files: {},
    canaries: [],
    folder: null,
  };
  await addPages(index, [pageOf('note', 'my own water')]);
  await index.writer.transact(async (manifest) => ({
    manifest: { ...manifest, model },
    blocks: [],
    result: null,
  }));
  const answer = await search('water', await embed('water'));
  expect(answer.tier).toBe('lexical');
  expect(answer.notices.join()).toContain('expected embeddings of other, received those of words');
});
