import { beforeEach, expect, test } from 'vitest';
import { StoreError } from '../errors';
import { type FakeInstant, fakeInstant } from './fake-instant.fixture';

let fake: FakeInstant;
beforeEach(() => {
  fake = fakeInstant();
});

async function tiersOf(steps: AsyncIterable<{ tier: string }>): Promise<string[]> {
  const tiers: string[] = [];
  for await (const { tier } of steps) tiers.push(tier);
  return tiers;
}

test('words come first, then meaning; tier lexical ends with the words', async () => {
  const index = await fake.open();
  expect(await tiersOf(index.searchSteps('dough'))).toEqual(['lexical', 'instant']);
  expect(await tiersOf(index.searchSteps('dough', { tier: 'lexical' }))).toEqual(['lexical']);
  expect((await index.search('dough')).tier).toBe('instant');
});

test('the newest query wins, and the caller may give up', async () => {
  const index = await fake.open();
  fake.gates.lexical = new Promise(() => {});
  const older = index.search('dough');
  const controller = new AbortController();
  const newer = index.search('leaves', { signal: controller.signal });
  await expect(older).rejects.toMatchObject({ name: 'AbortError' });
  controller.abort();
  await expect(newer).rejects.toMatchObject({ name: 'AbortError' });
});

test('status says what was read and how, and what answers went without, each once', async () => {
  const index = await fake.open();
  let heard = 0;
  index.addEventListener('status', () => heard++);
  fake.tell({ range: 'refused', reason: 'the server sends whole files', requests: 3, bytes: 4000 });
  expect(index.status).toMatchObject({
    tier: 'instant',
    model: 'absent',
    instant: { state: 'ready', range: 'refused', rangeReason: 'the server sends whole files', requests: 3 },
    progress: { index: { received: 4000 } },
  });
  fake.notices = ['words-3.bin is missing'];
  await index.search('dough');
  await index.search('leaves');
  expect(index.status.notices).toEqual([{ code: 'left-out', message: 'words-3.bin is missing' }]);
  expect(heard).toBe(2);
});

test('an index without the tier cannot be opened for it, and one that is closed answers no more', async () => {
  fake.missing = new StoreError('index-missing', { path: '/nearbit/', received: 'status 404' });
  await expect(fake.open()).rejects.toMatchObject({ code: 'index-missing' });
  fake.missing = null;
  const index = await fake.open();
  await index.close();
  await expect(index.search('dough')).rejects.toMatchObject({ code: 'closed' });
});
