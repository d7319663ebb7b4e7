import { beforeEach, describe, expect, test } from 'vitest';
import { buildDocuments } from '../../workers/build-documents';
import { ModelError } from '../errors';
import type { Answer } from '../types';
import {
  documents,
  encoder,
  type FakeConnection,
  type FakePlatform,
  fakePlatform,
} from './fake-platform.fixture';
import { ModelClient } from './model-client';
import { NearbitIndex } from './nearbit-index';
import { openIndex } from './open-index';
import { RerankerClient } from './reranker-client';

type Rerank = (signal: AbortSignal, query: string, candidates: { title: string }[], ms: number) => unknown;

let platform: FakePlatform;
/** What the inference workers do with reranking. */
let load: () => Promise<unknown>;
let rerank: Rerank;
/** Titles that were handed over to be scored. */
let asked: string[][];

beforeEach(() => {
  platform = fakePlatform();
  load = async () => ({ weights: 'none', ms: 1 });
  asked = [];
  // Holds the last page for the best one.
  rerank = (_signal, _query, candidates) => {
    asked.push(candidates.map(({ title }) => title));
    return { logits: candidates.map((_, i) => 8 * i - 8), pairMs: 1 };
  };
});

/** Adds reranking to a worker of the fake platform. */
function withReranking(worker: unknown): void {
  const connection = worker as FakeConnection;
  const call = connection.call.bind(connection);
  connection.call = async (method, args, options = {}) => {
    if (method === 'loadReranker') return load();
    if (method !== 'rerank') return call(method, args, options);
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      Promise.resolve((rerank as (...all: unknown[]) => unknown)(signal, ...args)).then(resolve, reject);
    });
  };
}

async function openSite(boxMs = 1000): Promise<NearbitIndex> {
  const { inference } = platform.spawn;
  platform.spawn.inference = (runtime, events) => {
    const worker = inference(runtime, events);
    withReranking(worker);
    return worker;
  };
  const { index } = await buildDocuments(documents, encoder, {});
  const site = new NearbitIndex({ ...platform, kernels: {}, source: { kind: 'memory', ...index } });
  const manifest = await site.open();
  const model = new ModelClient({
    ...platform,
    engine: 'https://site.invalid/nearbit/engine/',
    readAssets: site.readAssets,
    model: { ...manifest.model!, files: { 'onnx/model.onnx': { hash: '0'.repeat(32), bytes: 1 } } },
    runtime: { 'ort-wasm-simd-threaded.wasm': { hash: '0'.repeat(32), bytes: 1 } },
    wish: 'auto',
    threads: 1,
    onEvent: site.hear,
  });
  site.use(model, true);
  site.useReranker(
    new RerankerClient({
      url: 'https://site.invalid/reranker/',
      boxMs,
      device: platform.device,
      worker: () => model.worker,
      onChange: () => site.hear(),
    }),
  );
  return site;
}

const query = 'knead dough minutes';
const order = ({ hits }: Answer) => hits.map(({ id }) => id);

async function collect(steps: AsyncIterable<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const answer of steps) answers.push(answer);
  return answers;
}

describe('the third step', () => {
  test('comes once the folder is loaded: the same hits in another order, each with its score', async () => {
    const site = await openSite();
    // The first full answer does not wait for the folder, and asks for it.
    expect(await collect(site.searchSteps(query))).toHaveLength(2);
    await site.loadModel();
    expect(site.status.reranker).toEqual({ state: 'ready', reason: '' });
    const [words, full, reranked] = await collect(site.searchSteps(query));
    expect([words!.tier, full!.tier, reranked!.tier]).toEqual(['lexical', 'full', 'full']);
    expect(order(reranked!)).toEqual([...order(full!)].reverse());
    expect(asked).toEqual([full!.hits.map(({ title }) => title)]);
    expect(full!.hits.every(({ scores }) => scores.rerank === null)).toBe(true);
    expect(reranked!.hits.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect(reranked!.hits[0]!.scores.rerank).toBeGreaterThan(0.9);
    expect(reranked!.ms.rerank).toBeGreaterThanOrEqual(0);
    expect(reranked!.ms.total).toBeGreaterThan(full!.ms.total);
  });

  test('reads pages beyond those shown, and shows as many as were asked for', async () => {
    const site = await openSite();
    await site.loadModel();
    const [, full, reranked] = await collect(site.searchSteps(query, { limit: 1 }));
    expect(asked[0]).toHaveLength(3);
    expect([full!.hits.length, reranked!.hits.length]).toEqual([1, 1]);
    expect(order(reranked!)).not.toEqual(order(full!));
  });

  test('is what a single answer has, too', async () => {
    const site = await openSite();
    await site.loadModel();
    const { hits } = await site.search(query);
    expect(hits[0]!.scores.rerank).toBeGreaterThan(0.9);
    expect((await site.search(query, { tier: 'lexical' })).hits[0]!.scores.rerank).toBeNull();
  });

  test('pages that were not reached in time keep their places', async () => {
    rerank = () => ({ logits: [-5, 5], pairMs: 30 });
    const site = await openSite();
    await site.loadModel();
    const [, full, reranked] = await collect(site.searchSteps(query));
    const [a, b, c] = order(full!);
    expect(order(reranked!)).toEqual([b, a, c]);
    expect(reranked!.hits[2]!.scores.rerank).toBeNull();
    expect(site.status.reranker).toEqual({
      state: 'ready',
      reason: 'read 2 of 3 pages in 1000 ms (30.0 ms a page)',
    });
  });
});

describe('the time box', () => {
  test('ends the step, not the answer, where the worker does not keep it', async () => {
    let ended = false;
    rerank = (signal) => {
      signal.addEventListener('abort', () => {
        ended = true;
      });
      return new Promise(() => {});
    };
    const site = await openSite(20);
    await site.loadModel();
    const answer = await site.search(query);
    expect(answer.hits[0]!.scores.rerank).toBeNull();
    expect(answer.notices).toEqual([]);
    expect(ended).toBe(true);
    expect(await collect(site.searchSteps(query))).toHaveLength(2);
  });

  test('is told to the worker, less what has passed', async () => {
    let given = 0;
    rerank = (_signal, _query, candidates, ms) => {
      given = ms;
      return { logits: candidates.map(() => 0), pairMs: 1 };
    };
    const site = await openSite(500);
    await site.loadModel();
    await site.search(query);
    expect(given).toBeLessThan(500);
    expect(given).toBeGreaterThan(0);
  });

  test('of no length leaves the full answer', async () => {
    rerank = (_signal, _query, _candidates, ms) => ({ logits: ms > 0 ? [1] : [], pairMs: 1 });
    const site = await openSite(0);
    await site.loadModel();
    expect(await collect(site.searchSteps(query))).toHaveLength(2);
  });
});

describe('a newer query or an abort', () => {
  let began: Promise<void>;
  let signalled: boolean;

  beforeEach(() => {
    signalled = false;
    began = new Promise((begin) => {
      rerank = (signal) => {
        signal.addEventListener('abort', () => {
          signalled = true;
        });
        begin();
        return new Promise(() => {});
      };
    });
  });

  test('ends the step', async () => {
    const site = await openSite();
    await site.loadModel();
    const steps = site.searchSteps(query);
    await steps.next();
    await steps.next();
    const third = steps.next();
    await began;
    const newer = site.search('leaves', { tier: 'lexical' });
    await expect(third).rejects.toMatchObject({ name: 'AbortError' });
    expect(signalled).toBe(true);
    expect(order(await newer)).toEqual(['tea']);
  });

  test('leaving the steps after the full answer ends it, too', async () => {
    const site = await openSite();
    await site.loadModel();
    for await (const { tier } of site.searchSteps(query)) {
      if (tier === 'lexical') continue;
      await began;
      break;
    }
    expect(signalled).toBe(true);
  });
});

describe('a reranker that fails', () => {
  test('to load leaves the full answer, which says so; it is tried again by loadModel alone', async () => {
    let loads = 0;
    load = async () => {
      loads++;
      throw new ModelError('model-missing', { expected: 'config.json', received: 'no such file' });
    };
    const site = await openSite();
    await site.loadModel();
    expect(site.status.reranker).toMatchObject({ state: 'failed' });
    const answers = await collect(site.searchSteps(query));
    expect(answers).toHaveLength(2);
    expect(answers[1]!.notices.join()).toContain('config.json');
    expect(loads).toBe(1);
    load = async () => ({ weights: 'none', ms: 1 });
    await site.loadModel();
    expect(await collect(site.searchSteps(query))).toHaveLength(3);
  });

  test('at a pair leaves the full answer, which says so, and is not asked again', async () => {
    let times = 0;
    rerank = () => {
      times++;
      throw new ModelError('model-damaged', { path: 'x.onnx', expected: 'a number', received: 'NaN' });
    };
    const site = await openSite();
    await site.loadModel();
    const [, full, same] = await collect(site.searchSteps(query));
    expect(order(same!)).toEqual(order(full!));
    expect(same!.notices.join()).toContain('x.onnx');
    expect((await site.search(query)).notices.join()).toContain('x.onnx');
    expect(times).toBe(1);
  });

  test('with its worker is loaded again in the next one', async () => {
    const site = await openSite();
    await site.loadModel();
    platform.inferenceWorkers[0]!.kill();
    expect(await collect(site.searchSteps(query))).toHaveLength(2);
    await site.loadModel();
    expect(await collect(site.searchSteps(query))).toHaveLength(3);
    expect(platform.inferenceWorkers).toHaveLength(2);
  });
});

test('a reader who saves data gets no reranker until the model is asked for', async () => {
  platform.device.savesData = true;
  const site = await openSite();
  await site.loadModel();
  expect(site.status.reranker!.state).toBe('ready');
});

test('beside an encoder of the caller’s own there is none, and answers say so', async () => {
  const notes = await openIndex({ documents, encoder, reranker: 'https://site.invalid/reranker/' }, platform);
  await notes.loadModel();
  const { tier, notices } = await notes.search(query);
  expect([tier, notices.length]).toEqual(['full', 1]);
  expect(notices[0]).toContain('beside the model of an index');
});

test('a time that is none is refused', async () => {
  const opening = openIndex(
    { documents, reranker: 'https://site.invalid/reranker/', rerankMs: -1 },
    platform,
  );
  await expect(opening).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('rerankMs'),
  });
});

test('without a reranker status has none', async () => {
  const notes = await openIndex({ documents }, platform);
  expect(notes.status).not.toHaveProperty('reranker');
});
