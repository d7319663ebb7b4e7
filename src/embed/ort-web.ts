/**
 * ONNX Runtime as WebAssembly (◆ onnxruntime-web/wasm), in a browser's worker or in Node.
 * In: weights and the runtime's binary as bytes. Out: a Session.
 * Deliberately not here: any fetch.
 */

import * as ort from 'onnxruntime-web/wasm';
import { configureWeb, openSession, type Session, type WebRuntime, type Weights } from './session';

/**
 * Opens a graph on WebAssembly.
 * Errors: ModelError `model-damaged`, `runtime-refused`.
 */
export async function openWasmSession(weights: Weights, runtime: WebRuntime): Promise<Session> {
  configureWeb(ort.env, runtime);
  return openSession(ort, weights, { executionProviders: ['wasm'] });
}
