/**
 * An index folder opened for the command line: store, searcher, and the model for its queries.
 * In: the folder `nearbit index` wrote. Out: the same searcher that browsers run.
 */
import { resolve } from 'node:path';
import { checkCanaries } from '../embed/canary';
import { openNodeEncoder } from '../embed/node-encoder.node';
import { ModelError } from '../errors';
import { chooseKernel } from '../kernels/choose';
import { openSearcher, type Searcher } from '../search/searcher';
import { folderStore } from '../store/folder-store.node';
import type { ReadableStore } from '../store/store';
import type { Encoder, Manifest, Tier } from '../types';
import type { Config } from './config';
import { embeddedModel } from './model';

export interface OpenedIndex {
  store: ReadableStore;
  searcher: Searcher;
  /** Null in the lexical tier and for an index without a model. */
  encoder: Encoder | null;
  close(): Promise<void>;
}

/** Errors: index-missing, format-*; model-missing, model-mismatch when the model at hand is not the index's. */
export async function openIndexFolder(
  folder: string,
  { tier, model, config }: { tier: Tier; model: string | undefined; config: Config },
): Promise<OpenedIndex> {
  const store = folderStore(resolve(folder));
  const { kernel } = await chooseKernel();
  const searcher = await openSearcher({ store, kernel });
  const { manifest } = searcher;
  const encoder = tier === 'full' && manifest.model ? await openQueryEncoder(manifest, model, config) : null;
  return {
    store,
    searcher,
    encoder,
    async close() {
      await encoder?.close();
      await searcher.close();
    },
  };
}

/** The canaries tell whether this folder's weights are those the index was made with. */
async function openQueryEncoder(
  manifest: Manifest,
  model: string | undefined,
  config: Config,
): Promise<Encoder> {
  const encoder =
    (await config.encoder?.()) ?? (await openNodeEncoder(resolve(model ?? config.model ?? embeddedModel)));
  const { name, dim, canaries } = manifest.model!;
  const expected = `${name} with ${dim} dimensions`;
  if (encoder.card.dim !== dim)
    throw new ModelError('model-mismatch', {
      expected,
      received: `${encoder.card.name} with ${encoder.card.dim}`,
    });
  const { ok, worst } = await checkCanaries(encoder, canaries, encoder.report.weights);
  if (!ok)
    throw new ModelError('model-mismatch', {
      expected,
      received: `${encoder.card.name}, whose embeddings differ (worst cosine ${worst.toFixed(3)})`,
    });
  return encoder;
}
