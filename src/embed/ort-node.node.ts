/**
 * Native ONNX Runtime (◆ onnxruntime-node), some four times faster than WebAssembly.
 * In: weights as bytes. Out: a session of the kind that `open` makes. Loaded when asked for, because the package may be absent.
 */

import { describe, ModelError } from '../errors';
import { type OpenGraph, openSession, type Session, type Weights } from './session';

/**
 * Opens a graph natively.
 * `threads` work within one run; two sessions of one thread are faster than one session of two.
 * Errors: ModelError `runtime-refused` (the package is absent or has no build for this machine), `model-damaged`.
 */
export async function openNativeGraph<Graph>(
  weights: Weights,
  threads: number,
  open: OpenGraph<Graph>,
): Promise<Graph> {
  const ort = await importRuntime();
  return open(ort, weights, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
}

/** The same for an encoder's graph. */
export async function openNativeSession(weights: Weights, threads: number): Promise<Session> {
  return openNativeGraph(weights, threads, openSession);
}

async function importRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new ModelError('runtime-refused', { reasons: `onnxruntime-node: ${describe(cause)}` }, { cause });
  }
}
