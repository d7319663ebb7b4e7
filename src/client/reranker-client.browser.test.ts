import { afterEach, expect, test } from 'vitest';
import { buildDocuments } from '../../workers/build-documents';
import { createEncoder } from '../embed/encoder';
import { httpModelFolder } from '../embed/http-model-folder';
import { readModelCard } from '../embed/model-card';
import { readModelFile } from '../embed/model-files';
import { openWasmGraph } from '../embed/ort-web';
import { openSession } from '../embed/session';
import { readTokenizer } from '../embed/tokenizer';
import { glueUrl, wasmUrl } from '../embed/wasm-runtime.fixture';
import type { Answer, BlockRef } from '../types';
import { thisDevice } from './device';
import { ModelClient } from './model-client';
import { NearbitIndex } from './nearbit-index';
import { RerankerClient } from './reranker-client';
import { spawnWorkers } from './spawn';

const folderOf = (name: string) => new URL(`/src/embed/fixtures/${name}/`, location.href).href;
const weights = 'onnx/model_quantized.onnx';

/** Words alone, and the tiny encoder's signs, do not know which page has both words in one sentence; nor need they. */
const documents = Array.from({ length: 12 }, (_, i) => ({
  id: `page-${i}`,
  title: `Page ${i}`,
  // The further down, the more words of the query.
  text: `Bread and tea. ${'Steep the leaves for ten minutes. '.repeat(i % 4)}`,
}));
const query = 'steep leaves ten minutes bread tea';

const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
let index: NearbitIndex | null = null;
afterEach(() => index?.close());

/** An index with a tiny model, both in real workers, and a reranker's folder on this origin. */
async function openSite(folder: string, boxMs: number): Promise<{ index: NearbitIndex; model: ModelClient }> {
  const files = httpModelFolder(folderOf('tiny-encoder'));
  const runtime = await bytesOf(wasmUrl);
  const session = await openWasmGraph(
    { path: weights, bytes: await readModelFile(files, weights) },
    { wasmBinary: runtime.slice(), glueUrl },
    openSession,
  );
  const encoder = createEncoder({
    card: await readModelCard(files),
    tokenizer: await readTokenizer(files),
    session,
    report: { runtime: 'wasm', weights, threads: 1, reason: 'the test', refused: [] },
  });
  const built = (await buildDocuments(documents, encoder, {})).index;
  const site = new NearbitIndex({
    spawn: spawnWorkers,
    device: thisDevice,
    kernels: {},
    source: { kind: 'memory', ...built },
  });
  index = site;
  const manifest = await site.open();
  const assets = new Map<string, Uint8Array>();
  const refOf = (name: string, bytes: Uint8Array): BlockRef => {
    assets.set(name, bytes);
    return { hash: name, bytes: bytes.length };
  };
  const paths = [weights, 'tokenizer.json', 'tokenizer_config.json'];
  const entries = paths.map(async (path) => [path, refOf(path, await readModelFile(files, path))]);
  const binary = 'ort-wasm-simd-threaded.wasm';
  const model = new ModelClient({
    spawn: spawnWorkers,
    device: thisDevice,
    engine: new URL(glueUrl, location.href).href.replace(/[^/]*$/, ''),
    readAssets: async (refs) => refs.map(({ hash }) => assets.get(hash)!.slice()),
    model: { ...manifest.model!, files: Object.fromEntries(await Promise.all(entries)) },
    runtime: { [binary]: refOf(binary, runtime) },
    wish: 'wasm',
    threads: 1,
    onEvent: site.hear,
  });
  site.use(model, true);
  site.useReranker(
    new RerankerClient({
      url: folderOf(folder),
      boxMs,
      device: thisDevice,
      worker: () => model.worker,
      onChange: () => site.hear(),
    }),
  );
  await site.loadModel();
  return { index: site, model };
}

async function collect(steps: AsyncIterable<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const answer of steps) answers.push(answer);
  return answers;
}

test('the third answer has the pages in the order of a real cross-encoder in the inference worker', async () => {
  const { index: site } = await openSite('tiny-cross-encoder', 10_000);
  expect(site.status.reranker).toEqual({ state: 'ready', reason: '' });
  const [words, full, reranked] = await collect(site.searchSteps(query));
  expect([words!.tier, full!.tier, reranked!.tier]).toEqual(['lexical', 'full', 'full']);
  const scores = reranked!.hits.map(({ scores }) => scores.rerank);
  expect(scores.filter((score) => score !== null).length).toBeGreaterThanOrEqual(4);
  for (const { scores } of full!.hits) expect(scores.rerank).toBeNull();
  // The first page read has the most words of the query in its extract.
  expect(Math.max(...scores.map((score) => score ?? 0))).toBe(scores[0]);
  expect(reranked!.ms.rerank).toBeGreaterThan(0);
});

test('a time box that is too short for one pair leaves the full answer, and status says so', async () => {
  const { index: site } = await openSite('tiny-cross-encoder-slow', 5);
  expect(await collect(site.searchSteps(query))).toHaveLength(2);
  expect((await site.search(query)).hits.every(({ scores }) => scores.rerank === null)).toBe(true);
  expect(site.status.reranker!.reason).toContain('in 5 ms');
});

test('a new query does not wait for the pairs of the one before', async () => {
  const { index: site, model } = await openSite('tiny-cross-encoder-slow', 100_000);
  // How long all pairs take when nothing stops them.
  const [, , whole] = await collect(site.searchSteps(query));
  const wholeMs = whole!.ms.rerank!;
  const steps = site.searchSteps(query);
  await steps.next();
  await steps.next();
  const third = expect(steps.next()).rejects.toMatchObject({ name: 'AbortError' });
  await new Promise((resolve) => setTimeout(resolve, wholeMs / 10));
  const began = performance.now();
  const newer = model.embed('tea', new AbortController().signal);
  await site.search('tea', { tier: 'lexical' });
  await third;
  await newer;
  expect(performance.now() - began).toBeLessThan(wholeMs / 2);
});

test('a folder that is not there leaves the full answer, and says which file', async () => {
  const { index: site } = await openSite('no-such-folder', 60);
  expect(site.status.reranker).toMatchObject({ state: 'failed' });
  const [, full, none] = await collect(site.searchSteps(query));
  expect(none).toBeUndefined();
  expect(full!.notices.join()).toContain('config.json');
  expect(full!.hits.length).toBeGreaterThan(0);
});
