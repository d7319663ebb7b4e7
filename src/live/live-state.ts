/**
 * What a live index says of itself.
 * In: its manifest, the bundle under it, damage that was met. Out: a LiveState. Counts come from manifests alone.
 */
import { blockPath } from '../segment/block';
import { type LiveManifest, liveBlocks } from '../segment/live-shape';
import { type BaseBundle, baseSegment } from './base';
import { hasMeaning } from './live-answer';
import type { Damage, LiveState } from './live-types';
import { reembedProgress } from './reembed';

/** `damage` is freed of what the manifest does not name any more. */
export function describeState(
  manifest: LiveManifest,
  base: BaseBundle | null,
  modelDiffers: string,
  damage: Map<string, Damage>,
): LiveState {
  const segments = base
    ? [baseSegment(base.manifest, manifest.base), ...manifest.segments]
    : manifest.segments;
  let documents = 0;
  let passages = 0;
  let missing = 0;
  for (const segment of segments) {
    const { counts, deadPages, deadPassages, groups } = segment;
    documents += counts.pages - deadPages;
    passages += counts.passages - deadPassages;
    // Of a bundle by another model, whose codes no query's embedding fits.
    const isLeft = !hasMeaning({ segment }, { manifest, base: base?.manifest ?? null });
    if (isLeft) missing += counts.passages - deadPassages;
    else for (const group of groups) if (!group.fine) missing += group.passages;
  }
  const sizes = new Map<string, number>();
  for (const { kind, ref } of liveBlocks(manifest)) sizes.set(blockPath(kind, ref), ref.bytes);
  for (const path of damage.keys()) if (!sizes.has(path)) damage.delete(path);
  return {
    generation: manifest.generation,
    documents,
    passages,
    // Removed passages may be among those without codes: all are embedded once no group is without.
    embedded: Math.max(0, passages - missing),
    segments: manifest.segments.length,
    bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    model: manifest.model,
    modelDiffers,
    reembedding: reembedProgress(manifest),
    damage: [...damage.values()],
  };
}
