/**
 * A live index for tests of what keeps it tidy: segments made by hand, and everything in it read back as a Map.
 * In: documents as one string each. Out: parts over a store in memory; ids with texts, fields, hashes and rows of codes.
 * Deliberately not by add-documents.ts and embed-queue.ts, whose own tests say that they are right.
 */
import { codeSizes, decodeCodes, decodeFrame, encodeCodes, encodeFrame, type Frame } from '../codes';
import { mixingRotation } from '../codes/rotation';
import { randomUnits } from '../codes/synthetic.suite';
import { StoreError } from '../errors';
import type { Fields } from '../fields';
import { isDead } from '../segment/dead-block';
import type { LiveManifest, LiveModel, LiveSegment } from '../segment/live-shape';
import { openPostings } from '../segment/postings-block';
import type { LiveStore } from '../store/live-store';
import { type LiveMemory, memoryLiveStore, newLiveMemory } from '../store/live-store-memory';
import type { StoredPage } from '../types';
import { buildSegment } from './build-segment';
import { KnownIds } from './known-ids';
import type { LiveParts } from './live-parts';
import { markGone } from './mark-dead';
import { joinBytes } from './merge-codes';
import { type CutPage, cutOptions } from './read-document';
import { sealSmall } from './seal-small';
import { type SegmentReader, SegmentReaders } from './segment-reader';
import { openWriter } from './writer';

export const dim = 16;

export const testModel: LiveModel = {
  name: 'test',
  dim,
  pooling: 'mean',
  maxTokens: cutOptions.maxTokens,
  queryPrefix: '',
  passagePrefix: '',
  cosineSd: 0.1,
  documentWeights: 'none',
  files: {},
  canaries: [],
  folder: null,
};

export interface TestIndex extends LiveParts {
  memory: LiveMemory;
}

/** `wrap`: puts something between index and store, which may fail. */
export async function openTestIndex(
  memory = newLiveMemory(),
  wrap = (store: LiveStore) => store,
): Promise<TestIndex> {
  const store = wrap(memoryLiveStore('test', memory));
  const readers = new SegmentReaders(store);
  let last: Promise<unknown> = Promise.resolve();
  const writer = await openWriter({
    store,
    exclusively: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => {});
      return turn;
    },
    durability: 'relaxed',
    onChange() {},
  });
  const ids = new KnownIds(readers, null);
  return { memory, store, readers, writer, base: null, ids, language: 'en' };
}

/** A frame of the random rotation, `mean` everywhere. */
export function frameOf(mean: number): Frame {
  return { dim, mean: new Float32Array(dim).fill(mean), rotation: mixingRotation(dim), kind: 'random' };
}

/** What the test's model makes of a text; the same for the same text. */
export function embeddingOf(text: string): Float32Array {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + letter.charCodeAt(0)) >>> 0;
  return randomUnits(1, dim, seed);
}

export function pageOf(id: string, text: string, fields?: Fields): CutPage {
  return {
    id,
    url: `/${id}`,
    title: `Title of ${id}`,
    description: '',
    language: 'en',
    passages: text.split('\n').map((line) => ({ headings: [], anchor: null, text: line })),
    fields,
    hash: BigInt(text.length * 1000 + 1),
    earlier: null,
    embedding: null,
  };
}

export interface AddOptions {
  /** In which its codes lie; null: the segment has no embeddings. */
  frame?: Frame | null;
  /** How many of its groups have some. */
  groups?: number;
}

/** One segment with these pages; what was known under their ids is dead then. */
export async function addPages(
  parts: LiveParts,
  pages: readonly CutPage[],
  { frame = null, groups = Number.POSITIVE_INFINITY }: AddOptions = {},
): Promise<void> {
  await parts.writer.transact(async (manifest) => {
    await parts.ids.sync(manifest);
    const gone = pages.flatMap(({ id }) => {
      const place = parts.ids.get(id);
      return place ? [{ ...place, id }] : [];
    });
    const marked = await markGone(parts, manifest, gone);
    const built = await buildSegment(pages, manifest.nextSegment);
    const coded = frame ? await withCodes(built.segment, pages, frame, groups) : null;
    return {
      manifest: {
        ...marked.manifest,
        nextSegment: manifest.nextSegment + 1,
        segments: [...marked.manifest.segments, coded?.segment ?? built.segment],
        model: coded ? testModel : manifest.model,
      },
      blocks: [...marked.blocks, ...built.blocks, ...(coded?.blocks ?? [])],
      result: null,
    };
  });
}

async function withCodes(
  segment: LiveSegment,
  pages: readonly CutPage[],
  frame: Frame,
  groups: number,
): Promise<{ segment: LiveSegment; blocks: Awaited<ReturnType<typeof sealSmall>>[] }> {
  const rows = pages.flatMap(({ passages }) => passages.map(({ text }) => embeddingOf(text)));
  const sealedFrame = await sealSmall('frame', encodeFrame(frame));
  const blocks = [sealedFrame];
  const codes: LiveSegment['codes'] = [];
  let first = 0;
  const coded = [];
  for (const [i, group] of segment.groups.entries()) {
    const own = rows.slice(first, first + group.passages);
    first += group.passages;
    if (i >= groups) {
      coded.push(group);
      continue;
    }
    const values = Float32Array.from(own.flatMap((row) => [...row]));
    const made = encodeCodes(frame, values);
    const sealed = [await sealSmall('codes', made.codes), await sealSmall('fine', made.fine)] as const;
    blocks.push(...sealed);
    codes.push({ ...sealed[0].ref, passages: group.passages });
    coded.push({ ...group, fine: sealed[1].ref });
  }
  const code = { bits: dim, planes: 4, rotation: frame.kind, frame: sealedFrame.ref };
  return { segment: { ...segment, groups: coded, codes, code }, blocks };
}

export async function removePages(parts: LiveParts, ids: readonly string[]): Promise<void> {
  await parts.writer.transact(async (manifest) => {
    await parts.ids.sync(manifest);
    const gone = ids.map((id) => ({ ...parts.ids.get(id)!, id }));
    return { ...(await markGone(parts, manifest, gone)), result: null };
  });
}

/** Everything known of a document. */
export interface Known {
  page: StoredPage;
  fields: Fields | undefined;
  hash: bigint;
  /** What its codes say of its passages, back in the model's space; null: they have none. */
  rows: Float32Array[] | null;
}

/** Every live document, oldest first. Fails where a block cannot be read or two segments hold one id. */
export async function contentOf(parts: LiveParts): Promise<Map<string, Known>> {
  const all = new Map<string, Known>();
  for (const reader of parts.readers.of(parts.writer.manifest, null)) {
    const { segment } = reader;
    const [{ ids, hashes }, fields, dead, codes] = await Promise.all([
      reader.documents(),
      reader.fields(),
      reader.dead(),
      codesOf(reader),
    ]);
    const pages: StoredPage[] = [];
    for (const group of segment.groups.keys()) pages.push(...(await reader.texts(group)));
    let passage = 0;
    for (const [i, page] of pages.entries()) {
      const rows = codes.slice(passage, passage + page.passages.length);
      passage += page.passages.length;
      if (dead && isDead(dead, i)) continue;
      if (page.id !== ids[i] || all.has(page.id)) throw new Error(`${page.id} is there twice, or not there`);
      const isCoded = rows.every((row) => row !== null);
      all.set(page.id, {
        page,
        fields: fields?.rowOf(i),
        hash: hashes[i]!,
        rows: isCoded ? (rows as Float32Array[]) : null,
      });
    }
  }
  return all;
}

async function codesOf({ segment, readBlock }: SegmentReader): Promise<(Float32Array | null)[]> {
  const rows = new Array<Float32Array | null>(segment.counts.passages).fill(null);
  if (!segment.code) return rows;
  const { fineBytes } = codeSizes(dim);
  const frame = decodeFrame(await readBlock('frame', segment.code.frame));
  const codes = joinBytes(await Promise.all(segment.codes.map((ref) => readBlock('codes', ref))));
  const fines = segment.groups.flatMap(({ fine }) => fine ?? []);
  const fine = joinBytes(await Promise.all(fines.map((ref) => readBlock('fine', ref))));
  const y = decodeCodes(codes, fine, dim);
  for (let i = 0; i < fine.length / fineBytes; i++)
    rows[i] = frame.mean.map((mean, j) => {
      let x = mean;
      for (let k = 0; k < dim; k++) x += frame.rotation[k * dim + j]! * y[i * dim + k]!;
      return x;
    });
  return rows;
}

/** Every term with the passages that hold it, by document id and place in it, dead ones left out. */
export async function termsOf(parts: LiveParts): Promise<Map<string, string[]>> {
  const terms = new Map<string, string[]>();
  for (const { segment, ...reader } of parts.readers.of(parts.writer.manifest, null)) {
    const [{ ids }, dead, { passagesPerPage }] = await Promise.all([
      reader.documents(),
      reader.dead(),
      reader.pages(),
    ]);
    const names: (string | null)[] = [];
    for (const [page, n] of passagesPerPage.entries())
      for (let i = 0; i < n; i++) names.push(dead && isDead(dead, page) ? null : `${ids[page]} ${i}`);
    let n = 0;
    for (const ref of segment.postings) {
      const block = openPostings(await reader.readBlock('postings', ref), 'postings', names.length);
      n += block.n;
      for (const slice of block.withPrefix('', block.n)) {
        const { ordinals, frequencies } = slice.read();
        const holders = [...ordinals].flatMap((ordinal, i) =>
          names[ordinal] === null ? [] : [`${names[ordinal]} × ${frequencies[i]}`],
        );
        if (holders.length > 0) terms.set(slice.term, [...(terms.get(slice.term) ?? []), ...holders]);
      }
    }
    if (n !== segment.counts.terms) throw new Error(`${n} terms, ${segment.counts.terms} expected`);
  }
  return new Map([...terms].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of the live pages, by the manifest's own sums. */
export function countsOf({ segments }: LiveManifest): { pages: number; passages: number; length: number } {
  const sums = { pages: 0, passages: 0, length: 0 };
  for (const { counts, deadPages, deadPassages, totalLength } of segments) {
    sums.pages += counts.pages - deadPages;
    sums.passages += counts.passages - deadPassages;
    sums.length += totalLength;
  }
  return sums;
}

/** Fails at the n-th call, and at every one after it: the process is gone. */
export function dyingAt(calls: number) {
  let left = calls;
  const wrap = (store: LiveStore): LiveStore =>
    new Proxy(store, {
      get(target, name: keyof LiveStore) {
        const method = target[name];
        if (typeof method !== 'function') return method;
        return (...args: never[]) => {
          if (left-- <= 0) throw new StoreError('closed', { what: 'The process', call: name });
          return (method as (...given: never[]) => unknown)(...args);
        };
      },
    });
  return { wrap, isDead: () => left < 0 };
}

/** Of the state that a store has left. */
export function copyOf({ blocks, manifest, generation }: LiveMemory): LiveMemory {
  return { ...newLiveMemory(), blocks: new Map(blocks), manifest, generation };
}
