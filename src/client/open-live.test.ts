import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wordEncoder } from '../build/word-encoder.fixture';
import type { SearchIndex } from '../ui/session';
import { FakeDevice } from './fake-live.fixture';
import { LiveIndex } from './live-index';
import type { LiveOptions } from './live-options';
import { openIndex } from './open-index';

let device: FakeDevice;
const open: LiveIndex[] = [];
beforeEach(() => {
  device = new FakeDevice();
});
afterEach(() => Promise.all(open.splice(0).map((index) => index.close())));

async function openNotes(options: Partial<LiveOptions> = {}): Promise<LiveIndex> {
  const index = await openIndex({ name: 'notes', ...options }, device.tab());
  open.push(index);
  return index;
}

test('openIndex with a name opens a live index, which an element takes as any other', async () => {
  const index: LiveIndex & SearchIndex = await openNotes();
  expect(index).toBeInstanceOf(LiveIndex);
  await index.add({ id: 'a', text: 'bread and butter' });
  expect((await index.search('butter')).hits).toMatchObject([{ id: 'a' }]);
  expect(index.status).toMatchObject({ model: 'absent', live: { documents: 1 } });
  expect(index.status.modelReason).toContain('no model');
});

test("with the app's own encoder documents are embedded by it", async () => {
  const index = await openNotes({ encoder: wordEncoder() });
  await index.add([{ id: 'a', text: 'bread and butter' }]);
  await index.whenIdle();
  expect(index.status.live.embedded).toBe(1);
  expect(index.status.model).toBe('ready');
});

test('an index that another encoder has embedded is answered by words, and says so, from the first query on', async () => {
  device.documents.set('a', { text: 'bread and butter', embedded: true });
  const index = await openNotes({ encoder: wordEncoder() });
  const answer = await index.search('butter', { tier: 'full' });
  expect([answer.tier, answer.hits.length]).toEqual(['lexical', 1]);
  expect(answer.notices.join()).toContain('reembed()');
});

test('what the worker is opened with says durability, language and the bundle under it', async () => {
  const sources: unknown[] = [];
  const platform = device.tab();
  const start = platform.spawn.live!;
  platform.spawn.live = (events) => {
    const connection = start(events);
    const call = connection.call.bind(connection);
    return Object.assign(connection, {
      call: ((method, args, options) => {
        if (method === 'open') sources.push(args[0]);
        return call(method, args, options);
      }) as typeof call,
    });
  };
  const source = 'https://site.invalid/help';
  for (const options of [{}, { durability: 'relaxed', language: 'de', source, cache: false } as const])
    open.push(await openIndex({ name: 'notes', ...options }, platform));
  expect(sources).toEqual([
    { kind: 'live', name: 'notes', durability: 'strict', language: '', base: null },
    {
      kind: 'live',
      name: 'notes',
      durability: 'relaxed',
      language: 'de',
      base: { url: 'https://site.invalid/help/', cache: false },
    },
  ]);
});

describe('what does not go together', () => {
  test.each([
    [{ name: '' }, '1 to 200 characters, received 0'],
    [{ name: 'x'.repeat(201) }, 'received 201'],
    [{ name: 7 }, 'received number'],
    [{ name: 'notes', documents: [] }, 'index.add(documents)'],
    [{ name: 'notes', tier: 'instant', source: '/' }, 'received instant'],
    [{ name: 'notes', defer: true }, 'received defer'],
    [{ name: 'notes', durability: 'eventual' }, 'received eventual'],
  ])('%o is refused by name', async (options, message) => {
    const opening = openIndex(options as unknown as LiveOptions, device.tab());
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toMatchObject({ code: 'usage' });
    expect(device.workers).toHaveLength(0);
  });
});

test('an index that cannot be opened is closed', async () => {
  device.troubles.set('open', [device.full()]);
  await expect(openNotes()).rejects.toMatchObject({ code: 'quota-exceeded' });
  expect(device.workers.map(({ ended }) => ended)).toEqual([true]);
});
