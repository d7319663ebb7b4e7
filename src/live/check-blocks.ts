/**
 * Reads every block of a live index, and says which are missing or damaged and what is lost by it.
 * In: the newest manifest. Out: a list of damage, empty where all is well. The bundle under the index has its own ways.
 * Deliberately not here: mending (repair.ts).
 */
import { blockPath } from '../segment/block';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import { liveBlocks, segmentBlocks } from '../segment/live-shape';
import type { BlockKind } from '../types';
import type { LiveParts } from './live-parts';
import type { Damage } from './live-types';
import { isDamage } from './segment-reader';

/** Errors: those of the store but for missing and damaged blocks. Cost: reads all, about 2 ms per MB. */
export async function checkBlocks({ store, writer }: LiveParts): Promise<Damage[]> {
  const manifest = await writer.refresh();
  const found: Damage[] = [];
  const seen = new Set<string>();
  for (const { kind, ref } of liveBlocks(manifest)) {
    const path = blockPath(kind, ref);
    if (seen.has(path)) continue;
    seen.add(path);
    try {
      await store.readStored(kind, ref);
    } catch (error) {
      if (!isDamage(error)) throw error;
      found.push({ path, lost: lossOf(manifest, path), reason: error.message });
    }
  }
  if (found.length === 0) return found;
  // What was merged and pruned meanwhile is no loss.
  const named = new Set(
    Array.from(liveBlocks(await writer.refresh()), ({ kind, ref }) => blockPath(kind, ref)),
  );
  return found.filter(({ path }) => named.has(path));
}

/** One sentence: what cannot be found without the block, and what `repair` makes of it. */
export function lossOf(manifest: LiveManifest, path: string): string {
  const { base } = manifest;
  if (base?.hidden && blockPath('documents', base.hidden) === path)
    return `which ${counted(base.hiddenPages, 'page')} of the bundle were removed or replaced; those removed come back`;
  for (const segment of manifest.segments)
    for (const { kind, ref } of segmentBlocks(segment))
      if (blockPath(kind, ref) === path) return lossIn(segment, kind, path);
  return 'embeddings that `reembed` has made; it makes them again';
}

function lossIn(segment: LiveSegment, kind: BlockKind, path: string): string {
  const { counts, deadPages, groups, postings } = segment;
  const all = counted(counts.pages, 'document');
  const group = groups.find(
    ({ texts, fine }) => blockPath('texts', texts) === path || (fine && blockPath('fine', fine) === path),
  );
  const some = counted(group?.pages ?? 0, 'document');
  const losses: Partial<Record<BlockKind, string>> = {
    pages: `${all} by their words, until they are counted again`,
    documents: `the ids of ${all}, which are taken from their texts`,
    fields: `the fields of ${all}: filters leave them out, and repair cannot bring them back`,
    dead: `which ${deadPages} of ${all} were removed; those not replaced since come back`,
    postings: `${all} by the words of one stretch of ${postings.length}, until they are read again`,
    frame: `${all} by meaning, until they are embedded again`,
    codes: `up to ${all} by meaning, until they are embedded again`,
    fine: `${some} by meaning, until they are embedded again`,
    texts: `the texts of ${some}, which repair takes out of the index`,
  };
  return losses[kind] ?? all;
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
