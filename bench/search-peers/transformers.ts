/**
 * transformers.js as a dense search: float cosines of an unquantized model, a page by its best passage.
 * In: the model's folder. The passages are nearbit's own; embeddings are kept by content.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { embedPassages } from '../../src/build/embed-stage';
import { openEmbeddingCache } from '../../src/cli/embedding-cache';
import { type FeatureExtraction, transformersEncoder } from '../../src/embed/transformers';
import { fitTitle, passageInput } from '../../src/text';
import type { Encoder } from '../../src/types';
import { bestPassages } from './cosines';
import { placesOf } from './nearbit';
import type { SearchPeer } from './peer';

export interface ReferenceOptions {
  /** Folder of the model with onnx/model.onnx. */
  folder: string;
  cache: string;
  /** Sets with more passages are not encoded. */
  mostPassages: number;
}

export function transformersCosine({ folder, cache, mostPassages }: ReferenceOptions): SearchPeer {
  return {
    name: 'transformers.js, float32 cosine',
    packages: ['@huggingface/transformers'],
    async open(set) {
      if (folder === '') throw new Error('no --reference given');
      const prepared = await set.prepared();
      const { layout, pages, manifest, name } = prepared;
      const place = placesOf(set, prepared);
      if (layout.passages > mostPassages)
        throw new Error(`${layout.passages} passages, over --reference-passages ${mostPassages}`);
      const maxTokens = manifest.model!.maxTokens;
      const encoder = await openPipeline(folder, maxTokens);
      const identity = `transformers.js\n${hashOf(join(folder, 'onnx/model.onnx'))}`;
      const embed = async (texts: string[], kind: 'passage' | 'query') => {
        const kept = openEmbeddingCache(
          join(cache, 'embeddings'),
          `${name}\n${kind}\n${identity}`,
          encoder.card.dim,
        );
        const { embeddings } = await embedPassages(texts, encoder, {
          cache: kept,
          onProgress: (done, total) => console.error(`${name}: ${kind} ${done} of ${total}`),
        });
        kept.close();
        return embeddings;
      };
      const cut = { maxTokens, countTokens: (text: string) => encoder.countTokens(text) };
      const inputs = pages.flatMap(({ title, passages }) => {
        const fitted = fitTitle(title, cut);
        return passages.map((passage) => passageInput(fitted, passage));
      });
      const embeddings = await embed(inputs, 'passage');
      return {
        async rank(queries, limit) {
          const { dim } = encoder.card;
          const rows = await embed([...queries], 'query');
          return queries.map((_, i) =>
            bestPassages(rows.subarray(i * dim, (i + 1) * dim), embeddings, layout, limit).map(place),
          );
        },
        close: () => encoder.close(),
      };
    },
  };
}

async function openPipeline(folder: string, maxTokens: number): Promise<Encoder> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(resolve(folder));
  const extractor = await pipeline('feature-extraction', basename(resolve(folder)), { dtype: 'fp32' });
  return transformersEncoder(extractor as unknown as FeatureExtraction, {
    card: { name: 'sentence-transformers/all-MiniLM-L6-v2', pooling: 'mean', maxTokens },
  });
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
