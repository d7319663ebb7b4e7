/**
 * The fitted weights that a new index takes over: fitting takes judged queries, which a build does not have.
 * In: the index that is there, a file that `nearbit tune` wrote (for a build that starts from an empty folder), the model.
 * Out: weights and where they come from, or null. Weights fitted with another model are left out, and it is said.
 */
import { resolve } from 'node:path';
import { NearbitError } from '../errors';
import { readTunedFile, type TunedRecord } from '../eval/tuned-record.node';
import type { WritableStore } from '../store/store';
import type { Encoder, FusionWeights, ManifestModel } from '../types';

export interface KeptWeights {
  weights: FusionWeights;
  /** What is to lie beside the new manifest; null: what lies there stays. */
  record: TunedRecord | null;
}

type FittedModel = Pick<ManifestModel, 'name' | 'documentWeights'>;

/** `encoder` null: an index of words alone, which has nothing to weigh. Errors: usage for a file that does not fit. */
export async function keptWeights(
  path: string | undefined,
  store: WritableStore,
  encoder: Encoder | null,
): Promise<KeptWeights | null> {
  const model = encoder && { name: encoder.card.name, documentWeights: encoder.report.weights };
  if (path !== undefined) {
    const record = await readTunedFile(resolve(path));
    const refuse = (expected: string, received: string, fix: string) =>
      new NearbitError('usage', { what: `Cannot take the weights of ${path}`, expected, received, fix });
    if (!model)
      throw refuse('an index with embeddings', 'one of words alone', 'leave out --weights or --no-model');
    if (record.model && !isSame(record.model, model))
      throw refuse(
        `weights fitted with ${nameOf(model)}`,
        nameOf(record.model),
        'run nearbit tune with this model',
      );
    return { weights: record.weights, record };
  }
  const before = model && (await readManifest(store));
  if (!before?.weights || !before.model) return null;
  if (isSame(before.model, model!)) return { weights: before.weights, record: null };
  console.error(
    `Warning: the fitted weights are left out: expected ${nameOf(before.model)}, received ${nameOf(model!)}; run nearbit tune again`,
  );
  return null;
}

/** Null where there is no index, or one that this run is to mend or replace. */
async function readManifest(store: WritableStore) {
  const replaceable = ['index-missing', 'format-corrupt', 'format-too-new'];
  return store.readManifest().catch((error) => {
    if (error instanceof NearbitError && replaceable.includes(error.code)) return null;
    throw error;
  });
}

function isSame(a: FittedModel, b: FittedModel): boolean {
  return a.name === b.name && a.documentWeights === b.documentWeights;
}

function nameOf({ name, documentWeights }: FittedModel): string {
  return `${name} (${documentWeights})`;
}
