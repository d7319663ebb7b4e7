import { describe, expect, test } from 'vitest';
import { chooseKernel } from '../kernels/choose';
import { rankBy } from '../search/rank-by';
import { openSearcher } from '../search/searcher';
import { decodeDocuments } from '../segment/documents-block';
import { manifestBlocks } from '../segment/manifest';
import { memoryStore } from '../store/memory-store';
import { readPlainText } from '../text';
import type { SourceDocument } from '../types';
import { buildIndex } from './build-index';
import type { EmbeddingCache } from './embed-stage';
import { wordEncoder } from './word-encoder.fixture';

const pages = (texts: Record<string, string>): SourceDocument[] =>
  Object.entries(texts).map(([id, text]) => readPlainText(text, { id, url: id, title: id.slice(1) }));

const garden = {
  '/tomatoes': 'Tomatoes need warm soil and regular water.',
  '/compost': 'Compost turns kitchen scraps into soil.',
  '/frost': 'Cover seedlings when frost is near.',
};

function mapCache(): EmbeddingCache {
  const rows = new Map<string, Float32Array>();
  return {
    get: (text) => rows.get(text) ?? null,
    put: (text, row) => void rows.set(text, row.slice()),
    flush() {},
  };
}

describe('buildIndex', () => {
  test('gives byte-identical blocks for unchanged input, cached or not', async () => {
    const names: string[][] = [];
    const cache = mapCache();
    for (const options of [{}, { cache }, { cache }]) {
      const store = memoryStore();
      await buildIndex(pages(garden), { store, encoder: wordEncoder(), ...options });
      names.push([...manifestBlocks(await store.readManifest())].map(({ ref }) => ref.hash));
    }
    expect(names[1]).toEqual(names[0]);
    expect(names[2]).toEqual(names[0]);
  });

  test('lists the ids of its pages, in order, for indexes that lie over it', async () => {
    const store = memoryStore();
    const report = await buildIndex(pages(garden), { store, encoder: null });
    const { documents } = await store.readManifest();
    const block = decodeDocuments(await store.readBlock('documents', documents!), 'documents');
    expect(block.ids).toEqual(Object.keys(garden));
    const { total, ...parts } = report.bytes;
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(total);
    expect(total).toBe(
      [...manifestBlocks(await store.readManifest())].reduce((sum, { ref }) => sum + ref.bytes, 0),
    );
  });

  test('encodes only passages whose text changed', async () => {
    const cache = mapCache();
    await buildIndex(pages(garden), { store: memoryStore(), encoder: wordEncoder(), cache });
    const encoded: string[] = [];
    const changed = { ...garden, '/frost': 'Cover seedlings before the first frost.' };
    const report = await buildIndex(pages(changed), {
      store: memoryStore(),
      encoder: wordEncoder(64, encoded),
      cache,
    });
    expect(report.reused).toBe(2);
    expect(encoded.filter((text) => text.includes('seedlings'))).toHaveLength(1);
    expect(encoded.some((text) => text.includes('Compost turns'))).toBe(false);
  });

  test('leaves out pages that ask for it, pages without a word, and second pages of one URL, with the reason', async () => {
    const [first] = pages({ '/a': 'one' });
    const report = await buildIndex(
      [first!, { ...first!, noindex: true }, first!, { ...first!, id: '/empty', title: '', sections: [] }],
      { store: memoryStore(), encoder: null },
    );
    expect(report.pages).toBe(1);
    expect(report.leftOut.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
      '/a: it asks not to be indexed (robots noindex)',
      '/a: another page has the same URL',
      '/empty: it has neither a title nor text',
    ]);
  });

  test('an aborted build leaves the old index whole', async () => {
    const store = memoryStore();
    await buildIndex(pages(garden), { store, encoder: wordEncoder() });
    const before = await store.readManifest();
    const controller = new AbortController();
    const build = buildIndex(pages({ '/new': 'other words' }), {
      store,
      encoder: wordEncoder(),
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'encode' && controller.abort(),
    });
    await expect(build).rejects.toThrow(/abort/i);
    expect(await store.readManifest()).toEqual(before);
    const { kernel } = await chooseKernel();
    const searcher = await openSearcher({ store, kernel });
    expect((await searcher.search('compost', null)).hits[0]?.id).toBe('/compost');
  });

  test('an index of no pages opens and answers with no hits', async () => {
    const store = memoryStore();
    const encoder = wordEncoder();
    await buildIndex([], { store, encoder });
    const { kernel } = await chooseKernel();
    const searcher = await openSearcher({ store, kernel });
    const answer = await searcher.search('anything', await encoder.embed(['anything'], 'query'));
    expect(answer.hits).toEqual([]);
  });

  test('thousands of passages span several groups and codes stay in ordinal order', async () => {
    const many: Record<string, string> = {};
    for (let i = 0; i < 1500; i++)
      many[`/page-${i}`] = `number${i} stands here. ${'filler words about weather and water. '.repeat(8)}`;
    const store = memoryStore();
    const encoder = wordEncoder();
    await buildIndex(pages(many), { store, encoder });
    const manifest = await store.readManifest();
    expect(manifest.groups.length).toBeGreaterThan(1);
    expect(manifest.code?.rotation).toBe('fitted');
    const { kernel } = await chooseKernel();
    const searcher = await openSearcher({ store, kernel });
    for (const i of [0, 700, 1499]) {
      const query = `number${i} stands here`;
      const ranked = await rankBy(searcher, 'fused', query, await encoder.embed([query], 'query'));
      expect(ranked[0]?.page).toBe(i);
    }
  }, 60_000);
});
