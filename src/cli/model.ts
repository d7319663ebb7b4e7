/**
 * The models of a run: the folder readers download from, and the weights that encode the documents.
 * In: folders. Out: encoders and the files that travel with the index.
 * Default folder: the embedded all-MiniLM-L6-v2.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { openEncoderPool } from '../embed/encoder-pool.node';
import { openNodeEncoder } from '../embed/node-encoder.node';
import { vocabularyWords } from '../embed/vocabulary';
import { ModelError } from '../errors';
import type { Encoder } from '../types';
import { packageRoot } from './package-root';

/** Weights a browser may load, WASM first: int8 arithmetic, then the batch-independent copy for WebGPU. */
const readerWeights = ['onnx/model_quantized.onnx', 'onnx/model_q4.onnx'];
/** Weights for documents, finest first; readers never download them, so their size does not matter. */
const documentWeights = ['onnx/model_int8.onnx', 'onnx/model_q4.onnx', 'onnx/model_quantized.onnx'];
const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json'];

export const embeddedModel = join(packageRoot, 'models', 'all-MiniLM-L6-v2');

export interface RunModels {
  /** For queries: what readers run. */
  queries: Encoder;
  /** One for each weights file that readers may load. */
  queryEncoders: Encoder[];
  documents: Encoder;
  /** Names the weights and their use, for the cache of embeddings. */
  identity: string;
  files: Record<string, Uint8Array>;
  close(): Promise<void>;
}

/** What readers load. */
export interface ReaderModels {
  /** One for each weights file that readers may load. */
  encoders: Encoder[];
  files: Record<string, Uint8Array>;
  close(): Promise<void>;
}

/** Errors: model-missing, model-damaged. */
export async function openReaderModels(model: string | undefined): Promise<ReaderModels> {
  const folder = resolve(model ?? embeddedModel);
  const weights = readerWeights.filter((path) => existsSync(join(folder, path)));
  const encoders: Encoder[] = [];
  for (const path of weights.length > 0 ? weights : [undefined])
    encoders.push(await openNodeEncoder(folder, path ? { weights: path } : {}));
  const files: Record<string, Uint8Array> = {};
  for (const path of [...tokenizerFiles, ...encoders.map(({ report }) => report.weights)])
    if (existsSync(join(folder, path))) files[path] = await readFile(join(folder, path));
  return {
    encoders,
    files,
    close: async () => void (await Promise.all(encoders.map((encoder) => encoder.close()))),
  };
}

/**
 * `documentModel`: a folder with the same model in finer weights. Default: the finest copy in the model's own folder.
 * Errors: model-missing, model-damaged, model-mismatch when both folders do not share one space.
 */
export async function openRunModels(options: {
  model: string | undefined;
  documentModel: string | undefined;
  /** The built encode.thread.js. Default: beside the running file. */
  script?: URL;
}): Promise<RunModels> {
  const folder = resolve(options.model ?? embeddedModel);
  const { encoders: queryEncoders, files, close } = await openReaderModels(options.model);
  const queries = queryEncoders[0]!;
  const documentFolder = resolve(options.documentModel ?? folder);
  // A folder named for documents alone is taken at its finest, float32 weights included.
  const finest = options.documentModel
    ? ['onnx/model.onnx', ...documentWeights].find((path) => existsSync(join(documentFolder, path)))
    : documentWeights.find((path) => existsSync(join(folder, path)));
  const documents = await openEncoderPool(documentFolder, {
    workers: availableParallelism(),
    ...(finest && { weights: finest }),
    ...(options.script && { script: options.script }),
  });
  if (documents.card.dim !== queries.card.dim || documents.card.pooling !== queries.card.pooling)
    throw new ModelError('model-mismatch', {
      expected: `documents in ${queries.card.dim} dimensions with ${queries.card.pooling} pooling, as queries are`,
      received: `${documents.card.dim} dimensions with ${documents.card.pooling} pooling from ${documentFolder}`,
    });
  const { queryPrefix, passagePrefix, maxTokens } = documents.card;
  const identity = [
    documents.report.weights,
    await weightsHash(join(documentFolder, documents.report.weights)),
    documents.report.runtime,
    queryPrefix,
    passagePrefix,
    maxTokens,
  ].join('\n');
  return {
    queries,
    queryEncoders,
    documents,
    identity,
    files,
    async close() {
      await Promise.all([documents.close(), close()]);
    },
  };
}

/** Words people may ask with although the site does not use them. */
export function vocabularyOf(models: RunModels | null): string[] {
  const tokenizer = models?.files['tokenizer.json'];
  return tokenizer ? vocabularyWords(tokenizer) : [];
}

async function weightsHash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
