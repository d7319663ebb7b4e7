/**
 * Mends a live index from what can still be read: one transaction, after which every block is whole.
 * In: the newest manifest and its blocks. Out: what was lost for good, and how much is to be embedded again.
 * Words are read again from the texts; a document whose texts are lost leaves the index and is named. A manifest that cannot be
 * read cannot be mended: then a backup is read in, or the index destroyed. Deliberately not here: which blocks are damaged
 * (check-blocks.ts) and how a segment is mended (mend-segment.ts).
 */
import { analyserVersion } from '../lexical/tokens';
import { blockPath } from '../segment/block';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import { liveBlocks, segmentBlocks } from '../segment/live-shape';
import type { LiveStore, SealedBlock } from '../store/live-store';
import { settleBase } from './base';
import type { LiveParts } from './live-parts';
import type { RepairReport } from './live-types';
import { type MendedSegment, mendSegment } from './mend-segment';
import { isDamage } from './segment-reader';

/** Errors: those of `transact`, and of reading but for missing and damaged blocks. Cost: reads every block. */
export async function repairIndex(parts: LiveParts): Promise<RepairReport> {
  const report: RepairReport = { mended: 0, toEmbed: 0, lost: [], withoutFields: [] };
  const changed = await parts.writer.transact(async (manifest) => {
    const bad = await damagedPaths(parts.store, manifest);
    const isOld = ({ analyser }: LiveSegment) => analyser !== analyserVersion;
    if (bad.size === 0 && !manifest.segments.some(isOld)) return { manifest: null, blocks: [], result: null };
    // Also says where documents lie whose segment does not know any more which of its pages are dead.
    await parts.ids.sync(manifest);
    const next = { ...manifest, segments: [...manifest.segments] };
    const blocks: SealedBlock[] = [];
    for (const reader of parts.readers.of(manifest, parts.base)) {
      const { segment } = reader;
      const at = next.segments.findIndex(({ id }) => id === segment.id);
      const isBad = [...segmentBlocks(segment)].some(({ kind, ref }) => bad.has(blockPath(kind, ref)));
      if (at < 0 || !(isBad || isOld(segment))) continue;
      const mended = await mendSegment(parts, reader, bad, next.nextSegment);
      next.nextSegment += 1;
      next.segments.splice(at, 1, ...(mended.segment ? [mended.segment] : []));
      blocks.push(...mended.blocks);
      tell(report, mended);
    }
    next.next = withoutDamage(next, bad);
    const { base } = next;
    if (base?.hidden && bad.has(blockPath('documents', base.hidden)))
      next.base = { ...base, bundle: '', hidden: null, hiddenPages: 0, hiddenPassages: 0 };
    return { manifest: next, blocks, result: next };
  });
  // Looks up again which documents of the bundle have been replaced.
  if (changed?.base && changed.base.bundle === '') await settleBase(parts);
  return report;
}

function tell(report: RepairReport, { toEmbed, lost, withoutFields }: MendedSegment): void {
  report.mended += 1;
  report.toEmbed += toEmbed;
  report.lost.push(...lost);
  report.withoutFields.push(...withoutFields);
}

/** Of the blocks that a manifest names, those that cannot be read. Errors: those of the store but for damage. */
async function damagedPaths(store: LiveStore, manifest: LiveManifest): Promise<Set<string>> {
  const bad = new Set<string>();
  const good = new Set<string>();
  for (const { kind, ref } of liveBlocks(manifest)) {
    const path = blockPath(kind, ref);
    if (bad.has(path) || good.has(path)) continue;
    try {
      await store.readStored(kind, ref);
      good.add(path);
    } catch (error) {
      if (!isDamage(error)) throw error;
      bad.add(path);
    }
  }
  return bad;
}

/** What `reembed` has made of segments that are as they were, and of which all can be read. */
function withoutDamage({ next, segments }: LiveManifest, bad: ReadonlySet<string>): LiveManifest['next'] {
  if (!next) return null;
  const ids = new Set(segments.map(({ id }) => String(id)));
  const whole = Object.entries(next.segments).filter(
    ([id, { code, codes, fine }]) =>
      ids.has(id) &&
      !(code && bad.has(blockPath('frame', code.frame))) &&
      !codes.some((ref) => bad.has(blockPath('codes', ref))) &&
      !fine.some((ref) => bad.has(blockPath('fine', ref))),
  );
  return { ...next, segments: Object.fromEntries(whole) };
}
