/**
 * Native ONNX Runtime (◆ onnxruntime-node), some four times faster than WebAssembly.
 * In: weights as bytes. Out: a Session. Loaded when asked for, because the package may be absent.
 */

import { describe, ModelError } from '../errors';
import { openSession, type Session, type Weights } from './session';

/**
 * Opens a graph natively.
 * `threads` work within one run; two sessions of one thread are faster than one session of two.
 * Errors: ModelError `runtime-refused` (the package is absent or has no build for this machine), `model-damaged`.
 */
export async function openNativeSession(weights: Weights, threads: number): Promise<Session> {
  const ort = await importRuntime();
  return openSession(ort, weights, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
}

async function importRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new ModelError('runtime-refused', { reasons: `onnxruntime-node: ${describe(cause)}` }, { cause });
  }
}
