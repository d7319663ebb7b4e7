/**
 * A feature-extraction pipeline of transformers.js as an encoder: `nearbit/transformers`.
 * In: a pipeline the caller has made (any model and device it runs). Out: an Encoder.
 * Deliberately not here: an import of @huggingface/transformers, which stays the caller's own dependency.
 */

import { ModelError } from '../errors';
import type { Encoder, ModelCard } from '../types';
import { assembleEncoder } from './encoder';
import { familyUsage } from './model-card';
import { normalise } from './pooling';
import { inTurn } from './session';

/** The parts of `await pipeline('feature-extraction', …)` in use. */
export interface FeatureExtraction {
  (
    text: string,
    options: { pooling: 'mean' | 'cls'; normalize: boolean },
  ): Promise<{ data: ArrayLike<unknown>; dims: number[]; dispose?(): void }>;
  tokenizer: {
    encode(text: string, options: { add_special_tokens: boolean }): number[];
    model_max_length?: number;
  };
  model: { config: object };
  dispose(): Promise<unknown>;
}

export interface TransformersOptions {
  /** What the pipeline does not say: pooling and prefixes (default: the family's, else mean and none), name, maxTokens. */
  card?: Partial<Omit<ModelCard, 'dim'>>;
  /** Name of the weights, to find their canaries by (`onnx/model_quantized.onnx`). Default: `pipeline`. */
  weights?: string;
}

/**
 * Wraps a pipeline. Closing the encoder disposes of it.
 * `maxTokens` guides the cutting of passages; longer texts are cut at the pipeline's own limit.
 * Errors: ModelError `model-damaged` when the embeddings' dimension is no multiple of 8. Cost: one short text.
 */
export async function transformersEncoder(
  pipeline: FeatureExtraction,
  { card: wanted, weights = 'pipeline' }: TransformersOptions = {},
): Promise<Encoder> {
  const config = pipeline.model.config as { _name_or_path?: unknown };
  const name = wanted?.name ?? (String(config._name_or_path ?? '') || 'transformers.js model');
  const usage = {
    ...familyUsage(name),
    maxTokens: pipeline.tokenizer.model_max_length ?? 512,
    ...wanted,
    name,
  };

  async function embedText(text: string): Promise<Float32Array> {
    const tensor = await pipeline(text, { pooling: usage.pooling, normalize: true });
    const row = normalise(Array.from(tensor.data, Number));
    tensor.dispose?.();
    return row;
  }

  const dim = (await embedText('a')).length;
  if (dim === 0 || dim % 8 !== 0) {
    const expected = 'embeddings whose dimension is a multiple of 8';
    throw new ModelError('model-damaged', { path: name, expected, received: dim });
  }
  return assembleEncoder({
    card: { ...usage, dim },
    report: {
      runtime: 'transformers.js',
      weights,
      threads: 1,
      reason: 'the pipeline handed over',
      refused: [],
    },
    countTokens: (text) => pipeline.tokenizer.encode(text, { add_special_tokens: false }).length,
    embedText: inTurn(embedText),
    async close() {
      await pipeline.dispose();
    },
  });
}
