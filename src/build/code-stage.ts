/**
 * Third stage of a build: embeddings become codes, and codes become blocks.
 * In: float32[n × dim] and the groups of pages. Out: references of the frame, first planes and finer planes.
 */
import {
  codeSizes,
  decodeFrame,
  encodeCodes,
  encodeFrame,
  fitFrame,
  planes,
  sampleRows as sampleSize,
} from '../codes';
import { maxCodesPassages } from '../segment/groups';
import type { WritableStore } from '../store/store';
import type { BlockRef, Manifest } from '../types';

export interface CodeResult {
  code: NonNullable<Manifest['code']>;
  codes: Manifest['codes'];
  /** One per group. */
  fine: BlockRef[];
}

/**
 * The sample is chosen by the texts' hashes, so that a site that changes a little keeps its sample, its frame and
 * hence most of its blocks.
 */
function chooseSample(inputs: readonly string[], embeddings: Float32Array, dim: number): Float32Array {
  if (inputs.length <= sampleSize) return embeddings;
  const order = inputs
    .map((text, ordinal) => ({ ordinal, hash: fnv1a(text) }))
    .sort((a, b) => a.hash - b.hash || a.ordinal - b.ordinal)
    .slice(0, sampleSize);
  const rows = new Float32Array(sampleSize * dim);
  for (const [i, { ordinal }] of order.entries())
    rows.set(embeddings.subarray(ordinal * dim, (ordinal + 1) * dim), i * dim);
  return rows;
}

/** FNV-1a over UTF-16 code units, finished so that close texts fall far apart. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

export async function writeCodes(
  inputs: readonly string[],
  embeddings: Float32Array,
  dim: number,
  groups: readonly { passages: number }[],
  store: WritableStore,
): Promise<CodeResult> {
  const fitted = encodeFrame(fitFrame(chooseSample(inputs, embeddings, dim), dim));
  // Documents are coded with the frame as readers will decode it, so that both sides use equal numbers.
  const frame = decodeFrame(fitted);
  const { codeBytes } = codeSizes(dim);
  const codes: CodeResult['codes'] = [];
  const fine: BlockRef[] = [];
  let open: Uint8Array[] = [];
  let openPassages = 0;

  async function closeCodes(): Promise<void> {
    if (openPassages === 0) return;
    const block = new Uint8Array(openPassages * codeBytes);
    let at = 0;
    for (const part of open) {
      block.set(part, at);
      at += part.length;
    }
    codes.push({ ...(await store.writeBlock('codes', block)), passages: openPassages });
    open = [];
    openPassages = 0;
  }

  let first = 0;
  for (const { passages } of groups) {
    if (openPassages > 0 && openPassages + passages > maxCodesPassages) await closeCodes();
    const coded = encodeCodes(frame, embeddings.subarray(first * dim, (first + passages) * dim));
    fine.push(await store.writeBlock('fine', coded.fine));
    open.push(coded.codes);
    openPassages += passages;
    first += passages;
  }
  await closeCodes();
  return {
    code: { bits: dim, planes, rotation: frame.kind, frame: await store.writeBlock('frame', fitted) },
    codes,
    fine,
  };
}
