import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SourceMessage } from '../../workers/api';
import { buildDocuments } from '../../workers/build-documents';
import { StoreError } from '../errors';
import type { Answer, Manifest } from '../types';
import { type FakeInstant, fakeInstant } from './fake-instant.fixture';
import { documents, encoder, type FakePlatform, fakePlatform } from './fake-platform.fixture';
import { openIndex } from './open-index';

let fake: FakeInstant;
vi.mock('./instant-index', async (original) => ({
  ...(await original<typeof import('./instant-index')>()),
  openInstantIndex: () => fake.open(),
}));

const source = 'https://site.invalid/nearbit/';
const missing = (path: string) => new StoreError('index-missing', { path, received: 'status 404' });
let platform: FakePlatform;
/** Awaited before the worker opens the index. */
let workerGate: Promise<unknown>;
let manifest: Manifest;

beforeEach(async () => {
  platform = fakePlatform();
  fake = fakeInstant();
  workerGate = Promise.resolve();
  const { index } = await buildDocuments(documents, encoder, {});
  manifest = index.manifest;
  const { spawn } = platform;
  platform.spawn = {
    ...spawn,
    index(events) {
      const worker = spawn.index(events);
      const call = worker.call.bind(worker) as (method: string, args: unknown[], options: object) => unknown;
      const memory = (): SourceMessage => ({ kind: 'memory', ...index, manifest });
      return Object.assign(worker, {
        call: async (method: string, args: unknown[], options = {}) => {
          if (method === 'open') await workerGate;
          return call(method, method === 'open' ? [memory(), {}] : args, options);
        },
      });
    },
  };
});
afterEach(() => vi.restoreAllMocks());

const never = new Promise<never>(() => {});

async function tiersOf(steps: AsyncIterable<Answer>): Promise<string[]> {
  const tiers: string[] = [];
  for await (const { tier } of steps) tiers.push(tier);
  return tiers;
}

test('a deferred index is open as soon as its instant tier is, and answers before its worker can', async () => {
  workerGate = never;
  const index = await openIndex({ source, defer: true }, platform);
  const { value } = await index.searchSteps('dough').next();
  expect([value?.tier, index.status.tier, index.status.model]).toEqual(['lexical', 'instant', 'idle']);
});

test('it waits for no instant tier when the worker is there first', async () => {
  fake.gates.lexical = never;
  vi.spyOn(fake, 'open').mockReturnValue(never);
  const index = await openIndex({ source, defer: true }, platform);
  expect(index.manifest.counts.pages).toBe(3);
});

test('without an instant tier it is like any other', async () => {
  fake.missing = missing('instant.json');
  const index = await openIndex({ source, defer: true }, platform);
  expect(await tiersOf(index.searchSteps('dough'))).toEqual(['lexical']);
  expect(index.status).toMatchObject({ tier: 'lexical', model: 'absent' });
});

test('where neither can be opened, the error is that of the index', async () => {
  fake.missing = missing('instant.json');
  workerGate = Promise.reject(missing(source));
  await expect(openIndex({ source, defer: true }, platform)).rejects.toMatchObject({ code: 'index-missing' });
});

test('a reader who saves data starts no worker, unless there is no instant tier', async () => {
  platform.device.savesData = true;
  await openIndex({ source, defer: true }, platform);
  expect(platform.indexWorkers).toHaveLength(0);
  fake.missing = missing('instant.json');
  await openIndex({ source, defer: true }, platform);
  expect(platform.indexWorkers).toHaveLength(1);
});

test("tier 'instant' is an index of its own, and is not made of documents", async () => {
  expect((await openIndex({ source, tier: 'instant' })).status.tier).toBe('instant');
  await expect(openIndex({ documents, tier: 'instant' })).rejects.toMatchObject({ code: 'usage' });
});

test('an index that is not deferred finds its instant tier in the manifest', async () => {
  manifest = {
    ...manifest,
    instant: { name: '0'.repeat(32), design: 'cells', source: '', files: 1, bytes: 1 },
  };
  const index = await openIndex({ source }, platform);
  expect(fake.queries).toEqual([]);
  expect(index.status).toMatchObject({ tier: 'instant', instant: { state: 'idle' } });
  expect(await tiersOf(index.searchSteps('dough'))).toEqual(['lexical', 'instant']);
});
