/**
 * A segment whose documents bring embeddings of their own: coded at once.
 * In: a segment that was just built, an embedding per document. Out: the segment with its codes, and their blocks.
 */
import { encodeCodes } from '../codes';
import type { LiveManifest, LiveModel } from '../segment/live-shape';
import type { BuiltSegment } from './build-segment';
import { chooseFrame } from './frame-choice';
import type { LiveParts } from './live-parts';
import { ownModel, ownName } from './own-embedding';
import type { CutPage } from './read-document';
import { sealSmall } from './seal-small';

/** Documents whose cosines say how far they spread. */
const leastSpreadRows = 32;
/** Pairs looked at are half of its square. */
const mostSpreadRows = 512;
/** Where fewer are known: MiniLM's. */
const usualSpread = 0.109;

/** All pages have an embedding of the model's width. Errors: those of `chooseFrame`. */
export async function codeSegment(
  parts: LiveParts,
  manifest: LiveManifest,
  { segment, blocks }: BuiltSegment,
  pages: readonly CutPage[],
): Promise<BuiltSegment> {
  const dim = pages[0]!.embedding!.length;
  const { code, frame, block } = await chooseFrame(parts, manifest, { dim, frame: null }, joined(pages, dim));
  const coded: BuiltSegment = {
    segment: { ...segment, code },
    blocks: block ? [...blocks, block] : [...blocks],
  };
  const codes: Uint8Array[] = [];
  let page = 0;
  coded.segment.groups = [];
  for (const group of segment.groups) {
    const rows = new Float32Array(group.passages * dim);
    let row = 0;
    for (const { passages, embedding } of pages.slice(page, page + group.pages))
      for (let i = 0; i < passages.length; i++) rows.set(embedding!, dim * row++);
    page += group.pages;
    const both = encodeCodes(frame, rows);
    const fine = await sealSmall('fine', both.fine);
    coded.blocks.push(fine);
    coded.segment.groups.push({ ...group, fine: fine.ref });
    codes.push(both.codes);
  }
  const first = await sealSmall('codes', new Uint8Array(await new Blob(codes as BlobPart[]).arrayBuffer()));
  coded.blocks.push(first);
  coded.segment.codes = [{ ...first.ref, passages: segment.counts.passages }];
  return coded;
}

/** What the manifest says of the model after these embeddings were added. */
export function modelWith(model: LiveModel | null, pages: readonly CutPage[]): LiveModel {
  if (model && (model.name !== ownName || model.cosineSd !== usualSpread)) return model;
  return ownModel(pages[0]!.embedding!.length, spreadOf(pages));
}

/**
 * Standard deviation of the cosines of all pairs, as a stand-in for those of queries and documents: on three sets MiniLM's are
 * .92, 1.00 and .91 of that.
 */
function spreadOf(pages: readonly CutPage[]): number {
  if (pages.length < leastSpreadRows) return usualSpread;
  const step = Math.ceil(pages.length / mostSpreadRows);
  const rows = pages.filter((_, i) => i % step === 0).map(({ embedding }) => embedding!);
  let n = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < i; j++) {
      const cosine = rows[i]!.reduce((dot, x, d) => dot + x * rows[j]![d]!, 0);
      n += 1;
      sum += cosine;
      squares += cosine * cosine;
    }
  const deviation = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  // The same embedding over and over has no spread.
  return deviation > 1e-4 ? deviation : usualSpread;
}

function joined(pages: readonly CutPage[], dim: number): Float32Array {
  const rows = new Float32Array(pages.length * dim);
  pages.forEach(({ embedding }, i) => {
    rows.set(embedding!, i * dim);
  });
  return rows;
}
