/**
 * A model folder on disk as an encoder.
 * In: the folder's path. Out: an Encoder on native ONNX Runtime where it is installed, else on WebAssembly.
 */

import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, ModelError } from '../errors';
import type { Encoder, RuntimeReport } from '../types';
import { createEncoder } from './encoder';
import { readModelCard } from './model-card';
import { type ModelFiles, readModelFile } from './model-files';
import { openNativeGraph } from './ort-node.node';
import { openNodeWasmGraph } from './ort-web.node';
import { type OpenGraph, openSession, type Weights } from './session';
import { readTokenizer } from './tokenizer';

export type NodeRuntime = 'onnxruntime-node' | 'onnxruntime-web';

export interface NodeEncoderOptions {
  /** Weights file by its path in the folder. Default: the first that exists of `weightsOrder`. */
  weights?: string;
  /** Threads within one run. Default 1. */
  threads?: number;
  /** Only this runtime. Default: native, else WebAssembly. */
  runtime?: NodeRuntime;
}

/** Which weights are taken when none are named: small and quick before exact. */
export const weightsOrder = [
  'onnx/model_quantized.onnx',
  'onnx/model_q4.onnx',
  'onnx/model_int8.onnx',
  'onnx/model.onnx',
  'onnx/model_fp16.onnx',
] as const;

/** A folder on disk as ModelFiles. */
export function nodeModelFolder(path: string): ModelFiles {
  return {
    name: basename(resolve(path)),
    async read(file) {
      try {
        return await readFile(join(path, file));
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        const received = code ?? describe(cause);
        throw new ModelError(
          'model-damaged',
          { path: file, expected: 'a readable file', received },
          { cause },
        );
      }
    },
  };
}

/**
 * Opens a folder in the transformers.js layout.
 * Errors: ModelError `model-missing`, `model-damaged`, `runtime-refused`.
 */
export async function openNodeEncoder(folder: string, options: NodeEncoderOptions = {}): Promise<Encoder> {
  const files = nodeModelFolder(folder);
  const card = await readModelCard(files);
  const tokenizer = await readTokenizer(files);
  const weights = await findWeights(files, options.weights);
  const opened = await openNodeGraph(weights, options, openSession);
  return createEncoder({ card, tokenizer, ...opened });
}

async function findWeights(files: ModelFiles, wanted: string | undefined): Promise<Weights> {
  if (wanted !== undefined) return { path: wanted, bytes: await readModelFile(files, wanted) };
  for (const path of weightsOrder) {
    const bytes = await files.read(path);
    if (bytes) return { path, bytes };
  }
  const expected = `one of ${weightsOrder.join(', ')} in ${files.name}`;
  throw new ModelError('model-missing', { expected, received: 'none' });
}

/** Opens a graph natively where that is installed, else on WebAssembly. Errors: ModelError. */
export async function openNodeGraph<Graph>(
  weights: Weights,
  { threads = 1, runtime }: NodeEncoderOptions,
  open: OpenGraph<Graph>,
): Promise<{ session: Graph; report: RuntimeReport }> {
  const refused: RuntimeReport['refused'] = [];
  if (runtime !== 'onnxruntime-web') {
    try {
      const session = await openNativeGraph(weights, threads, open);
      const reason = runtime ? 'asked for' : 'native code is installed';
      return {
        session,
        report: { runtime: 'onnxruntime-node', weights: weights.path, threads, reason, refused },
      };
    } catch (error) {
      // A damaged file is damaged everywhere; only a refusal is worth another try.
      if (runtime || !(error instanceof ModelError && error.code === 'runtime-refused')) throw error;
      refused.push({ runtime: 'onnxruntime-node', reason: describe(error.cause).split('\n')[0]! });
    }
  }
  const session = await openNodeWasmGraph(weights, threads, open);
  const name = threads > 1 ? 'wasm-threads' : 'wasm';
  const reason = runtime ? 'asked for' : 'native code is not at hand';
  return { session, report: { runtime: name, weights: weights.path, threads, reason, refused } };
}
