import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { IndexApi } from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import type { BlockRef, Manifest } from '../types';
import { FakeConnection, fakePlatform } from './fake-platform.fixture';
import { openModelFolder, readModelAtHand } from './model-folder';

const url = 'https://site.example/nearbit/';
const ref = (name: string): BlockRef => ({ hash: name, bytes: 100 });

const manifest = {
  model: {
    name: 'tiny',
    dim: 8,
    files: { 'onnx/model_quantized.onnx': ref('weights'), 'tokenizer.json': ref('tokenizer') },
    canaries: [],
  },
  code: { bits: 8, planes: 4, rotation: 'random', frame: ref('frame') },
  runtime: { 'ort-wasm-simd-threaded.wasm': ref('wasm') },
} as unknown as Manifest;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Index workers that hold that manifest, or what is put in its place. */
function folder(given: { manifest: Partial<Manifest> } = { manifest }) {
  const platform = fakePlatform();
  const workers: FakeConnection[] = [];
  const read: string[] = [];
  platform.spawn.index = ({ onEvent }) => {
    const worker = new FakeConnection({
      open() {
        onEvent?.({ type: 'progress', progress: { what: 'index', received: 1, total: 1 } });
        return { manifest: given.manifest, stale: false };
      },
      readAssets(_signal, refs: BlockRef[], _what, kind = 'asset') {
        read.push(...refs.map(({ hash }) => `${hash}.${kind}`));
        return refs.map(() => new Uint8Array(3));
      },
    });
    workers.push(worker);
    return worker as unknown as Connection<IndexApi>;
  };
  const told: string[] = [];
  const options = {
    platform,
    onEvent: (event: { type: string; progress?: { what: string; total: number } }) =>
      told.push(`${event.type} ${event.progress?.what} ${event.progress?.total}`),
  };
  return { platform, workers, read, told, options, given };
}

test('the manifest and the frame are read at once, the files when the model is wanted', async () => {
  const { options, read, told, platform } = folder();
  const { model, atHand } = openModelFolder('https://site.example/nearbit', options);
  expect(await atHand).toEqual({
    model: { ...manifest.model, folder: url },
    frame: { code: { bits: 8, planes: 4, rotation: 'random' }, bytes: new Uint8Array(3) },
  });
  expect([read, told, model.state]).toEqual([['frame.frame'], [], 'idle']);
  await model.load();
  expect(read.slice(1).sort()).toEqual(['tokenizer.asset', 'wasm.asset', 'weights.asset']);
  expect(told).toEqual(['progress model 200', 'progress runtime 100']);
  expect(model.state).toBe('ready');
  expect(platform.inferenceWorkers).toHaveLength(1);
  model.close();
});

test('the worker that reads ends when it has had nothing to do for a while, and comes back', async () => {
  const { options, workers } = folder();
  const { model, atHand } = openModelFolder(url, options);
  await atHand;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(workers.map(({ ended }) => ended)).toEqual([false]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(workers.map(({ ended }) => ended)).toEqual([true]);
  await model.load();
  expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(workers.map(({ ended }) => ended)).toEqual([true, true]);
  model.close();
});

test('a folder without a frame has none', async () => {
  const { options, read } = folder({ manifest: { ...manifest, code: null } });
  expect((await readModelAtHand(url, options)).frame).toBeNull();
  expect(read).toEqual([]);
});

test.each([
  ['without a model', null, 'one made without a model'],
  ['with an encoder of its own', { ...manifest.model!, files: {} }, 'one whose encoder is not in the folder'],
])('an index %s is refused, and asked again later', async (_, model, received) => {
  const site = folder({ manifest: { ...manifest, model } });
  const opened = openModelFolder(url, site.options);
  await expect(opened.atHand).rejects.toMatchObject({ code: 'usage' });
  await expect(opened.model.load()).rejects.toThrow(received);
  expect(opened.model.state).toBe('failed');
  await vi.advanceTimersByTimeAsync(1);
  site.given.manifest = manifest;
  await opened.model.load();
  expect(opened.model.state).toBe('ready');
  opened.model.close();
});
