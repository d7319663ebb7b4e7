import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wordEncoder } from '../build/word-encoder.fixture';
import type { LiveIndex } from './live-index';
import type { LiveOptions } from './live-options';
import { openIndex } from './open-index';

let name: string;
const open: LiveIndex[] = [];
beforeEach((context) => {
  name = `test ${context.task.id} ${Math.random()}`;
});
afterEach(async () => {
  const [first, ...rest] = open.splice(0);
  await Promise.all(rest.map((index) => index.close()));
  await first?.destroy().catch(() => first.close());
});

async function openNotes(options: Partial<LiveOptions> = {}): Promise<LiveIndex> {
  const index = await openIndex({ name, persist: false, ...options });
  open.push(index);
  return index;
}

const kinds = ['bread', 'tea', 'soup', 'pie'];
const note = (i: number) => ({
  id: `note-${i}`,
  title: `Note ${i}`,
  text: `Number${i} tells how to make ${kinds[i % 4]}.`,
  fields: { kind: kinds[i % 4]!, stars: i % 5, day: new Date(Date.UTC(2026, 0, 1 + (i % 28))) },
});
const notes = (n: number) => Array.from({ length: n }, (_, i) => note(i));

async function ids(index: LiveIndex, query: string, options = {}): Promise<string[]> {
  return (await index.search(query, { tier: 'lexical', ...options })).hits.map(({ id }) => id);
}

test('2,000 notes are added, found, filtered, changed and removed, and are there when it is opened again', async () => {
  let index = await openNotes();
  const told: number[] = [];
  const report = await index.add(notes(2000), { onProgress: ({ done }) => told.push(done) });
  expect(report).toEqual({ added: 2000, updated: 0, unchanged: 0, leftOut: [] });
  expect(told).toEqual([16, 80, 336, 1336, 2000]);
  expect(index.status.live).toMatchObject({ documents: 2000, passages: 2000, embedded: 0 });
  expect(await ids(index, 'number1234')).toEqual(['note-1234']);

  const { hits, found, facets } = await index.search('make', {
    tier: 'lexical',
    filter: { kind: 'soup', stars: { min: 3 } },
    facets: ['stars'],
  });
  expect(found).toBe(200);
  expect(hits.every(({ fields }) => fields?.kind === 'soup' && (fields.stars as number) >= 3)).toBe(true);
  expect(facets?.stars?.map(({ count }) => count)).toEqual([100, 100]);

  expect(await index.add(notes(10))).toMatchObject({ added: 0, unchanged: 10 });
  expect(await index.update({ id: 'note-7', text: 'A recipe for gingerbread.' })).toMatchObject({
    updated: 1,
  });
  expect(await ids(index, 'gingerbread')).toEqual(['note-7']);
  expect(await ids(index, 'number7')).not.toContain('note-7');
  expect(await index.remove(['note-1', 'note-2', 'unknown'])).toBe(2);
  expect(await index.has(['note-1', 'note-3'])).toEqual([false, true]);
  expect(await index.count()).toBe(1998);
  expect(await ids(index, 'number2')).not.toContain('note-2');

  await index.whenIdle();
  await index.close();
  index = await openNotes();
  expect(await index.count()).toBe(1998);
  expect(await ids(index, 'gingerbread')).toEqual(['note-7']);
  expect(await ids(index, 'number1999')).toEqual(['note-1999']);
  expect(await index.check()).toEqual([]);
  open.shift();
});

test('two instances see each other, and one of them embeds for both', async () => {
  const encoder = wordEncoder();
  const [first, second] = [await openNotes({ encoder }), await openNotes({ encoder })];
  const changed = new Promise<void>((resolve) =>
    second.addEventListener('change', () => second.status.live.documents === 40 && resolve()),
  );
  await first.add(notes(40));
  await changed;
  expect(await ids(second, 'number33')).toEqual(['note-33']);
  await second.whenIdle();
  expect(second.status.live).toMatchObject({ passages: 40, embedded: 40 });
  expect([first, second].map(({ status }) => status.background.where)).toEqual(['this tab', 'another tab']);
  const answer = await second.search('number21', { tier: 'full' });
  expect([answer.tier, answer.hits[0]?.id]).toEqual(['full', 'note-21']);

  await first.close();
  await second.add({ id: 'late', text: 'A late word about marzipan.' });
  await second.whenIdle();
  expect(second.status).toMatchObject({ background: { where: 'this tab' }, live: { embedded: 41 } });
  open.shift();
});

describe('embeddings of the app', () => {
  const axis = (i: number) => Array.from({ length: 16 }, (_, d) => (d === i ? 1 : 0.1));

  test('are found by an embedding of the app, without words and without a model', async () => {
    const index = await openNotes();
    await index.add(notes(10).map((document, i) => ({ ...document, embedding: axis(i) })));
    const { hits } = await index.search({ embedding: axis(4) });
    expect(hits[0]?.id).toBe('note-4');
    const filtered = await index.search({ embedding: axis(4), filter: { kind: 'pie' } });
    expect(filtered.hits.map(({ id }) => id).sort()).toEqual(['note-3', 'note-7']);
    await expect(index.search({ embedding: [1, 2, 3] })).rejects.toThrow('expected 16 numbers, received 3');
    await expect(index.add({ id: 'odd', text: 'x', embedding: [1, 2] })).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });
});

test('a backup brings everything back on another device', async () => {
  const index = await openNotes();
  await index.add(notes(100));
  const backup = await new Response(index.export()).blob();
  await index.clear();
  expect(await index.count()).toBe(0);
  await index.import(backup);
  expect(await index.count()).toBe(100);
  expect(await ids(index, 'number42')).toEqual(['note-42']);
  const broken = index.import(backup.slice(0, backup.size - 10));
  await expect(broken).rejects.toMatchObject({ code: 'format-corrupt' });
  expect(await index.count()).toBe(100);
});

test('a destroyed index is empty when it is opened again', async () => {
  const index = await openNotes();
  await index.add(notes(3));
  await index.destroy();
  await expect(index.count()).rejects.toMatchObject({ code: 'closed' });
  open.shift();
  const again = await openNotes();
  expect(await again.count()).toBe(0);
  expect(again.status.notices).toEqual([]);
});

test('over a bundle, changes made here hide what they replace, and stay when it is opened again', async () => {
  const source = '/src/segment/fixtures/v1/';
  let index = await openNotes({ source });
  const bundled = await index.count();
  const all = (await index.search('', { filter: {} })).hits.map(({ id }) => id);
  expect([bundled, all.length]).toEqual([2, 2]);
  await index.add({ id: all[0]!, text: 'Replaced by something about marzipan.' });
  await index.add({ id: 'mine', text: 'Marzipan of my own.' });
  expect(await index.remove(all[1]!)).toBe(1);
  expect((await ids(index, 'marzipan')).sort()).toEqual([all[0]!, 'mine'].sort());
  expect(await index.has(all)).toEqual([true, false]);
  await index.close();
  index = await openNotes({ source });
  open.shift();
  expect(await index.count()).toBe(2);
  expect((await ids(index, 'marzipan')).sort()).toEqual([all[0]!, 'mine'].sort());
});
