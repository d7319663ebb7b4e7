import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { portableKernel } from '../kernels/portable';
import { openSearcher } from '../search/searcher';
import { writeSample } from '../segment/sample.suite';
import { folderStore } from '../store/folder-store.node';
import { main } from './main';

const tiny = fileURLToPath(new URL('../embed/fixtures/tiny-encoder', import.meta.url));

let out: string;
const told: string[] = [];
const errors: string[] = [];

beforeEach(async () => {
  told.length = 0;
  errors.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line) => void told.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void errors.push(String(line)));
  out = await mkdtemp(join(tmpdir(), 'nearbit-model-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(out, { recursive: true, force: true });
});

test('a folder with a model and no pages is written, and read again whole', async () => {
  expect(await main(['model', out, '--model', tiny, '--json'])).toBe(0);
  const summary = JSON.parse(told[0]!);
  expect(summary).toMatchObject({ dim: 16, out });
  expect(summary.files).toContain('onnx/model_quantized.onnx');
  expect(summary.bytes.runtime).toBeGreaterThan(1e6);
  const { model, code, counts, runtime } = await folderStore(out).readManifest();
  expect(counts).toEqual({ pages: 0, passages: 0, terms: 0 });
  expect(model!.documentWeights).toBe('onnx/model_quantized.onnx');
  expect(model!.canaries.length).toBeGreaterThan(0);
  expect(code).toMatchObject({ bits: 16, rotation: 'random' });
  expect(Object.keys(runtime)).toEqual(['ort-wasm-simd-threaded.wasm']);
  expect(existsSync(join(out, 'engine/nearbit.js'))).toBe(true);
  told.length = 0;
  expect(await main(['inspect', out])).toBe(0);
  expect(told.join('\n')).toContain('16 dimensions');
});

test('the same model gives the same bytes', async () => {
  await main(['model', out, '--model', tiny]);
  const before = await readdir(join(out, 'blocks'));
  await main(['model', out, '--model', tiny]);
  expect(await readdir(join(out, 'blocks'))).toEqual(before);
  expect(errors.join('\n')).toContain(`openIndex({ name: 'notes', model: '/${basename(out)}/' })`);
});

test('opened as an index, it has no answers and no errors', async () => {
  await main(['model', out, '--model', tiny]);
  const searcher = await openSearcher({ store: folderStore(out), kernel: portableKernel });
  const { hits, notices } = await searcher.search('bread', new Float32Array(16).fill(0.25), {});
  expect([hits, notices]).toEqual([[], []]);
  await searcher.close();
});

test('an index of pages is not written over', async () => {
  const store = folderStore(out);
  await store.commit(await writeSample((kind, payload) => store.writeBlock(kind, payload)));
  expect(await main(['model', out, '--model', tiny])).toBe(2);
  expect(errors.join()).toMatch(
    /expected an empty folder or one with a model, received an index of \d+ pages/,
  );
});

test('a folder that holds no model is said by name', async () => {
  expect(await main(['model', out, '--model', join(out, 'nothing')])).toBe(1);
  expect(errors.join()).toContain('Cannot load the model');
  expect(await main(['model'])).toBe(2);
});
