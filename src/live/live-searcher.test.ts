import { describe, expect, test } from 'vitest';
import { portableKernel } from '../kernels/portable';
import { blockPath } from '../segment/block';
import type { BlockKind } from '../types';
import { createLiveSearcher } from './live-searcher';
import { idsOf, searched } from './searched-index.fixture';
import { addPages, openTestIndex, pageOf, removePages } from './tidy-index.fixture';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('a live index', () => {
  test('without documents answers nothing', async () => {
    const { search } = searched(await openTestIndex());
    const answer = await search('stone');
    expect(answer).toMatchObject({ hits: [], found: 0, tier: 'lexical', notices: [] });
    expect((await search('', null, { filter: {}, facets: ['tag'] })).facets).toEqual({ tag: [] });
  });

  test('finds what is there, and not what was removed or replaced', async () => {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'grey stone'), pageOf('b', 'green tree'), pageOf('c', 'old stone')]);
    await addPages(index, [pageOf('a', 'blue river'), pageOf('d', 'a stone')]);
    await removePages(index, ['c']);
    const { search } = searched(index);
    expect(idsOf(await search('stone'))).toEqual(['d']);
    expect(idsOf(await search('river'))).toEqual(['a']);
    expect((await search('river')).hits[0]!.passages[0]!.marks).toEqual([[5, 10]]);
  });

  test('names its stages in milliseconds', async () => {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'grey stone', { tag: 'x' })]);
    const { ms } = await searched(index).search('stone', null, { filter: { tag: 'x' } });
    expect(Object.keys(ms)).toEqual(['total', 'open', 'filter', 'lexical', 'fuse', 'texts', 'fields']);
  });

  test('aborted before it ends rejects with AbortError; closed, by name', async () => {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'grey stone')]);
    const { search, searcher } = searched(index);
    await expect(search('stone', null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await searcher.close();
    await searcher.close();
    await expect(searcher.search('stone', null)).rejects.toMatchObject({ code: 'closed' });
    await expect(searcher.warm()).rejects.toMatchObject({ code: 'closed' });
  });

  test('without embeddings asks for no kernel, and warms what there is', async () => {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'grey stone')]);
    const searcher = createLiveSearcher({ kernel: () => Promise.reject(new Error('no kernel is needed')) });
    searcher.show(index.writer.manifest, index.readers.of(index.writer.manifest, null));
    await searcher.warm();
    expect(idsOf(await searcher.search('stone', new Float32Array(16)))).toEqual(['a']);
    await searcher.close();
  });

  test('reads pages, the words’ postings and the texts of the hits for a first query, and nothing else', async () => {
    const kinds: BlockKind[] = [];
    const index = await openTestIndex(undefined, (store) => ({
      ...store,
      readBlock(kind, ref) {
        kinds.push(kind);
        return store.readBlock(kind, ref);
      },
    }));
    for (const id of ['a', 'b', 'c'])
      await addPages(index, [pageOf(id, id === 'b' ? 'grey stone' : 'green tree')]);
    kinds.length = 0;
    await searched(index).search('stone');
    expect(kinds.sort()).toEqual(['pages', 'pages', 'pages', 'postings', 'postings', 'postings', 'texts']);
  });
});

describe('a filter', () => {
  test('chooses the best of those that pass, however far behind', async () => {
    const index = await openTestIndex();
    // 300 better pages before each that passes.
    await addPages(index, [
      ...range(300).map((i) => pageOf(`short ${i}`, 'stone', { kind: 'other' })),
      ...range(3).map((i) =>
        pageOf(`long ${i}`, `stone ${'and so on forth '.repeat(i + 5)}`, { kind: 'wanted' }),
      ),
    ]);
    const { search } = searched(index);
    const answer = await search('stone', null, { filter: { kind: 'wanted' } });
    expect(idsOf(answer)).toEqual(['long 0', 'long 1', 'long 2']);
    expect(answer.found).toBe(3);
    expect((await search('stone')).found).toBe(303);
    // How rare a word is does not change by filtering.
    const unfiltered = await search('stone', null, { limit: 100, filter: { kind: ['wanted', 'other'] } });
    expect(unfiltered.found).toBe(303);
    expect((await search('stone', null, { limit: 100 })).hits).toEqual(unfiltered.hits);
  });

  test('that is none is refused by name', async () => {
    const { search } = searched(await openTestIndex());
    await expect(search('x', null, { filter: { size: Number.NaN } })).rejects.toMatchObject({
      code: 'field-unusable',
    });
    await expect(search('x', null, { filter: 'x' as never })).rejects.toMatchObject({ code: 'usage' });
    await expect(search('x', null, { facets: 'x' as never })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('an empty query', () => {
  async function notes() {
    const index = await openTestIndex();
    await addPages(index, [
      pageOf('a', 'one\ntwo\nthree\nfour', { tag: 'x', n: 1 }),
      pageOf('b', 'two', { tag: 'y' }),
      pageOf('c', 'three'),
    ]);
    await addPages(index, [pageOf('b', 'four', { tag: 'x' }), pageOf('d', 'five', { tag: 'z' })]);
    return searched(index);
  }

  test('with a filter gives all that pass, newest first, with their first passages and score 0', async () => {
    const { search } = await notes();
    const all = await search('', null, { filter: {} });
    expect(idsOf(all)).toEqual(['d', 'b', 'c', 'a']);
    expect(all.found).toBe(4);
    expect(all.hits.map(({ rank, score }) => [rank, score])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
    expect(all.hits[3]!.passages.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    const limited = await search('  ', null, { filter: { tag: 'x' }, limit: 1 });
    expect(idsOf(limited)).toEqual(['b']);
    expect(limited.found).toBe(2);
  });

  test('with facets counts over all documents; without either gives none', async () => {
    const { search } = await notes();
    const counted = await search('', null, { facets: ['tag', 'n'] });
    expect(counted.found).toBe(4);
    expect(counted.facets).toEqual({
      tag: [
        { value: 'x', count: 2 },
        { value: 'z', count: 1 },
      ],
      n: [{ value: 1, count: 1 }],
    });
    expect(await search('')).toMatchObject({ hits: [], found: 0 });
  });
});

describe('fields', () => {
  test('stand with their hits, in each value’s own type', async () => {
    const index = await openTestIndex();
    const fields = { n: 1.5, isOpen: false, when: new Date(99), tags: ['x', 'y'], name: 'z' };
    await addPages(index, [pageOf('a', 'stone', fields), pageOf('b', 'stone stone stone')]);
    const { hits } = await searched(index).search('stone');
    expect(hits.map(({ id, fields }) => [id, fields])).toEqual([
      ['b', undefined],
      ['a', fields],
    ]);
    expect('fields' in hits[0]!).toBe(false);
  });

  test('are counted over every document that holds a word of the query, not over those shown', async () => {
    const index = await openTestIndex();
    for (const part of [0, 1])
      await addPages(
        index,
        range(250).map((i) =>
          pageOf(`${part} ${i}`, i % 2 ? 'stone' : 'tree', { part, tags: ['all', `${i % 3}`] }),
        ),
      );
    await removePages(index, ['0 1', '0 2']);
    const answer = await searched(index).search('stone', null, { facets: ['part', 'tags'], limit: 3 });
    expect(answer.hits).toHaveLength(3);
    expect(answer.found).toBe(249);
    expect(answer.facets!.part).toEqual([
      { value: 1, count: 125 },
      { value: 0, count: 124 },
    ]);
    expect(answer.facets!.tags![0]).toEqual({ value: 'all', count: 249 });
    const sum = answer.facets!.tags!.slice(1).reduce((total, { count }) => total + count, 0);
    expect(sum).toBe(249);
  });
});

describe('a block that is lost', () => {
  async function damaged(kind: 'pages' | 'dead' | 'postings' | 'fields' | 'texts') {
    const index = await openTestIndex();
    await addPages(index, [pageOf('a', 'grey stone', { tag: 'x' }), pageOf('gone', 'grey stone')]);
    await addPages(index, [pageOf('b', 'old stone', { tag: 'x' })]);
    await removePages(index, ['gone']);
    const [segment] = index.writer.manifest.segments;
    const ref = {
      pages: segment!.pages,
      dead: segment!.dead!,
      postings: segment!.postings[0]!,
      fields: segment!.fields!,
      texts: segment!.groups[0]!.texts,
    }[kind];
    const path = blockPath(kind, ref);
    const bytes = index.memory.blocks.get(path)!;
    index.memory.blocks.delete(path);
    // Readers that have read nothing yet.
    const again = await openTestIndex(index.memory);
    return { ...searched(again), mend: () => index.memory.blocks.set(path, bytes) };
  }

  test('leaves its segment out, says so with every query, and is read when it is back', async () => {
    for (const kind of ['pages', 'dead'] as const) {
      const { search, mend } = await damaged(kind);
      for (let i = 0; i < 2; i++) {
        const answer = await search('stone');
        expect(idsOf(answer), kind).toEqual(['b']);
        expect(answer.notices.join()).toContain(`.${kind}`);
      }
      mend();
      const answer = await search('stone');
      expect(idsOf(answer).sort()).toEqual(['a', 'b']);
      expect(answer.notices).toEqual([]);
    }
  });

  test('of postings, fields or texts costs what it says alone', async () => {
    const postings = await damaged('postings');
    const found = await postings.search('stone');
    expect(idsOf(found)).toEqual(['b']);
    expect(found.notices).toHaveLength(1);
    expect(idsOf(await postings.search('', null, { filter: {} }))).toEqual(['b', 'a']);
    postings.mend();
    // The same state: nothing that was incomplete was kept.
    expect((await postings.searcher.search('stone', null)).found).toBe(2);

    const fields = await damaged('fields');
    const filtered = await fields.search('stone', null, { filter: { tag: 'x' } });
    expect(idsOf(filtered)).toEqual(['b']);
    expect(filtered.notices).toHaveLength(1);
    expect(idsOf(await fields.search('stone')).sort()).toEqual(['a', 'b']);

    const texts = await damaged('texts');
    const shown = await texts.search('stone');
    expect(idsOf(shown)).toEqual(['b']);
    expect(shown.found).toBe(2);
    expect(shown.notices).toHaveLength(1);
  });
});

test('a query goes on with the state it began with', async () => {
  const index = await openTestIndex();
  await addPages(index, [pageOf('a', 'stone'), pageOf('b', 'tree')]);
  const searcher = createLiveSearcher({ kernel: portableKernel });
  let passOn = () => {};
  let isHeld = () => {};
  const held = new Promise<void>((done) => {
    isHeld = done;
  });
  const manifest = index.writer.manifest;
  const readers = index.readers.of(manifest, null).map((reader) => ({
    ...reader,
    async texts(group: number) {
      isHeld();
      await new Promise<void>((done) => {
        passOn = done;
      });
      return reader.texts(group);
    },
  }));
  searcher.show(manifest, readers);
  const before = searcher.search('stone', null);
  await held;
  await removePages(index, ['a']);
  searcher.show(index.writer.manifest, index.readers.of(index.writer.manifest, null));
  expect(idsOf(await searcher.search('stone', null))).toEqual([]);
  passOn();
  expect(idsOf(await before)).toEqual(['a']);
  await searcher.close();
});
