/**
 * Which runtimes to try for a model, in order, with the reason for each and against each other.
 * In: what was asked for, what the index carries, what the device offers. Out: candidates, one at a time, so that a
 * graphics adapter is looked for only when it matters.
 * Deliberately not here: trying them (first-runtime.ts).
 */
import type { RuntimeName } from '../../workers/api';
import type { Manifest, ManifestModel, RuntimeReport } from '../types';
import type { Device } from './device';
import { wasmBinary, weightsFor } from './downloads';

/** `auto`: WebAssembly for queries, WebGPU for indexing on the device where its adapter is real. */
export type RuntimeWish = 'auto' | RuntimeName;

export interface RuntimeOptions {
  wish: RuntimeWish;
  /** Threads of the WebAssembly runtime. 1 suffices for queries; more pay on idle cores, for long texts. */
  threads: number;
  /** One short text, or many passages. */
  work: 'query' | 'bulk';
  /** In a worker that all tabs share. Default false. */
  shared?: boolean;
}

export interface Candidate {
  name: RuntimeName;
  /** Its WebAssembly, by file name; the script that belongs to it ends with `.mjs`. */
  binary: string;
  report: RuntimeReport;
}

/** The int8 weights are no use to WebGPU, whose vectors would differ; these give the same on both. */
export const gpuWeights = 'onnx/model_q4.onnx';
export const gpuBinary = 'ort-wasm-simd-threaded.jspi.wasm';

/** `refuse` hears of every runtime that is passed over. */
export async function* runtimesFor(
  { wish, threads, work, shared = false }: RuntimeOptions,
  index: { model: ManifestModel; runtime: Manifest['runtime'] },
  device: Device,
  refuse: (runtime: string, reason: string) => void,
): AsyncGenerator<Candidate, void, undefined> {
  const weights = weightsFor(index.model.files);

  async function whyNotWebGpu(): Promise<string | null> {
    if (!(gpuWeights in index.model.files)) return `the index carries no ${gpuWeights}`;
    if (!(gpuBinary in index.runtime)) return `the index carries no ${gpuBinary}`;
    if (!device.jspi) return 'this browser lacks JSPI (WebAssembly.Suspending)';
    const adapter = await device.adapter();
    if (adapter === 'none') return 'no graphics adapter';
    if (adapter === 'software' && wish !== 'webgpu') return 'the graphics adapter is emulated in software';
    return null;
  }

  async function* webGpu(reason: string): AsyncGenerator<Candidate> {
    const against = await whyNotWebGpu();
    if (against) refuse('webgpu', against);
    else
      yield {
        name: 'webgpu',
        binary: gpuBinary,
        report: { runtime: 'webgpu', weights: gpuWeights, threads: 1, reason, refused: [] },
      };
  }

  function* wasm(reason: string): Generator<Candidate> {
    if (!weights) return refuse('wasm', 'the index carries no weights');
    if (!(wasmBinary in index.runtime)) return refuse('wasm', `the index carries no ${wasmBinary}`);
    const candidate = (runtime: string, n: number, because: string): Candidate => ({
      name: 'wasm',
      binary: wasmBinary,
      report: { runtime, weights, threads: n, reason: because, refused: [] },
    });
    const usable = Math.min(threads, device.cores);
    // Browsers give such workers no shared memory, whatever the page's headers.
    if (shared && threads > 1) refuse('wasm-threads', 'one model for all tabs: their worker is not isolated');
    else if (usable > 1 && device.isolated)
      yield candidate('wasm-threads', usable, `${reason}, with the ${usable} threads asked for`);
    else if (threads > 1)
      refuse(
        'wasm-threads',
        device.isolated ? 'one core' : 'the page is not cross-origin isolated (COOP and COEP)',
      );
    yield candidate('wasm', 1, reason);
  }

  if (wish === 'webgpu') yield* webGpu('asked for');
  else if (wish === 'wasm') refuse('webgpu', 'not asked for');
  else if (work === 'bulk') yield* webGpu('many texts to embed and a real graphics adapter');
  else refuse('webgpu', 'a short query is quicker on WebAssembly');
  yield* wasm(wish === 'wasm' ? 'asked for' : 'runs everywhere and answers a short query soonest');
  if (wish !== 'auto' || work !== 'query') return;
  if (shared) refuse('webgpu', 'one model for all tabs: only where it is asked for');
  else yield* webGpu('the last one left');
}
