import { describe, expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { StoreError } from '../errors';
import { portableKernel } from '../kernels/portable';
import { memoryStore } from '../store/memory-store';
import type { ReadableStore } from '../store/store';
import { readHtml } from '../text';
import type { BlockKind } from '../types';
import { defaultWeights, foreignCosineWeight } from './fuse';
import { openSearcher } from './searcher';

const site = {
  '/bread/':
    '<h1>Bread</h1><p>Flour, water, salt.</p><h2 id="knead">Kneading</h2><p>Knead the dough for ten minutes.</p>',
  '/pasta/': '<h1>Pasta</h1><p>Boil water, add salt. Pasta dough rests for an hour.</p>',
  '/tea/': '<h1>Tea</h1><p>Boil water and steep the leaves for three minutes.</p>',
  '/knives/': '<h1>Knives</h1><p>Keep blades sharp and dry.</p>',
};

const encoder = wordEncoder();
const embed = (query: string) => encoder.embed([query], 'query');

async function siteStore(): Promise<ReadableStore> {
  const store = memoryStore();
  const documents = Object.entries(site).map(([url, html]) =>
    readHtml(`<html lang="en"><body><main>${html}</main>`, { url }),
  );
  await buildIndex(documents, { store, encoder });
  return store;
}

const open = async (store?: ReadableStore) =>
  openSearcher({ store: store ?? (await siteStore()), kernel: portableKernel });

/** The same store, but blocks of one kind cannot be read. */
function without(store: ReadableStore, missing: BlockKind): ReadableStore {
  return {
    ...store,
    readBlock: async (kind, ref, options) => {
      if (kind === missing) throw new StoreError('block-missing', { path: ref.hash, received: 'status 404' });
      return store.readBlock(kind, ref, options);
    },
  };
}

describe('a query', () => {
  test('ranks by words alone when there is no embedding', async () => {
    const { hits, tier } = await (await open()).search('knead dough', null);
    expect(tier).toBe('lexical');
    // Both words stand on /bread/ ("Kneading" shares the stem); only one on /pasta/.
    expect(hits.map(({ id }) => id)).toEqual(['/bread/', '/pasta/']);
    expect(hits[0]!.scores).toMatchObject({ vector: null, rerank: null });
  });

  test('finds a page while its word is still being typed', async () => {
    const { hits } = await (await open()).search('knea', null);
    expect(hits[0]?.id).toBe('/bread/');
  });

  test('brings every page into play by meaning, and says each leg’s raw score', async () => {
    const { hits, tier, found } = await (await open()).search('boil water', await embed('boil water'));
    expect(tier).toBe('full');
    expect(found).toBe(4);
    expect(['/tea/', '/pasta/']).toContain(hits[0]!.id);
    expect(hits[0]!.scores.lexical).toBeGreaterThan(0);
    expect(hits[0]!.scores.vector).toBeGreaterThan(hits.at(-1)!.scores.vector!);
  });

  test('in an index whose language the model was not made for is ranked by words first', async () => {
    const store = memoryStore();
    const made: Record<string, string> = {
      '/mehl/': 'Mehl, Wasser und Salz.',
      '/tee/': 'Wasser kochen und die Blätter ziehen lassen. Salz gehört nicht hinein.',
    };
    const pages = Object.entries(made).map(([url, text]) =>
      readHtml(`<html lang=de><main><p>${text}</p></main>`, { url }),
    );
    const english = { ...encoder, card: { ...encoder.card, languages: ['en'] } };
    await buildIndex(pages, { store, encoder: english });
    const meaningOf = async (options: { weights?: typeof defaultWeights } = {}) => {
      const searcher = await openSearcher({ store, kernel: portableKernel, ...options });
      const { hits } = await searcher.search('Blätter', await embed('Wasser Mehl'));
      return Math.max(...hits.map(({ explanation }) => explanation.shares.meaning));
    };
    const usual = await meaningOf({ weights: defaultWeights });
    expect(await meaningOf()).toBeCloseTo((usual * foreignCosineWeight) / defaultWeights.cosine, 6);
  });

  test('marks the words and links to them', async () => {
    const { hits } = await (await open()).search('knead', null);
    const passage = hits[0]!.passages.find(({ text }) => text.includes('Knead the dough'))!;
    expect(passage.marks.map(([from, to]) => passage.text.slice(from, to))).toContain('Knead');
    expect(passage.link).toMatch(/^\/bread\/#.*:~:text=/);
  });

  test('names its stages in milliseconds', async () => {
    const { ms } = await (await open()).search('salt', await embed('salt'));
    expect(Object.keys(ms)).toEqual(
      expect.arrayContaining(['total', 'lexical', 'scan', 'rescore', 'fuse', 'texts']),
    );
  });

  test('empty, of control characters, of emoji, or of 100,000 characters is answered', async () => {
    const searcher = await open();
    for (const query of ['', '   ', '\u0000\u0007', '🍞🍞', 'bread '.repeat(17_000)]) {
      const answer = await searcher.search(query, null);
      expect(answer.hits.length).toBeLessThanOrEqual(4);
    }
    expect((await searcher.search('', null)).hits).toEqual([]);
  });

  test('aborted before it ends rejects with AbortError', async () => {
    const searcher = await open();
    await expect(searcher.search('salt', null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('aborted while it reads several blocks leaves no rejection behind', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const controller = new AbortController();
    const store = memoryStore();
    const pages = Array.from({ length: 6 }, (_, i) =>
      readHtml(`<h1>Page ${i}</h1><p>${`number${i} words and more words. `.repeat(12_000)}`, {
        url: `/${i}/`,
      }),
    );
    await buildIndex(pages, { store, encoder });
    const slow: ReadableStore = {
      ...store,
      readBlock: async (kind, ref, options) => {
        if (kind === 'fine') controller.abort();
        return store.readBlock(kind, ref, options);
      },
    };
    const query = (await open(slow)).search('number', await embed('number'), { signal: controller.signal });
    await expect(query).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((done) => setImmediate(done));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  test('with an embedding of another dimension is refused by name', async () => {
    const searcher = await open();
    await expect(searcher.search('salt', new Float32Array(32))).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });
});

describe('a block that cannot be read', () => {
  test('of finer planes leaves the lexical order and a notice', async () => {
    const searcher = await open(without(await siteStore(), 'fine'));
    const { hits, notices } = await searcher.search('knead dough', await embed('knead dough'));
    expect(hits[0]?.id).toBe('/bread/');
    expect(hits[0]?.scores.vector).toBeNull();
    expect(notices.join()).toContain('status 404');
  });

  test('of postings leaves the order by meaning and a notice', async () => {
    const searcher = await open(without(await siteStore(), 'postings'));
    const { hits, notices } = await searcher.search('knead the dough', await embed('knead the dough'));
    expect(hits.length).toBe(4);
    expect(notices).toHaveLength(1);
  });

  test('of texts leaves out those pages with a notice', async () => {
    const searcher = await open(without(await siteStore(), 'texts'));
    const { hits, notices } = await searcher.search('knead', null);
    expect(hits).toEqual([]);
    expect(notices).toHaveLength(1);
  });

  test('is tried again with the next query', async () => {
    const store = await siteStore();
    let fail = true;
    const flaky: ReadableStore = {
      ...store,
      readBlock: (kind, ref, options) =>
        (fail && kind === 'pages' ? without(store, 'pages') : store).readBlock(kind, ref, options),
    };
    const searcher = await open(flaky);
    await expect(searcher.search('knead', null)).rejects.toMatchObject({ code: 'block-missing' });
    fail = false;
    expect((await searcher.search('knead', null)).hits).toHaveLength(1);
  });
});
