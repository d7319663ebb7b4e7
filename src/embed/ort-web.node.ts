/**
 * ONNX Runtime as WebAssembly in Node, for machines without the native package.
 * In: weights. Out: a session. The runtime itself is ort-web.ts; here is only where its binary lies.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, ModelError } from '../errors';
import { openWasmGraph } from './ort-web';
import type { OpenGraph, Weights } from './session';

const binary = 'ort-wasm-simd-threaded.wasm';

/**
 * Opens a graph on WebAssembly in Node, with the binary of the installed package.
 * Errors: ModelError `runtime-refused` (no binary), `model-damaged`.
 */
export async function openNodeWasmGraph<Graph>(
  weights: Weights,
  threads: number,
  open: OpenGraph<Graph>,
): Promise<Graph> {
  return openWasmGraph(weights, { wasmBinary: await readBinary(), threads }, open);
}

/** Beside the built command line, or in the package while the sources run. */
async function readBinary(): Promise<Uint8Array> {
  const built = new URL(`../runtime/${binary}`, import.meta.url);
  try {
    return await readFile(built).catch(() =>
      readFile(createRequire(import.meta.url).resolve(`onnxruntime-web/${binary}`)),
    );
  } catch (cause) {
    throw new ModelError('runtime-refused', { reasons: `onnxruntime-web: ${describe(cause)}` }, { cause });
  }
}
