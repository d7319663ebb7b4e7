/**
 * A tiny live index with a block of every kind, for tests of its format and of its stores.
 * In: nothing. Out: manifests and sealed blocks. Codes are arbitrary bytes, as in sample.suite.ts.
 */
import type { BlockKind, BlockRef } from '../types';
import { sealBlock } from './block';
import { cutPostings } from './cut-postings';
import { emptyDead, encodeDead, markDead } from './dead-block';
import { documentsOf, encodeDocuments } from './documents-block';
import { encodeFields } from './fields-block';
import { type LiveManifest, type LiveModel, type LiveSegment, liveVersion } from './live-shape';
import { encodePages, quantiseLength } from './pages-block';
import { samplePages, samplePostings } from './sample.suite';
import { encodeTexts } from './texts-block';

export interface SampleBlock {
  kind: BlockKind;
  ref: BlockRef;
  bytes: Uint8Array;
}

export const sampleLiveModel: LiveModel = {
  name: 'sample',
  dim: 8,
  pooling: 'mean',
  maxTokens: 128,
  queryPrefix: '',
  passagePrefix: 'passage: ',
  cosineSd: 0.125,
  documentWeights: 'onnx/model.onnx',
  files: {},
  canaries: [],
  folder: './nearbit/',
};

const bytes = (n: number, seed: number) => Uint8Array.from({ length: n }, (_, i) => (i * 31 + seed) & 255);

/**
 * One segment of two pages, a group each. `embedded`: groups with codes. `dead`: pages that are.
 */
export async function sampleSegment(
  id: number,
  { embedded = 2, dead = [] as number[] } = {},
): Promise<{ segment: LiveSegment; blocks: SampleBlock[] }> {
  const blocks: SampleBlock[] = [];
  const seal = async (kind: BlockKind, payload: Uint8Array): Promise<BlockRef> => {
    const sealed = { kind, ...(await sealBlock(kind, payload)) };
    blocks.push(sealed);
    return sealed.ref;
  };
  const pages = samplePages.map((page) => ({ ...page, id: `${id}${page.id}` }));
  const groups: LiveSegment['groups'] = [];
  const codes: LiveSegment['codes'] = [];
  for (const [i, page] of pages.entries()) {
    const passages = page.passages.length;
    const isEmbedded = i < embedded;
    groups.push({
      pages: 1,
      passages,
      texts: await seal('texts', encodeTexts([page])),
      fine: isEmbedded ? await seal('fine', bytes(passages * 5, id + i)) : null,
    });
    if (isEmbedded) codes.push({ ...(await seal('codes', bytes(passages, id + 9 + i))), passages });
  }
  const postings: LiveSegment['postings'] = [];
  for (const cut of cutPostings(samplePostings, 24))
    postings.push({ ...(await seal('postings', cut.payload)), firstTerm: cut.firstTerm });
  const bitmap = emptyDead(2);
  for (const page of dead) markDead(bitmap, page);
  const documents = documentsOf(pages.map((page) => page.id));
  documents.hashes.set([0x0123456789abcdefn, BigInt(id)]);
  if (id > 1) documents.earlier.set([id - 1, 1], 2);
  const lengths = Uint8Array.from([9, 8, 5], quantiseLength);
  const fields = encodeFields([
    { kind: 'recipe', minutes: 90, tags: ['flour', 'yeast'], published: new Date(Date.UTC(2026, 0, id)) },
    { kind: 'recipe', vegan: false },
  ])!;
  const segment: LiveSegment = {
    id,
    counts: { pages: 2, passages: 3, terms: samplePostings.length },
    languages: { de: 1, en: 1 },
    totalLength: 22.5,
    analyser: 1,
    pages: await seal(
      'pages',
      encodePages({ passagesPerPage: Uint32Array.of(2, 1), lengths, linked: null, titleLengths: null }),
    ),
    documents: await seal('documents', encodeDocuments(documents)),
    fields: await seal('fields', fields),
    groups,
    postings,
    codes,
    code:
      embedded > 0
        ? { bits: 8, planes: 4, rotation: 'random', frame: await seal('frame', bytes(40, 7)) }
        : null,
    dead: dead.length > 0 ? await seal('dead', encodeDead(bitmap, 2)) : null,
    deadPages: dead.length,
    deadPassages: dead.reduce((total, page) => total + pages[page]!.passages.length, 0),
  };
  return { segment, blocks };
}

/** The first states of an index: one segment without embeddings; then a page of it dead and another segment, over a bundle. */
export async function sampleStates(): Promise<{ manifest: LiveManifest; blocks: SampleBlock[] }[]> {
  const first = await sampleSegment(1, { embedded: 0 });
  const manifest: LiveManifest = {
    format: liveVersion,
    generator: 'nearbit sample',
    generation: 1,
    nextSegment: 2,
    segments: [first.segment],
    model: null,
    next: null,
    base: null,
  };
  const changed = await sampleSegment(1, { embedded: 1, dead: [1] });
  const second = await sampleSegment(2);
  const hidden = await sealBlock('documents', encodeDocuments(documentsOf(['/old/'])));
  const later: LiveManifest = {
    ...manifest,
    generation: 2,
    nextSegment: 3,
    segments: [changed.segment, second.segment],
    model: sampleLiveModel,
    next: {
      model: { ...sampleLiveModel, name: 'other', folder: null },
      segments: {
        2: {
          code: second.segment.code,
          codes: second.segment.codes.slice(0, 1),
          fine: [second.segment.groups[0]!.fine!],
        },
      },
    },
    base: { url: './bundle/', bundle: 'b'.repeat(32), hidden: hidden.ref, hiddenPages: 1, hiddenPassages: 4 },
  };
  return [
    { manifest, blocks: first.blocks },
    { manifest: later, blocks: [...changed.blocks, ...second.blocks, { kind: 'documents', ...hidden }] },
  ];
}
