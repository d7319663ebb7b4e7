/**
 * Embeds everything again by another model, while the old embeddings answer.
 * In: the model at hand. Out: a queue as embed-queue.ts gives one, whose groups go to the manifest's `next`; the last one swaps.
 * It goes on where it was after a kill. Documents that come meanwhile are found by their words until the swap: the model that
 * made the old embeddings is not at hand. Compaction waits, since `next` names segments.
 */
import type { LiveManifest, LiveSegment, NextModel } from '../segment/live-shape';
import { EmbedQueue } from './embed-queue';
import type { LiveParts } from './live-parts';
import type { ModelAtHand } from './live-types';
import { embeddingOf } from './plan-compaction';
import { sameModel } from './same-model';
import { SegmentReaders } from './segment-reader';
import type { Change, LiveWriter } from './writer';

/**
 * From now on the queue gives what `model` has not embedded. Nothing changes where it is under way by this model already; by
 * another one it begins anew; the model of the old embeddings ends it. Errors: those of `transact`.
 */
export async function beginReembed({ writer }: LiveParts, { model }: ModelAtHand): Promise<void> {
  await writer.transact(async (manifest): Promise<Change<null>> => {
    const { next, segments, model: old } = manifest;
    const change = (to: Pick<LiveManifest, 'model' | 'next'>): Change<null> => ({
      manifest: { ...manifest, ...to },
      blocks: [],
      result: null,
    });
    const unchanged: Change<null> = { manifest: null, blocks: [], result: null };
    if (!old || sameModel(old, model)) return next ? change({ model: old, next: null }) : unchanged;
    // Without embeddings there are none to go on with: the usual queue makes them.
    if (segments.every(({ code }) => code === null)) return change({ model: null, next: null });
    if (next && sameModel(next.model, model)) return unchanged;
    return change({ model: old, next: { model, segments: {} } });
  });
}

/** To be called when a model is at hand: goes on with a `reembed` that was begun, by this model. Errors: those of `transact`. */
export async function settleReembed(parts: LiveParts, model: ModelAtHand): Promise<void> {
  if (parts.writer.manifest.next) await beginReembed(parts, model);
}

/** Passages done, of how many; null: not under way. */
export function reembedProgress({ next, segments }: LiveManifest): { done: number; total: number } | null {
  if (!next) return null;
  let done = 0;
  let total = 0;
  for (const { id, groups } of segments)
    for (const [i, { passages }] of groups.entries()) {
      total += passages;
      if (i < (next.segments[id]?.fine.length ?? 0)) done += passages;
    }
  return { done, total };
}

/** Gives nothing while no `reembed` is under way. */
export function createReembedQueue(parts: LiveParts): EmbedQueue {
  // Readers of their own: those of `parts` show the old embeddings.
  const readers = new SegmentReaders(parts.store);
  return new EmbedQueue({ ...parts, readers, writer: nextWriter(parts.writer) });
}

/** The index as it will be after the swap, for whoever writes embeddings. */
function nextWriter(writer: LiveWriter): LiveWriter {
  let seen: { manifest: LiveManifest; view: LiveManifest } | null = null;
  const viewOf = (manifest: LiveManifest): LiveManifest => {
    if (seen?.manifest !== manifest) seen = { manifest, view: asNext(manifest) };
    return seen.view;
  };
  return {
    get manifest() {
      return viewOf(writer.manifest);
    },
    refresh: async () => viewOf(await writer.refresh()),
    transact: (change, durability) =>
      writer.transact(async (manifest) => {
        const { manifest: after, ...rest } = await change(viewOf(manifest));
        // Without `next` the view is an empty index, which must never be written.
        if (!after || !manifest.next) return { ...rest, manifest: null, blocks: [] };
        return { ...rest, manifest: isWhole(after) ? after : withNext(manifest, after) };
      }, durability),
  };
}

function asNext(manifest: LiveManifest): LiveManifest {
  const { next, segments } = manifest;
  if (!next) return { ...manifest, segments: [], model: null };
  return {
    ...manifest,
    segments: segments.map((segment): LiveSegment => {
      const { code, codes, fine } = next.segments[segment.id] ?? { code: null, codes: [], fine: [] };
      const groups = segment.groups.map((group, i) => ({ ...group, fine: fine[i] ?? null }));
      return { ...segment, code, codes, groups };
    }),
    model: next.model,
    next: null,
  };
}

/** Nothing is left to embed: the view itself is the new state. */
function isWhole({ segments }: LiveManifest): boolean {
  return segments.every((segment) => embeddingOf(segment) === 'whole');
}

function withNext(manifest: LiveManifest, view: LiveManifest): LiveManifest {
  const segments: NextModel['segments'] = {};
  for (const { id, code, codes, groups } of view.segments)
    if (code) segments[id] = { code, codes, fine: groups.flatMap(({ fine }) => fine ?? []) };
  return { ...manifest, next: { model: manifest.next!.model, segments } };
}
