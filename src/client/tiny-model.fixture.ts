/**
 * A model of a few kilobytes on real ONNX Runtime, as a client is given it.
 * In: a name that sets its tests apart. Out: options of a model, and what was read of its files.
 */
import { makeCanaries } from '../embed/canary';
import { createEncoder } from '../embed/encoder';
import { httpModelFolder } from '../embed/http-model-folder';
import { readModelCard } from '../embed/model-card';
import { readModelFile } from '../embed/model-files';
import { openWasmGraph } from '../embed/ort-web';
import { openSession } from '../embed/session';
import { readTokenizer } from '../embed/tokenizer';
import { glueUrl, wasmUrl } from '../embed/wasm-runtime.fixture';
import type { BlockRef, Encoder } from '../types';
import { thisDevice } from './device';
import type { ModelOptions } from './model-client';
import { spawnWorkers } from './spawn';

const weights = 'onnx/model_quantized.onnx';
const binary = 'ort-wasm-simd-threaded.wasm';

export interface TinyModel {
  options: ModelOptions;
  /** The same model in this thread. */
  encoder: Encoder;
  /** Names of the files read so far, by whichever client. */
  read: string[];
}

const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

export async function tinyModel(name: string): Promise<TinyModel> {
  const files = httpModelFolder(new URL('/src/embed/fixtures/tiny-encoder/', location.href).href);
  const runtime = await bytesOf(wasmUrl);
  const weightsBytes = await readModelFile(files, weights);
  const session = await openWasmGraph(
    { path: weights, bytes: weightsBytes },
    { wasmBinary: runtime.slice(), glueUrl },
    openSession,
  );
  const encoder = createEncoder({
    card: await readModelCard(files),
    tokenizer: await readTokenizer(files),
    session,
    report: { runtime: 'wasm', weights, threads: 1, reason: 'the test', refused: [] },
  });
  const assets = new Map<string, Uint8Array>();
  const refOf = (path: string, bytes: Uint8Array): [string, BlockRef] => {
    assets.set(path, bytes);
    return [path, { hash: path, bytes: bytes.length }];
  };
  const paths = ['tokenizer.json', 'tokenizer_config.json'];
  const entries = [
    refOf(weights, weightsBytes),
    ...(await Promise.all(paths.map(async (path) => refOf(path, await readModelFile(files, path))))),
  ];
  const read: string[] = [];
  return {
    encoder,
    read,
    options: {
      spawn: spawnWorkers,
      device: thisDevice,
      engine: new URL(glueUrl, location.href).href.replace(/[^/]*$/, ''),
      async readAssets(refs) {
        read.push(...refs.map(({ hash }) => hash));
        return refs.map(({ hash }) => assets.get(hash)!.slice());
      },
      model: {
        ...encoder.card,
        name: `tiny ${name} ${performance.timeOrigin}`,
        cosineSd: 0.1,
        documentWeights: weights,
        files: Object.fromEntries(entries),
        canaries: await makeCanaries([encoder]),
      },
      runtime: Object.fromEntries([refOf(binary, runtime)]),
      wish: 'auto',
      threads: 1,
      onEvent() {},
    },
  };
}
