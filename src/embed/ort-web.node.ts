/**
 * ONNX Runtime as WebAssembly in Node, for machines without the native package.
 * In: weights. Out: a Session. The runtime itself is ort-web.ts; here is only where its binary lies.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, ModelError } from '../errors';
import { openWasmSession } from './ort-web';
import type { Session, Weights } from './session';

/**
 * Opens a graph on WebAssembly in Node, with the binary of the installed package.
 * Errors: ModelError `runtime-refused` (no binary), `model-damaged`.
 */
export async function openNodeWasmSession(weights: Weights, threads: number): Promise<Session> {
  return openWasmSession(weights, { wasmBinary: await readBinary(), threads });
}

async function readBinary(): Promise<Uint8Array> {
  try {
    const resolve = createRequire(import.meta.url).resolve;
    return await readFile(resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  } catch (cause) {
    throw new ModelError('runtime-refused', { reasons: `onnxruntime-web: ${describe(cause)}` }, { cause });
  }
}
