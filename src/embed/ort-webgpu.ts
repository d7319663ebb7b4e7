/**
 * ONNX Runtime on WebGPU (◆ onnxruntime-web/jspi), for bulk work in browsers with a real adapter.
 * In and out as in ort-web.ts. The JSPI build, because the other WebGPU build's binary is over 20 MiB.
 */

import * as ort from 'onnxruntime-web/jspi';
import { configureWeb, openSession, type Session, type WebRuntime, type Weights } from './session';

/**
 * Opens a graph on WebGPU.
 * Errors: ModelError `model-damaged`, `runtime-refused` (no adapter, no JSPI, an operator it lacks).
 */
export async function openWebGpuSession(weights: Weights, runtime: WebRuntime): Promise<Session> {
  configureWeb(ort.env, runtime);
  // It warns, as errors on the console, that shape arithmetic stays on the CPU, which is as it should be.
  return openSession(ort, weights, { executionProviders: ['webgpu'], logSeverityLevel: 3 });
}
