import { afterEach, expect, test } from 'vitest';
import { connect } from '../../workers/rpc';
import { ModelError, StoreError } from '../errors';
import { ModelClient } from './model-client';
import type { QueryModel } from './query-model';
import { SharedModel } from './shared-model';
import { type TinyModel, tinyModel } from './tiny-model.fixture';

const open: QueryModel[] = [];
afterEach(() => {
  for (const model of open.splice(0)) model.close();
});

function tab(tiny: TinyModel, spawn: Partial<TinyModel['options']['spawn']> = {}): SharedModel {
  const model = new SharedModel(async () => ({
    ...tiny.options,
    spawn: { ...tiny.options.spawn, ...spawn },
  }));
  open.push(model);
  return model;
}

const never = new AbortController().signal;
const weightsRead = ({ read }: TinyModel) => read.filter((path) => path.endsWith('.onnx')).length;

/** As where the browser has none, a policy forbids it, or its script throws. */
const brokenShared: TinyModel['options']['spawn']['shared'] = (_runtime, _key, events) =>
  connect(
    () => {
      throw new DOMException('forbidden', 'SecurityError');
    },
    { ...events, name: 'shared', path: 'inference.worker.js' },
  );

const text = 'steep the tea leaves for ten minutes';

test('one worker serves all tabs, and only the first reads the model', async () => {
  const tiny = await tinyModel('shared');
  const [first, second] = [tab(tiny), tab(tiny)];
  const [a, b] = await Promise.all([first.embed(text, never), second.embed(text, never)]);
  expect(a).toEqual(await tiny.encoder.embed([text], 'query'));
  expect(b).toEqual(a);
  expect(weightsRead(tiny)).toBe(1);
  for (const model of [first, second]) {
    expect(model.state).toBe('ready');
    expect(model.runtime).toMatchObject({ runtime: 'wasm', threads: 1 });
    expect(model.reason).toContain('in one worker that all tabs share');
    expect(model.runtime!.reason).toBe(model.reason);
  }
  expect([first.ms!.fetch, second.ms!.fetch].sort()[0]).toBe(0);
});

test('the model outlives the tab that loaded it', async () => {
  const tiny = await tinyModel('outlives');
  const [first, second] = [tab(tiny), tab(tiny)];
  await first.load();
  await second.load();
  first.close();
  expect(await second.embed(text, never)).toHaveLength(tiny.encoder.card.dim);
  const third = tab(tiny);
  await third.load();
  expect(weightsRead(tiny)).toBe(1);
});

test('threads asked for are refused with the reason, since a shared worker is not isolated', async () => {
  const tiny = await tinyModel('threads');
  const model = new SharedModel(async () => ({ ...tiny.options, threads: 2 }));
  open.push(model);
  await model.load();
  expect(model.runtime).toMatchObject({ runtime: 'wasm', threads: 1 });
  expect(model.refused).toContainEqual({
    runtime: 'wasm-threads',
    reason: 'one model for all tabs: their worker is not isolated',
  });
});

test.each(['shared', 'own'])(
  'a query waits for one text of a batch of passages, not for all (%s worker)',
  async (kind) => {
    const tiny = await tinyModel(`turns ${kind}`);
    const model = kind === 'shared' ? tab(tiny) : new ModelClient(tiny.options);
    open.push(model);
    await model.load();
    const texts = Array.from(
      { length: 400 },
      (_, i) => `${'knead the dough and let it rest '.repeat(12)}${i}`,
    );
    const order: string[] = [];
    const passages = model.embedPassages(texts, never).then((rows) => {
      order.push('passages');
      return rows;
    });
    for (let i = 0; i < 3; i++) await model.embed(`tea ${i}`, never).then(() => order.push('query'));
    const rows = await passages;
    expect(order).toEqual(['query', 'query', 'query', 'passages']);
    const { dim } = tiny.encoder.card;
    expect(rows).toHaveLength(texts.length * dim);
    expect(rows.subarray(dim, 2 * dim)).toEqual(await tiny.encoder.embed([texts[1]!], 'passage'));
  },
);

test('a batch that is given up rejects at once, and the next call is answered', async () => {
  const tiny = await tinyModel('given up');
  const model = tab(tiny);
  await model.load();
  const controller = new AbortController();
  const batch = model.embedPassages(
    Array.from({ length: 500 }, () => text),
    controller.signal,
  );
  controller.abort();
  await expect(batch).rejects.toMatchObject({ name: 'AbortError' });
  expect(await model.embed(text, never)).toHaveLength(tiny.encoder.card.dim);
});

test('where the shared worker does not start, one tab answers for all, and says why', async () => {
  const tiny = await tinyModel('relayed');
  const first = tab(tiny, { shared: brokenShared });
  const states: string[] = [];
  first.addEventListener('change', () => states.push(first.state));
  await first.load();
  expect(states).toEqual(['loading', 'loading', 'ready']);
  const second = tab(tiny, { shared: brokenShared });
  expect(await second.embed(text, never)).toEqual(await tiny.encoder.embed([text], 'query'));
  expect(weightsRead(tiny)).toBe(1);
  expect(first.reason).toContain('in the worker of this tab, which answers for all: ');
  expect(second.reason).toContain('in the worker of another tab, which answers for all: ');
  expect(first.reason).toContain('forbidden');
  expect(second.runtime).toMatchObject({ runtime: 'wasm', threads: 1 });
});

test('what a shared worker cannot load, one of a tab’s own may', async () => {
  const tiny = await tinyModel('no room');
  const full: TinyModel['options']['spawn']['shared'] = () => ({
    ended: false,
    close() {},
    async call(method: string) {
      if (method === 'loaded') return null as never;
      throw new ModelError('runtime-refused', { reasons: 'out of memory' });
    },
  });
  const model = tab(tiny, { shared: full });
  const states: string[] = [];
  model.addEventListener('change', () => states.push(model.state));
  expect(await model.embed(text, never)).toHaveLength(tiny.encoder.card.dim);
  expect(states).not.toContain('failed');
  expect(model.reason).toContain('which answers for all: ');
  expect(model.reason).toContain('out of memory');
});

test('files that are missing are missing in any worker: no other is tried, and the next load asks again', async () => {
  const tiny = await tinyModel('missing');
  const { readAssets } = tiny.options;
  let isThere = false;
  tiny.options.readAssets = async (...args) => {
    if (!isThere) throw new StoreError('block-missing', { path: 'blocks/1.asset', received: 'status 404' });
    return readAssets(...args);
  };
  const model = tab(tiny);
  const states: string[] = [];
  model.addEventListener('change', () => states.push(model.state));
  await expect(model.load()).rejects.toMatchObject({ code: 'block-missing' });
  expect([states, model.state]).toEqual([['loading', 'failed'], 'failed']);
  isThere = true;
  await model.load();
  expect(model.reason).toContain('in one worker that all tabs share');
});

test('when the tab that answers goes, the next loads the model, and calls under way are answered', async () => {
  const tiny = await tinyModel('passed on');
  const [first, second] = [tab(tiny, { shared: brokenShared }), tab(tiny, { shared: brokenShared })];
  await first.load();
  await second.load();
  const texts = Array.from({ length: 300 }, (_, i) => `${text} ${i}`);
  const passages = second.embedPassages(texts, never);
  const query = second.embed(text, never);
  first.close();
  expect(await query).toEqual(await tiny.encoder.embed([text], 'query'));
  expect(await passages).toHaveLength(texts.length * tiny.encoder.card.dim);
  await expect.poll(() => second.state).toBe('ready');
  expect(second.reason).toContain('this tab');
  expect(weightsRead(tiny)).toBe(2);
});

test('a model that no runtime can run fails with the reason, in all tabs', async () => {
  const tiny = await tinyModel('refused');
  const [canary] = tiny.options.model.canaries;
  const wrong = btoa(
    String.fromCharCode(...Array.from({ length: tiny.encoder.card.dim }, (_, i) => (i % 2 ? 127 : 129))),
  );
  tiny.options.model.canaries = [{ ...canary!, embeddings: { 'onnx/model_quantized.onnx': wrong } }];
  const [first, second] = [tab(tiny), tab(tiny)];
  await expect(first.load()).rejects.toMatchObject({ code: 'runtime-refused' });
  await expect(second.load()).rejects.toMatchObject({ code: 'runtime-refused' });
  expect(first.state).toBe('failed');
  expect(first.reason).toContain('disagrees with the index');
});

test('a model of which nothing can be read fails with the reason, and is asked for again', async () => {
  const tiny = await tinyModel('unread');
  let answers = 0;
  const model = new SharedModel(async () => {
    if (answers++ === 0) throw new TypeError('no network');
    return tiny.options;
  });
  open.push(model);
  await expect(model.load()).rejects.toThrow('no network');
  expect([model.state, model.reason]).toEqual(['failed', 'no network']);
  expect(await model.embed(text, never)).toHaveLength(tiny.encoder.card.dim);
});

test('a closed model rejects', async () => {
  const tiny = await tinyModel('closed');
  const model = tab(tiny);
  await model.load();
  model.close();
  await expect(model.embed(text, never)).rejects.toMatchObject({ code: 'closed' });
});
