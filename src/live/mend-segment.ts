/**
 * One segment with damaged blocks to one without, of what can still be read.
 * In: a segment's reader, the paths that cannot be read. Out: a segment, its blocks, and what is lost.
 * Codes must cover the first groups of a segment, so those behind the first that is lost are lost with it.
 */
import { blockPath } from '../segment/block';
import { isDead } from '../segment/dead-block';
import type { DocumentsBlock } from '../segment/documents-block';
import type { FieldsBlock } from '../segment/fields-block';
import type { LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import type { BlockKind, BlockRef, StoredPage } from '../types';
import { buildSegment } from './build-segment';
import type { LiveParts } from './live-parts';
import { CodeMerger, type PassageRange } from './merge-codes';
import { addRange } from './merge-segments';
import type { CutPage } from './read-document';
import { sealSmall } from './seal-small';
import { isDamage, type SegmentReader } from './segment-reader';

export interface MendedSegment {
  /** Null: nothing of it is left. */
  segment: LiveSegment | null;
  blocks: SealedBlock[];
  /** Live passages that had an embedding. */
  toEmbed: number;
  /** Ids of documents whose texts are lost. One whose id is lost too cannot be named. */
  lost: string[];
  /** Ids of documents whose fields are lost. */
  withoutFields: string[];
}

/** A page whose text can be read. */
interface KeptPage extends CutPage {
  /** First passage in the segment as it was. */
  first: number;
}

/**
 * Written anew under a new id, since more than codes may change. `parts.ids` must know the manifest.
 * Errors: those of reading but for missing and damaged blocks.
 */
export async function mendSegment(
  parts: LiveParts,
  reader: SegmentReader,
  bad: ReadonlySet<string>,
  id: number,
): Promise<MendedSegment> {
  const { segment } = reader;
  const documents = await reader.documents();
  const fields = await orNull(reader.fields());
  const hasLostFields = segment.fields !== null && fields === null;
  const isLive = await liveness(parts, reader, documents);
  const { pages, lost } = await readPages(reader, documents, fields, isLive);
  const withoutFields = hasLostFields ? pages.map((page) => page.id) : [];
  if (pages.length === 0) return { segment: null, blocks: [], toEmbed: 0, lost, withoutFields };
  const built = await buildSegment(pages, id);
  const coded = await keepCodes(reader, bad, built.segment, pages);
  return {
    segment: coded.segment,
    blocks: [...built.blocks, ...coded.blocks],
    toEmbed: coded.toEmbed,
    lost,
    withoutFields,
  };
}

/**
 * Which pages live. Where the dead block is lost: those that are not replaced by a later segment; documents that were removed
 * come back, which is better than losing those that were not.
 */
async function liveness(
  { ids }: LiveParts,
  reader: SegmentReader,
  documents: DocumentsBlock,
): Promise<(page: number) => boolean> {
  const dead = await orNull(reader.dead());
  const { dead: ref, id } = reader.segment;
  if (dead || !ref) return (page) => !dead || !isDead(dead, page);
  return (page) => {
    const place = ids.get(documents.ids[page]!);
    return place === null || (place.segment === id && place.page === page);
  };
}

async function readPages(
  reader: SegmentReader,
  documents: DocumentsBlock,
  fields: FieldsBlock | null,
  isLive: (page: number) => boolean,
): Promise<{ pages: KeptPage[]; lost: string[] }> {
  const pages: KeptPage[] = [];
  const lost: string[] = [];
  let page = 0;
  let firstOfGroup = 0;
  for (const [group, { pages: n, passages }] of reader.segment.groups.entries()) {
    const stored: (StoredPage | undefined)[] = (await orNull(reader.texts(group))) ?? [];
    let first = firstOfGroup;
    for (let i = 0; i < n; i++, page++) {
      const text = stored[i];
      if (isLive(page)) {
        if (text) pages.push({ ...text, ...known(documents, fields, page), first });
        else if (documents.ids[page] !== '') lost.push(documents.ids[page]!);
      }
      first += text?.passages.length ?? 0;
    }
    firstOfGroup += passages;
  }
  return { pages, lost };
}

function known({ hashes, earlier }: DocumentsBlock, fields: FieldsBlock | null, page: number) {
  const segment = earlier[2 * page]!;
  return {
    fields: fields?.rowOf(page),
    hash: hashes[page]!,
    earlier: segment === 0 ? null : { segment, page: earlier[2 * page + 1]! },
    embedding: null,
  };
}

/** Gives the segment the codes of its first groups, as far as all of their passages have readable ones. */
async function keepCodes(
  reader: SegmentReader,
  bad: ReadonlySet<string>,
  built: LiveSegment,
  pages: readonly KeptPage[],
): Promise<{ segment: LiveSegment; blocks: SealedBlock[]; toEmbed: number }> {
  const { code, groups: before } = reader.segment;
  const blocks: SealedBlock[] = [];
  const put = async (kind: BlockKind, payload: Uint8Array): Promise<BlockRef> => {
    const block = await sealSmall(kind, payload);
    blocks.push(block);
    return block.ref;
  };
  const { dead } = reader.segment;
  // Pages that come back may have been removed before they were embedded, and have rows of zeros.
  const isDeadLost = dead !== null && bad.has(blockPath('dead', dead));
  const readable = isDeadLost ? 0 : readablePassages(reader.segment, bad);
  const embedded = before.reduce((sum, { fine, passages }) => sum + (fine ? passages : 0), 0);
  const merger = code && readable > 0 ? await CodeMerger.open([reader], code, put) : null;
  const groups: LiveSegment['groups'] = [];
  let page = 0;
  let toEmbed = 0;
  for (const group of built.groups) {
    const ranges: PassageRange[] = [];
    for (const { first, passages } of pages.slice(page, page + group.pages))
      addRange(ranges, { member: 0, first, passages: passages.length });
    page += group.pages;
    const isWhole = ranges.every(({ first, passages }) => first + passages <= readable);
    const fine = merger && isWhole ? await merger.addGroup(ranges, null) : null;
    if (!fine) for (const { first, passages } of ranges) toEmbed += clamp(embedded - first, passages);
    groups.push({ ...group, fine });
  }
  await merger?.finish();
  const codes = merger?.codes ?? [];
  return {
    segment: { ...built, groups, codes, code: merger && codes.length > 0 ? merger.code : null },
    blocks,
    toEmbed,
  };
}

/** How many of the first passages have an embedding of which everything can be read. */
function readablePassages({ code, codes, groups }: LiveSegment, bad: ReadonlySet<string>): number {
  if (!code || bad.has(blockPath('frame', code.frame))) return 0;
  let coded = 0;
  for (const ref of codes) {
    if (bad.has(blockPath('codes', ref))) break;
    coded += ref.passages;
  }
  let finer = 0;
  for (const { fine, passages } of groups) {
    if (!fine || bad.has(blockPath('fine', fine))) break;
    finer += passages;
  }
  return Math.min(coded, finer);
}

function clamp(n: number, most: number): number {
  return Math.max(0, Math.min(n, most));
}

async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}
