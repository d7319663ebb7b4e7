/**
 * ONNX Runtime on WebGPU (◆ onnxruntime-web/jspi), for bulk work in browsers with a real adapter.
 * In and out as in ort-web.ts. The JSPI build, because the other WebGPU build's binary is over 20 MiB.
 */

import * as ort from 'onnxruntime-web/jspi';
import { configureWeb, type OpenGraph, type WebRuntime, type Weights } from './session';

/**
 * Opens a graph on WebGPU. `runtime` null: this script has opened one before, and with it the runtime.
 * Errors: ModelError `model-damaged`, `runtime-refused` (no adapter, no JSPI, an operator it lacks).
 */
export async function openWebGpuGraph<Graph>(
  weights: Weights,
  runtime: WebRuntime | null,
  open: OpenGraph<Graph>,
): Promise<Graph> {
  if (runtime) configureWeb(ort.env, runtime);
  // It warns, as errors on the console, that shape arithmetic stays on the CPU, which is as it should be.
  return open(ort, weights, { executionProviders: ['webgpu'], logSeverityLevel: 3 });
}
