import { beforeEach, describe, expect, test } from 'vitest';
import { buildDocuments } from '../../workers/build-documents';
import { ModelError, StoreError } from '../errors';
import type { Answer } from '../types';
import { type FakeInstant, fakeInstant } from './fake-instant.fixture';
import { documents, encoder, type FakePlatform, fakePlatform } from './fake-platform.fixture';
import { NearbitIndex } from './nearbit-index';
import { OwnEncoder } from './own-encoder';

let platform: FakePlatform;
let fake: FakeInstant;
beforeEach(() => {
  platform = fakePlatform();
  fake = fakeInstant();
});

/** Resolves when the test says so. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A model whose loading the test holds. */
class SlowModel extends OwnEncoder {
  readonly gate = gate();
  failure: Error | null = null;

  override async load(): Promise<void> {
    if (this.state === 'ready') return;
    this.state = 'loading';
    await this.gate.opened;
    if (this.failure) {
      this.state = 'failed';
      this.reason = this.failure.message;
      throw this.failure;
    }
    return super.load();
  }
}

let model: SlowModel;

/** An index with an instant tier and a model, opened late where the test says so. */
async function openSite(late = false): Promise<NearbitIndex> {
  const { index } = await buildDocuments(documents, encoder, {});
  model = new SlowModel(encoder, null);
  const site = new NearbitIndex({
    ...platform,
    kernels: {},
    source: { kind: 'memory', ...index },
    prepare: async () => site.use(model, true),
  });
  const client = site.useInstant(fake.open);
  if (late) await client.open();
  else await site.open();
  return site;
}

async function collect(steps: AsyncIterable<Answer>, onAnswer = (_: Answer) => {}): Promise<string[]> {
  const tiers: string[] = [];
  for await (const answer of steps) {
    tiers.push(answer.tier);
    onAnswer(answer);
  }
  return tiers;
}

describe('while the model loads', () => {
  test('words come first, then the instant tier, then the full one in place', async () => {
    const site = await openSite();
    expect(site.status.tier).toBe('instant');
    const tiers = await collect(site.searchSteps('knead dough'), ({ tier }) => {
      if (tier === 'instant') model.gate.open();
    });
    expect(tiers).toEqual(['lexical', 'instant', 'full']);
    expect(site.status.tier).toBe('full');
    expect(await collect(site.searchSteps('leaves'))).toEqual(['lexical', 'full']);
    expect(fake.queries).toEqual(['knead dough']);
  });

  test('an instant answer that comes after the full one is left out', async () => {
    const site = await openSite();
    fake.gates.instant = new Promise(() => {});
    const tiers = await collect(site.searchSteps('knead dough'), () => model.gate.open());
    expect(tiers).toEqual(['lexical', 'full']);
  });

  test('a model that fails leaves the instant answer, and status says why', async () => {
    const site = await openSite();
    model.failure = new ModelError('runtime-refused', { reasons: 'wasm: no' });
    model.gate.open();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'instant']);
    expect(site.status).toMatchObject({
      tier: 'instant',
      model: 'failed',
      modelReason: model.failure.message,
    });
  });

  test('one answer is that of the deepest tier at hand', async () => {
    const site = await openSite();
    expect((await site.search('dough')).tier).toBe('instant');
    model.gate.open();
    expect((await site.search('dough', { tier: 'full' })).tier).toBe('full');
    expect((await site.search('dough', { tier: 'instant' })).tier).toBe('instant');
    expect((await site.search('dough', { tier: 'lexical' })).tier).toBe('lexical');
  });
});

test('tier instant leaves the model alone', async () => {
  const site = await openSite();
  expect(await collect(site.searchSteps('dough', { tier: 'instant' }))).toEqual(['lexical', 'instant']);
  expect(site.status.model).toBe('idle');
});

test('a reader who saves data gets the instant tier, and no worker is started for it', async () => {
  platform.device.savesData = true;
  const site = await openSite(true);
  expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'instant']);
  expect(platform.indexWorkers).toHaveLength(0);
  expect(site.status).toMatchObject({ tier: 'instant', model: 'idle' });
  expect(site.status.modelReason).toContain('Save-Data');
  model.gate.open();
  await site.loadModel();
  expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'full']);
});

test('an index whose worker cannot start answers by the instant tier, and status says why', async () => {
  platform.spawn.index = () => {
    throw new Error('worker-src forbids it');
  };
  const site = await openSite(true);
  expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'instant']);
  expect(site.status).toMatchObject({
    tier: 'instant',
    model: 'failed',
    modelReason: 'worker-src forbids it',
  });
  expect(() => site.manifest).toThrow('call open() first');
});

describe('an instant tier that cannot be had', () => {
  test('is no part of the status where the index has none, and words answer as ever', async () => {
    fake.missing = new StoreError('index-missing', { path: '/nearbit/', received: 'status 404' });
    const site = await openSite();
    model.gate.open();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'full']);
    expect(site.status.instant).toBeUndefined();
    const { notices } = await site.search('dough', { tier: 'instant' });
    expect(notices.join()).toContain('expected manifest.json, received status 404');
  });

  test('is said where it breaks off: the words of the index answer in its place', async () => {
    const site = await openSite();
    fake.failures.lexical = new StoreError('block-missing', { path: 'start.bin', received: 'status 404' });
    expect(await collect(site.searchSteps('dough', { tier: 'instant' }))).toEqual(['lexical']);
    expect(site.status.notices.map(({ code }) => code)).toEqual(['instant']);
  });
});
