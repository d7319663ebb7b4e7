/**
 * Cut pages to a segment: every block of it but codes.
 * In: pages in order. Out: the manifest's entry and sealed blocks; nothing is written.
 * Deliberately not here: where the pages come from (add-documents.ts, repair.ts), and embeddings (embed-queue.ts).
 */
import { PagePoster } from '../build/page-poster';
import type { Analyser } from '../lexical/analyser';
import { analyserVersion } from '../lexical/tokens';
import { cutPostings } from '../segment/cut-postings';
import { encodeDocuments } from '../segment/documents-block';
import { encodeFields } from '../segment/fields-block';
import { type GroupBounds, groupCutter } from '../segment/groups';
import type { LiveSegment } from '../segment/live-shape';
import { encodePages } from '../segment/pages-block';
import { encodeTexts } from '../segment/texts-block';
import type { SealedBlock } from '../store/live-store';
import type { BlockKind, BlockRef, StoredPage } from '../types';
import type { CutPage } from './read-document';
import { sealSmall } from './seal-small';

export interface BuiltSegment {
  segment: LiveSegment;
  blocks: SealedBlock[];
}

/** Smaller than a bundle's: a group is what is embedded and stored at once. */
export const liveBounds: GroupBounds = { min: 32 * 1024, target: 64 * 1024, max: 256 * 1024 };

/** Loaded once, with the terms they know. */
const analysers = new Map<string, Analyser>();

/** `id`: the manifest's `nextSegment`. One page or more. Cost: about .1 ms a short page. */
export async function buildSegment(pages: readonly CutPage[], id: number): Promise<BuiltSegment> {
  const poster = new PagePoster(analysers);
  const blocks: SealedBlock[] = [];
  const write = async (kind: BlockKind, payload: Uint8Array): Promise<BlockRef> => {
    const block = await sealSmall(kind, payload);
    blocks.push(block);
    return block.ref;
  };
  const groups: LiveSegment['groups'] = [];
  const beginsGroup = groupCutter(liveBounds);
  let group: StoredPage[] = [];
  const closeGroup = async (): Promise<void> => {
    if (group.length === 0) return;
    const passages = group.reduce((sum, page) => sum + page.passages.length, 0);
    groups.push({
      pages: group.length,
      passages,
      texts: await write('texts', encodeTexts(group)),
      fine: null,
    });
    group = [];
  };
  for (const page of pages) {
    const rawBytes = page.passages.reduce((sum, passage) => sum + passage.text.length, 0);
    if (beginsGroup(page.id, rawBytes)) await closeGroup();
    await poster.post(page.title, page.passages, page.language.split('-')[0] ?? '');
    group.push(page);
  }
  await closeGroup();

  const postings: LiveSegment['postings'] = [];
  for (const { firstTerm, payload } of cutPostings(poster.postings.finish()))
    postings.push({ ...(await write('postings', payload)), firstTerm });
  const fields = encodeFields(pages.map((page) => page.fields));
  const segment: LiveSegment = {
    id,
    counts: { pages: pages.length, passages: poster.passages, terms: poster.postings.terms },
    languages: Object.fromEntries(poster.languages),
    totalLength: poster.totalLength,
    analyser: analyserVersion,
    pages: await write(
      'pages',
      encodePages({
        passagesPerPage: poster.passagesPerPage.take(),
        lengths: poster.lengths.take(),
        linked: new Uint8Array(pages.length),
        titleLengths: poster.titleLengths.take(),
      }),
    ),
    documents: await write(
      'documents',
      encodeDocuments({
        ids: pages.map((page) => page.id),
        hashes: BigUint64Array.from(pages, ({ hash }) => hash),
        earlier: Uint32Array.from(
          pages.flatMap(({ earlier }) => [earlier?.segment ?? 0, earlier?.page ?? 0]),
        ),
      }),
    ),
    fields: fields && (await write('fields', fields)),
    groups,
    postings,
    codes: [],
    code: null,
    dead: null,
    deadPages: 0,
    deadPassages: 0,
  };
  return { segment, blocks };
}
