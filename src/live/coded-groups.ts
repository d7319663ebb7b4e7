/**
 * Groups whose embeddings are all there become codes.
 * In: embeddings by group. Out: a commit, in which what has changed in the meantime is left out.
 */
import { encodeCodes, type Frame } from '../codes';
import type { LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import { type ChosenFrame, type Code, chooseFrame, readFrame } from './frame-choice';
import type { EarlierRows } from './group-inputs';
import type { LiveParts } from './live-parts';
import type { ModelAtHand } from './live-types';
import { sameModel } from './same-model';
import { sealSmall } from './seal-small';

/** Groups of one segment come in order. */
export interface CodedGroup {
  segment: number;
  /** Hash of the segment's pages block: ids alone come again in backups. */
  pages: string;
  group: number;
  /** By passage; null: of a dead page. */
  inputs: readonly (string | null)[];
  /** Shapes: float32[inputs × dim]. */
  embeddings: Float32Array;
  /** Rows that need no embedding. */
  earlier: EarlierRows | null;
}

/** Errors: those of `readBlock` and of `transact`. */
export async function storeGroups(
  parts: LiveParts,
  model: ModelAtHand,
  groups: readonly CodedGroup[],
): Promise<void> {
  await parts.writer.transact(async (manifest) => {
    const unchanged = { manifest: null, blocks: [], result: undefined };
    if (manifest.model && !sameModel(manifest.model, model.model)) return unchanged;
    const blocks: SealedBlock[] = [];
    let next = manifest;
    let newest: ChosenFrame | null = null;
    for (const group of groups) {
      const i = next.segments.findIndex(
        ({ id, pages }) => id === group.segment && pages.hash === group.pages,
      );
      const segment = next.segments[i];
      if (!segment || segment.groups.findIndex(({ fine }) => !fine) !== group.group) continue;
      const known = segment.code ?? group.earlier?.code;
      // Compacted since the rows were taken over, and its frame may be gone: they are made again.
      if (known && !isNamed(known, next.segments)) continue;
      const chosen: ChosenFrame = known
        ? await openFrame(parts, known, segment, newest, group)
        : (newest ??
          (await chooseFrame(parts, manifest, { ...model, dim: model.model.dim }, group.embeddings)));
      // The segment got another frame since the rows were taken over: they are made again.
      if (group.earlier && group.earlier.code.frame.hash !== chosen.code.frame.hash) continue;
      const coded = await codeGroup(chosen, group);
      blocks.push(coded.codes, coded.fine);
      if (chosen.block) blocks.push(chosen.block);
      if (!known) newest = chosen;
      const segments = [...next.segments];
      segments[i] = withGroup(segment, chosen, group.group, coded);
      next = { ...next, segments, model: next.model ?? model.model };
    }
    return next === manifest ? unchanged : { manifest: next, blocks, result: undefined };
  }, 'relaxed');
}

function isNamed({ frame }: Code, segments: readonly LiveSegment[]): boolean {
  return segments.some(({ code }) => code?.frame.hash === frame.hash);
}

/** A frame that is in use; `newest`: chosen in this very change, and not stored yet. */
async function openFrame(
  { readers, writer, base }: LiveParts,
  code: Code,
  { id }: LiveSegment,
  newest: ChosenFrame | null,
  { earlier }: CodedGroup,
): Promise<ChosenFrame> {
  if (newest?.code.frame.hash === code.frame.hash) return { ...newest, block: null };
  const reader = readers.of(writer.manifest, base).find(({ segment }) => segment.id === id);
  return { code, frame: await readFrame(earlier?.reader ?? reader!, code), block: null };
}

async function codeGroup({ frame }: { frame: Frame }, { inputs, embeddings, earlier }: CodedGroup) {
  const { codes, fine } = encodeCodes(frame, embeddings);
  const rowBytes = (all: Uint8Array) => all.length / inputs.length;
  inputs.forEach((text, row) => {
    if (text !== null) return;
    for (const all of [codes, fine]) all.fill(0, row * rowBytes(all), (row + 1) * rowBytes(all));
  });
  for (const row of earlier?.rows ?? []) {
    codes.set(row.codes, row.to * rowBytes(codes));
    fine.set(row.fine, row.to * rowBytes(fine));
  }
  return { codes: await sealSmall('codes', codes), fine: await sealSmall('fine', fine) };
}

function withGroup(
  segment: LiveSegment,
  { code }: ChosenFrame,
  at: number,
  { codes, fine }: { codes: SealedBlock; fine: SealedBlock },
): LiveSegment {
  const groups = [...segment.groups];
  const group = groups[at]!;
  groups[at] = { ...group, fine: fine.ref };
  return { ...segment, code, groups, codes: [...segment.codes, { ...codes.ref, passages: group.passages }] };
}
