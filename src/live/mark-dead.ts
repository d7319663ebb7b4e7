/**
 * Documents taken out of the segments that hold them: a bit each; those of the bundle are listed by id.
 * In: places. Out: the manifest with its entries changed, and the blocks it names anew; nothing is written.
 */
import { emptyDead, encodeDead, isDead, markDead } from '../segment/dead-block';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import { baseId, hiddenIds, hideIds } from './base';
import type { Place } from './known-ids';
import type { LiveParts } from './live-parts';
import { sealSmall } from './seal-small';
import { isDamage, type SegmentReader } from './segment-reader';

/** A document that goes. */
export interface Gone extends Place {
  id: string;
}

/** Errors: those of the stores' `readBlock`, but for damaged blocks. Cost: a small block for each segment touched. */
export async function markGone(
  parts: LiveParts,
  manifest: LiveManifest,
  gone: readonly Gone[],
): Promise<{ manifest: LiveManifest; blocks: SealedBlock[] }> {
  const bySegment = new Map<number, number[]>();
  for (const { segment, page } of gone) {
    const pages = bySegment.get(segment);
    if (pages) pages.push(page);
    else bySegment.set(segment, [page]);
  }
  const blocks: SealedBlock[] = [];
  const segments = [...manifest.segments];
  for (const reader of parts.readers.of(manifest, parts.base)) {
    const pages = bySegment.get(reader.segment.id);
    if (!pages || reader.segment.id === baseId) continue;
    const marked = await withDead(parts, reader, pages);
    blocks.push(marked.block);
    segments[segments.findIndex(({ id }) => id === reader.segment.id)] = marked.segment;
  }
  const next = { ...manifest, segments };
  if (!bySegment.has(baseId)) return { manifest: next, blocks };
  const hidden = await hiddenIds(parts, manifest);
  for (const { segment, id } of gone) if (segment === baseId) hidden.add(id);
  const { base, block } = await hideIds(parts, manifest, hidden);
  if (block) blocks.push(block);
  return { manifest: { ...next, base }, blocks };
}

async function withDead(
  parts: LiveParts,
  reader: SegmentReader,
  pages: readonly number[],
): Promise<{ segment: LiveSegment; block: SealedBlock }> {
  const { segment } = reader;
  const bits = await deadOf(parts, reader);
  for (const page of pages) markDead(bits, page);
  const passages = await reader.passagesPerPage();
  let deadPages = 0;
  let deadPassages = 0;
  for (let page = 0; page < segment.counts.pages; page++) {
    if (!isDead(bits, page)) continue;
    deadPages += 1;
    deadPassages += passages[page]!;
  }
  const block = await sealSmall('dead', encodeDead(bits, segment.counts.pages));
  return { segment: { ...segment, dead: block.ref, deadPages, deadPassages }, block };
}

/** A copy. Where the block is damaged: what was replaced since stays dead, and what was removed comes back. */
async function deadOf({ ids }: LiveParts, reader: SegmentReader): Promise<Uint8Array> {
  const { counts, id: segment } = reader.segment;
  try {
    return (await reader.dead())?.slice() ?? emptyDead(counts.pages);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const bits = emptyDead(counts.pages);
    for (const [page, id] of (await reader.documents()).ids.entries()) {
      const place = ids.get(id);
      if (place && (place.segment !== segment || place.page !== page)) markDead(bits, page);
    }
    return bits;
  }
}
