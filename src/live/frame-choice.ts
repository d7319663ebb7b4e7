/**
 * The frame in which a segment's embeddings become codes.
 * In: the manifest, the model's own frame, the embeddings at hand. Out: a frame, its reference, and its block where it is new.
 * Order: the model folder's own, fitted to like texts; else the newest that the index has for this width, so that a query is
 * coded few times; else the mixing rotation about the mean of what is at hand. Compaction moves frames of that kind nearer
 * to the mean of what came since (translate-codes.ts).
 */
import { decodeFrame, encodeFrame, type Frame, fitFrame, planes } from '../codes';
import { blockPath } from '../segment/block';
import { corrupt } from '../segment/damage';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import { baseId } from './base';
import type { LiveParts } from './live-parts';
import type { ModelAtHand } from './live-types';
import { sealSmall } from './seal-small';
import { isDamage } from './segment-reader';

export type Code = NonNullable<LiveSegment['code']>;

export interface ChosenFrame {
  code: Code;
  frame: Frame;
  /** To be committed with the first segment that names it; putting it again changes nothing. */
  block: SealedBlock | null;
}

/** Fewer embeddings say too little about the mean of those to come. */
const leastMeanRows = 32;

/** `manifest`: as it is stored. Shapes: embeddings float32[n × dim]. Errors: those of `readBlock`, but for damaged frames. */
export async function chooseFrame(
  parts: Pick<LiveParts, 'readers' | 'base'>,
  manifest: LiveManifest,
  model: { dim: number; frame: ModelAtHand['frame'] },
  embeddings: Float32Array,
): Promise<ChosenFrame> {
  const { dim } = model;
  if (model.frame && model.frame.code.bits === dim && model.frame.code.planes === planes) {
    const block = await sealSmall('frame', model.frame.bytes);
    return { code: { ...model.frame.code, frame: block.ref }, frame: decodeFrame(model.frame.bytes), block };
  }
  const n = embeddings.length / dim;
  let uncentred: ChosenFrame | null = null;
  for (const reader of parts.readers.of(manifest, parts.base).reverse()) {
    const { code } = reader.segment;
    // A bundle's frame comes with its model, and its block is not here.
    if (reader.segment.id === baseId || code?.bits !== dim || code.planes !== planes) continue;
    const frame = await readFrame(reader, code).catch((error: unknown) => {
      if (isDamage(error)) return null;
      throw error;
    });
    if (!frame) continue;
    // Made when there was no mean to know: for models whose embeddings lie far from zero any other is better.
    if (frame.mean.some((x) => x !== 0)) return { code, frame, block: null };
    uncentred ??= { code, frame, block: null };
  }
  if (uncentred && n < leastMeanRows) return uncentred;
  const { mean, rotation } = fitFrame(new Float32Array(dim), dim);
  if (n >= leastMeanRows)
    for (let at = 0; at < embeddings.length; at++) mean[at % dim]! += embeddings[at]! / n;
  const frame: Frame = { dim, mean, rotation, kind: 'random' };
  const block = await sealSmall('frame', encodeFrame(frame));
  return { code: { bits: dim, planes, rotation: 'random', frame: block.ref }, frame, block };
}

/** Rotations take a while to make, and a megabyte or so. */
const kept = new Map<string, Frame>();
const mostKept = 3;

/** Errors: those of `readBlock`; FormatError format-corrupt. */
export async function readFrame(
  reader: { readBlock(kind: 'frame', ref: Code['frame']): Promise<Uint8Array> },
  { frame, bits }: Code,
): Promise<Frame> {
  const known = kept.get(frame.hash);
  if (known?.dim === bits) return known;
  const decoded = decodeFrame(await reader.readBlock('frame', frame));
  if (decoded.dim !== bits)
    throw corrupt(blockPath('frame', frame), `a frame of dim ${bits}`, `${decoded.dim}`);
  if (kept.size >= mostKept) kept.clear();
  kept.set(frame.hash, decoded);
  return decoded;
}
