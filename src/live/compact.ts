/**
 * Compaction: merges segments beside what answers queries, a little at a time, then swaps.
 * In: what planCompaction chose. Out: one segment in the place of several, in one transaction; blocks until then are put ahead.
 * Killed at any point it leaves the index as it was, and blocks that no manifest names (prune.ts). What changes meanwhile:
 * removed pages are carried over; where codes have changed or segments are gone, the work is dropped and planned again.
 */
import { blockPath } from '../segment/block';
import { decodeDead, emptyDead, encodeDead, isDead, markDead } from '../segment/dead-block';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import type { BlockKind, BlockRef } from '../types';
import type { LiveParts } from './live-parts';
import { gone } from './merge-postings';
import { type Member, type Merged, mergeSegments } from './merge-segments';
import { canBeOne, embeddingOf } from './plan-compaction';
import { sealSmall } from './seal-small';
import type { SegmentReader } from './segment-reader';
import type { Change } from './writer';

export { planCompaction } from './plan-compaction';

export interface Compaction {
  readonly ids: readonly number[];
  /** Paths of the blocks put so far, which no manifest names yet: not to be pruned. */
  readonly ahead: ReadonlySet<string>;
  /** Null while there is more to do. */
  readonly outcome: 'swapped' | 'dropped' | null;
  /**
   * Works for about `ms`; a step ends at most one block later. True: there is more to do. Errors: those of reading and
   * writing blocks (quota-exceeded, format-corrupt, block-missing); the compaction is over then, and has changed nothing.
   */
  step(ms: number): Promise<boolean>;
}

/** `ids`: neighbours, or segments without a live page. */
export function startCompaction(parts: LiveParts, ids: readonly number[]): Compaction {
  const ahead = new Set<string>();
  const work = compact(parts, ids, ahead);
  let outcome: Compaction['outcome'] = null;
  return {
    ids,
    ahead,
    get outcome() {
      return outcome;
    },
    async step(ms) {
      const until = performance.now() + ms;
      while (!outcome) {
        try {
          const { done, value } = await work.next();
          if (done) outcome = value;
        } catch (error) {
          outcome = 'dropped';
          throw error;
        }
        if (performance.now() >= until) break;
      }
      return outcome === null;
    },
  };
}

async function* compact(
  parts: LiveParts,
  ids: readonly number[],
  ahead: Set<string>,
): AsyncGenerator<void, 'swapped' | 'dropped', undefined> {
  const { writer, store } = parts;
  const start = writer.manifest;
  const members = await openMembers(parts, start, ids);
  if (!members) return 'dropped';
  const put = async (kind: BlockKind, payload: Uint8Array): Promise<BlockRef> => {
    const block = await sealSmall(kind, payload);
    ahead.add(blockPath(kind, block.ref));
    await store.put([block]);
    return block.ref;
  };
  const merge = mergeSegments(members, put);
  let merged = await merge.next();
  let seen = start;
  while (!merged.done) {
    yield;
    // Asked for as soon as something has changed: the rest of the work might be for nothing.
    if (writer.manifest !== seen && !isStillThere(start, writer.manifest, ids)) return 'dropped';
    seen = writer.manifest;
    merged = await merge.next();
  }
  const { value } = merged;
  yield;
  const swapped = await writer.transact(async (now): Promise<Change<boolean>> => {
    if (!isStillThere(start, now, ids)) return { manifest: null, blocks: [], result: false };
    return swap(parts, now, ids, value);
  });
  return swapped ? 'swapped' : 'dropped';
}

/** Null: they cannot be merged (any more). */
async function openMembers(
  parts: LiveParts,
  manifest: LiveManifest,
  ids: readonly number[],
): Promise<Member[] | null> {
  const readers = readersOf(parts, manifest, ids);
  const segments = readers.map(({ segment }) => segment);
  const kinds = new Set(segments.map(embeddingOf));
  const isEmpty = segments.every(({ counts, deadPages }) => counts.pages === deadPages);
  if (readers.length < Math.max(1, ids.length) || manifest.next) return null;
  if (!isEmpty && (kinds.size > 1 || kinds.has('partial') || !canBeOne(segments))) return null;
  const members: Member[] = [];
  for (const reader of readers) members.push({ reader, dead: (await reader.dead())?.slice() ?? null });
  return members;
}

function readersOf(parts: LiveParts, manifest: LiveManifest, ids: readonly number[]): SegmentReader[] {
  const wanted = new Set(ids);
  return parts.readers.of(manifest, parts.base).filter(({ segment }) => wanted.has(segment.id));
}

/** Whether the segments are there, as they were but for their dead pages. */
function isStillThere(start: LiveManifest, now: LiveManifest, ids: readonly number[]): boolean {
  return now.next === null && ids.every((id) => lastingOf(start, id) === lastingOf(now, id));
}

function lastingOf({ segments }: LiveManifest, id: number): string | null {
  const segment = segments.find((one) => one.id === id);
  if (!segment) return null;
  return JSON.stringify({ ...segment, dead: null, deadPages: 0, deadPassages: 0 });
}

async function swap(
  parts: LiveParts,
  now: LiveManifest,
  ids: readonly number[],
  { segment, places }: Merged,
): Promise<Change<boolean>> {
  const old = new Set(ids);
  const blocks: SealedBlock[] = [];
  const segments: LiveSegment[] = [];
  for (const one of now.segments) {
    if (!old.has(one.id)) segments.push(one);
    else if (one.id === ids[0] && segment) {
      const died = await newlyDead(parts, now, ids, places, segment.counts.pages);
      if (died.block) blocks.push(died.block);
      segments.push({ ...segment, id: now.nextSegment, ...died.counts });
    }
  }
  return { manifest: { ...now, nextSegment: now.nextSegment + 1, segments }, blocks, result: true };
}

/** Pages that were alive when the merge began and are dead by now, as dead pages of the merged segment. */
async function newlyDead(
  parts: LiveParts,
  now: LiveManifest,
  ids: readonly number[],
  places: readonly Uint32Array[],
  pages: number,
): Promise<{
  block: SealedBlock | null;
  counts: Pick<LiveSegment, 'dead' | 'deadPages' | 'deadPassages'>;
}> {
  const dead = emptyDead(pages);
  let deadPages = 0;
  let deadPassages = 0;
  for (const [member, reader] of readersOf(parts, now, ids).entries()) {
    const { segment } = reader;
    if (!segment.dead) continue;
    const { passagesPerPage } = await reader.pages();
    const bits = decodeDead(
      await reader.readBlock('dead', segment.dead),
      blockPath('dead', segment.dead),
      segment.counts.pages,
      segment.deadPages,
    );
    for (const [page, place] of places[member]!.entries()) {
      if (place === gone || !isDead(bits, page)) continue;
      markDead(dead, place);
      deadPages += 1;
      deadPassages += passagesPerPage[page]!;
    }
  }
  if (deadPages === 0) return { block: null, counts: { dead: null, deadPages, deadPassages } };
  const block = await sealSmall('dead', encodeDead(dead, pages));
  return { block, counts: { dead: block.ref, deadPages, deadPassages } };
}
