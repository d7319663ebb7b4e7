/**
 * Deletes blocks that no manifest names any more.
 * In: the newest manifest, what was put ahead of one. Out: how many are gone.
 * Called by the one tab that tidies up, while no backup is being written or read in any tab (their lock is the worker's).
 * A block stays one call longer than the manifest that named it, for readers in other tabs that have not heard yet.
 */
import { blockPath } from '../segment/block';
import { type LiveManifest, liveBlocks } from '../segment/live-shape';
import type { LiveStore } from '../store/live-store';
import type { LiveParts } from './live-parts';

/** What the manifest at the last call named. */
const namedBefore = new WeakMap<LiveStore, ReadonlySet<string>>();

/** `ahead`: paths of blocks that a later commit will name. Errors: those of the store. */
export async function pruneBlocks(
  { writer, store }: LiveParts,
  ahead: Iterable<string> = [],
): Promise<number> {
  // Inside the writers' lock: a block that a commit names between reading the manifest and deleting would be lost.
  return writer.transact(async (manifest) => {
    const named = pathsOf(manifest);
    const keep = new Set([...named, ...(namedBefore.get(store) ?? []), ...ahead]);
    const result = await store.prune(keep);
    namedBefore.set(store, named);
    return { manifest: null, blocks: [], result };
  });
}

/** Of every block that a manifest names. */
export function pathsOf(manifest: LiveManifest): Set<string> {
  const paths = new Set<string>();
  for (const { kind, ref } of liveBlocks(manifest)) paths.add(blockPath(kind, ref));
  return paths;
}
