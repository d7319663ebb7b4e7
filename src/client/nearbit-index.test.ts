import { beforeEach, describe, expect, test } from 'vitest';
import { buildDocuments } from '../../workers/build-documents';
import { ModelError, StoreError } from '../errors';
import type { Answer, Manifest } from '../types';
import { documents, encoder, type FakePlatform, fakePlatform } from './fake-platform.fixture';
import { ModelClient } from './model-client';
import { NearbitIndex } from './nearbit-index';
import { openIndex } from './open-index';
import type { RuntimeWish } from './runtimes';

let platform: FakePlatform;
beforeEach(() => {
  platform = fakePlatform();
});

const weights = { 'onnx/model_quantized.onnx': { hash: '0'.repeat(32), bytes: 1 } };
const binary = { 'ort-wasm-simd-threaded.wasm': { hash: '0'.repeat(32), bytes: 1 } };

/** An index as a site serves it, its model in a worker of its own. */
async function openSite(wish: RuntimeWish = 'auto', threads = 1): Promise<NearbitIndex> {
  const { index } = await buildDocuments(documents, encoder, {});
  const site = new NearbitIndex({ ...platform, kernels: {}, source: { kind: 'memory', ...index } });
  const manifest: Manifest = await site.open();
  const model = new ModelClient({
    ...platform,
    engine: 'https://site.invalid/nearbit/engine/',
    readAssets: site.readAssets,
    model: { ...manifest.model!, files: weights },
    runtime: binary,
    wish,
    threads,
    onEvent: site.hear,
  });
  site.use(model, true);
  return site;
}

async function collect(steps: AsyncIterable<Answer>): Promise<string[]> {
  const tiers: string[] = [];
  for await (const { tier } of steps) tiers.push(tier);
  return tiers;
}

const refuse = (reasons: string) => async () => {
  throw new ModelError('runtime-refused', { reasons });
};

describe('steps of a query', () => {
  test('the lexical answer comes first, while the model is still loading, then the full one', async () => {
    let load = () => {};
    const loaded = new Promise<void>((resolve) => {
      load = resolve;
    });
    platform.loads.wasm = () => loaded;
    const site = await openSite();
    const steps = site.searchSteps('knead dough');
    const first = (await steps.next()).value as Answer;
    expect([first.tier, first.hits[0]?.id]).toEqual(['lexical', 'bread']);
    expect(site.status).toMatchObject({ model: 'loading', tier: 'lexical' });
    load();
    const second = (await steps.next()).value as Answer;
    expect(second.tier).toBe('full');
    expect(second.hits[0]?.scores.vector).toBeGreaterThan(0.3);
    expect(second.ms.embed).toBeGreaterThanOrEqual(0);
    expect((await steps.next()).done).toBe(true);
    expect(site.status).toMatchObject({ model: 'ready', tier: 'full' });
  });

  test('a model that no runtime can run leaves the lexical answer, and status says why', async () => {
    platform.loads.wasm = refuse('worst cosine 0.2');
    const site = await openSite();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical']);
    expect(site.status.model).toBe('failed');
    expect(site.status.modelReason).toContain('worst cosine 0.2');
    // Not tried again with every key that is struck.
    expect(await collect(site.searchSteps('doughs'))).toEqual(['lexical']);
    expect(platform.inferenceWorkers).toHaveLength(1);
    platform.loads.wasm = async () => {};
    await site.loadModel();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'full']);
  });

  test('tier lexical and an empty query leave the model alone', async () => {
    const site = await openSite();
    expect(await collect(site.searchSteps('dough', { tier: 'lexical' }))).toEqual(['lexical']);
    expect(await collect(site.searchSteps('  '))).toEqual(['lexical']);
    expect(platform.inferenceWorkers).toHaveLength(0);
  });

  test('a reader who saves data gets words until the model is asked for', async () => {
    platform.device.savesData = true;
    const site = await openSite();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical']);
    expect(site.status.model).toBe('idle');
    expect(site.status.modelReason).toContain('Save-Data');
    await site.loadModel();
    expect(await collect(site.searchSteps('dough'))).toEqual(['lexical', 'full']);
  });
});

describe('newest query wins', () => {
  test('a query that is still running ends with AbortError when another begins', async () => {
    const site = await openSite();
    const older = site.search('dough', { tier: 'full' });
    const newer = site.search('leaves', { tier: 'full' });
    await expect(older).rejects.toMatchObject({ name: 'AbortError' });
    expect((await newer).hits[0]?.id).toBe('tea');
  });

  test('texts that no one waits for any more are not embedded', async () => {
    const site = await openSite();
    await site.loadModel();
    let open = () => {};
    platform.gate = new Promise((resolve) => {
      open = resolve;
    });
    const given = ['d', 'do', 'dou', 'dough'].map(async (query, i) => {
      await new Promise((resolve) => setTimeout(resolve, i));
      return site.search(query, { tier: 'full' }).catch((error: Error) => error.name);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    const outcomes = await Promise.all(given);
    expect(outcomes.slice(0, 3)).toEqual(['AbortError', 'AbortError', 'AbortError']);
    expect(platform.embedded).toEqual(['d', 'dough']);
  });

  test("the caller's signal ends a query, and the next one is answered", async () => {
    const site = await openSite();
    const controller = new AbortController();
    const search = site.search('dough', { signal: controller.signal });
    controller.abort();
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    await expect(site.search('dough', { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect((await site.search('dough')).hits).not.toHaveLength(0);
  });

  test('leaving the steps early lets go of the full answer', async () => {
    platform.loads.wasm = () => new Promise((resolve) => setTimeout(resolve, 30));
    const site = await openSite();
    for await (const answer of site.searchSteps('dough')) {
      expect(answer.tier).toBe('lexical');
      break;
    }
    expect((await site.search('leaves', { tier: 'full' })).tier).toBe('full');
    expect(platform.embedded).toEqual(['leaves']);
  });
});

describe('one answer', () => {
  test('without a tier it is of words while the model loads, and full afterwards', async () => {
    const site = await openSite();
    expect((await site.search('dough')).tier).toBe('lexical');
    await site.loadModel();
    expect((await site.search('dough')).tier).toBe('full');
  });

  test('tier full waits for the model, and says so when there is none', async () => {
    const site = await openSite();
    expect((await site.search('dough', { tier: 'full' })).tier).toBe('full');
    platform.loads.wasm = async () => {
      throw new StoreError('block-missing', { path: 'blocks/1', received: 'status 404' });
    };
    const broken = await openSite();
    const answer = await broken.search('dough', { tier: 'full' });
    expect(answer.tier).toBe('lexical');
    expect(answer.notices.join()).toContain('status 404');
  });
});

describe('workers that end', () => {
  test('a crash of the index worker rejects the query in flight; the next one gets a new worker', async () => {
    const site = await openSite();
    const search = site.search('dough');
    await Promise.resolve();
    platform.indexWorkers[0]!.kill();
    await expect(search).rejects.toMatchObject({ code: 'worker-crashed' });
    expect((await site.search('dough')).hits).not.toHaveLength(0);
    expect(platform.indexWorkers).toHaveLength(2);
  });

  test('a crash of the inference worker rejects the full answer; the next query loads the model again', async () => {
    const site = await openSite();
    await site.loadModel();
    platform.gate = new Promise(() => {});
    const search = site.search('dough', { tier: 'full' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    platform.inferenceWorkers[0]!.kill();
    await expect(search).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(site.status).toMatchObject({ model: 'idle', runtime: null });
    platform.gate = Promise.resolve();
    expect((await site.search('dough', { tier: 'full' })).tier).toBe('full');
    expect(platform.inferenceWorkers).toHaveLength(2);
  });

  test('close ends the workers and the query in flight; later calls say so', async () => {
    const site = await openSite();
    await site.loadModel();
    const search = site.search('dough');
    await site.close();
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    expect([...platform.indexWorkers, ...platform.inferenceWorkers].every(({ ended }) => ended)).toBe(true);
    await expect(site.search('dough')).rejects.toMatchObject({ code: 'closed' });
    await expect(site.loadModel()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('runtimes', () => {
  test('one that is refused makes room for the next; status keeps the reasons in order', async () => {
    platform.device.isolated = true;
    platform.loads['wasm-threads'] = refuse('worst cosine 0.5');
    const site = await openSite('wasm', 4);
    await site.loadModel();
    const { runtime, refused } = site.status;
    expect(runtime).toMatchObject({ runtime: 'wasm', threads: 1, refused });
    expect(refused.map((entry) => entry.runtime)).toEqual(['webgpu', 'wasm-threads']);
    expect(refused[1]!.reason).toContain('worst cosine 0.5');
    // The worker of the refused runtime does not stay.
    expect(platform.inferenceWorkers.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test('a missing file is no matter of runtimes: the first failure is the last', async () => {
    platform.device.isolated = true;
    platform.loads['wasm-threads'] = async () => {
      throw new StoreError('block-missing', { path: 'blocks/1', received: 'status 404' });
    };
    const site = await openSite('wasm', 4);
    await expect(site.loadModel()).rejects.toMatchObject({ code: 'block-missing' });
    expect(platform.inferenceWorkers).toHaveLength(1);
  });
});

describe('documents of the page', () => {
  test('are indexed with the model of an open site, which outlives them', async () => {
    const site = await openSite();
    const notes = await openIndex({ documents, model: site }, platform);
    expect(await collect(notes.searchSteps('dough'))).toEqual(['lexical', 'full']);
    expect(notes.status.runtime?.runtime).toBe('wasm');
    await notes.close();
    expect((await site.search('dough', { tier: 'full' })).tier).toBe('full');
    expect(platform.inferenceWorkers).toHaveLength(1);
  });

  test('are indexed by words alone when there is no model', async () => {
    const notes = await openIndex({ documents }, platform);
    expect((await notes.search('knead', { tier: 'full' })).hits.map(({ id }) => id)).toEqual(['bread']);
    expect(notes.status).toMatchObject({ model: 'absent', tier: 'lexical' });
  });

  test("are indexed and searched with the caller's own encoder", async () => {
    const notes = await openIndex({ documents, encoder }, platform);
    expect(await collect(notes.searchSteps('knead'))).toEqual(['lexical', 'full']);
    expect(notes.status.runtime).toBe(encoder.report);
  });

  test('may be files, HTML by its name', async () => {
    const files = [
      new File(['<title>Loaf</title><main><p>Knead it well.'], 'loaf.html'),
      new File(['Steep it well.'], 'tea.txt'),
    ];
    const notes = await openIndex({ documents: files }, platform);
    const { hits } = await notes.search('well');
    expect(hits.map(({ id, title }) => [id, title]).sort()).toEqual([
      ['loaf.html', 'Loaf'],
      ['tea.txt', 'tea.txt'],
    ]);
  });

  test('without text are refused by name', async () => {
    await expect(openIndex({ documents: [{ id: 'blank' }] }, platform)).rejects.toThrow('Document blank');
  });
});

test('openIndex wants either a source or documents', async () => {
  await expect(openIndex({}, platform)).rejects.toMatchObject({ code: 'usage' });
  await expect(openIndex({ source: '/', documents }, platform)).rejects.toMatchObject({ code: 'usage' });
});

test('status events carry progress and each notice once', async () => {
  const site = await openSite();
  let events = 0;
  site.addEventListener('status', () => events++);
  site.hear({ type: 'progress', progress: { what: 'model', received: 5, total: 10 } });
  for (let i = 0; i < 2; i++)
    site.hear({ type: 'notice', notice: { code: 'quota-exceeded', message: 'The device is full' } });
  expect(site.status.progress.model).toEqual({ received: 5, total: 10 });
  expect(site.status.notices).toHaveLength(1);
  expect(events).toBe(2);
});
