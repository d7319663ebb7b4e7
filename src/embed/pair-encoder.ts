/**
 * A cross-encoder: one query and one passage to one logit.
 * In: a folder in the transformers.js layout whose graph classifies pairs (one label, or two), a runtime.
 * Out: a PairEncoder. One pair at a time, so that its caller can stop after any of them.
 * Deliberately not here: which passages, and what the logits do to an order (src/rerank).
 */

import { ModelError } from '../errors';
import { tokenLimit } from './model-card';
import { type ModelFiles, parseModelJson, readModelFile, readModelJson } from './model-files';
import type { PairSession } from './pair-session';
import { joinPair, readPairFrame } from './pair-tokens';
import type { Weights } from './session';
import { createTokenizer } from './tokenizer';

export interface PairEncoder {
  /** The folder's name. */
  readonly name: string;
  /** The weights file in use. */
  readonly weights: string;
  /** Tokens of a pair, special ones included; of a longer one the passage is cut. */
  readonly maxTokens: number;
  /** Word pieces of a text without special tokens. */
  countTokens(text: string): number;
  /** A logit: higher is more relevant. Errors: ModelError `model-damaged`. */
  score(query: string, passage: string): Promise<number>;
  close(): Promise<void>;
}

/** Which weights are taken: small and quick before exact. */
const weightsOrder = [
  'onnx/model_quantized.onnx',
  'onnx/model_q4.onnx',
  'onnx/model_int8.onnx',
  'onnx/model.onnx',
];

/**
 * Reads a folder and opens its graph by `open`, which gets the first weights of the folder in that order.
 * Errors: ModelError `model-missing`, `model-damaged`, `runtime-refused`.
 */
export async function openPairEncoder(
  files: ModelFiles,
  open: (weights: Weights) => Promise<PairSession>,
): Promise<PairEncoder> {
  const config = parseModelJson(await readModelFile(files, 'config.json'), 'config.json');
  const tokenizerJson = parseModelJson(await readModelFile(files, 'tokenizer.json'), 'tokenizer.json');
  const tokenizerConfig = (await readModelJson(files, 'tokenizer_config.json')) ?? {};
  const tokenizer = createTokenizer(tokenizerJson, tokenizerConfig);
  const frame = readPairFrame(tokenizerJson);
  const maxTokens = tokenLimit(config, [tokenizerConfig.model_max_length]);
  const weights = await firstWeights(files);
  const session = await open(weights);
  return {
    name: files.name,
    weights: weights.path,
    maxTokens,
    countTokens: tokenizer.countTokens,
    score: (query, passage) => session.run(joinPair(frame, [query, passage], maxTokens, tokenizer.pieces)),
    close: session.release,
  };
}

async function firstWeights(files: ModelFiles): Promise<Weights> {
  for (const path of weightsOrder) {
    const bytes = await files.read(path);
    if (bytes) return { path, bytes };
  }
  const expected = `one of ${weightsOrder.join(', ')} in ${files.name}`;
  throw new ModelError('model-missing', { expected, received: 'none' });
}
