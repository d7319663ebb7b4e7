/**
 * Whether embeddings of two models may stand in one index.
 * In: what manifests record of both. Out: yes or no. Known embeddings of known texts decide, as when a model is loaded; names only
 * where there is no such text.
 */
import { compareCanaries } from '../embed/canary';
import type { ManifestModel } from '../types';

export function sameModel(a: ManifestModel, b: ManifestModel): boolean {
  if (a.dim !== b.dim || a.passagePrefix !== b.passagePrefix || a.queryPrefix !== b.queryPrefix) return false;
  return compareCanaries(a.canaries, b.canaries, a.dim)?.ok ?? a.name === b.name;
}
