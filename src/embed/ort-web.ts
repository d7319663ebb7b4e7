/**
 * ONNX Runtime as WebAssembly (◆ onnxruntime-web/wasm), in a browser's worker or in Node.
 * In: weights and the runtime's binary as bytes. Out: a session of the kind that `open` makes.
 * Deliberately not here: any fetch.
 */

import * as ort from 'onnxruntime-web/wasm';
import { configureWeb, type OpenGraph, type WebRuntime, type Weights } from './session';

/**
 * Opens a graph on WebAssembly. `runtime` null: this script has opened one before, and with it the runtime.
 * Errors: ModelError `model-damaged`, `runtime-refused`.
 */
export async function openWasmGraph<Graph>(
  weights: Weights,
  runtime: WebRuntime | null,
  open: OpenGraph<Graph>,
): Promise<Graph> {
  if (runtime) configureWeb(ort.env, runtime);
  return open(ort, weights, { executionProviders: ['wasm'] });
}
