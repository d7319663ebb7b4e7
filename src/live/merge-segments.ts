/**
 * Neighbouring segments to one that holds the pages of theirs that are not dead, in order.
 * In: readers of segments and which of their pages are dead. Out: blocks, put as they are made, and the segment that names them.
 * What stays as it is keeps its block: a group of texts whose pages all live is taken over by its name, and so are its finer planes.
 * Deliberately not here: which segments (plan-compaction.ts), and the swap (compact.ts).
 */
import { blockPath } from '../segment/block';
import { isDead } from '../segment/dead-block';
import { decodeDocuments, encodeDocuments } from '../segment/documents-block';
import { encodeFields } from '../segment/fields-block';
import type { LiveSegment } from '../segment/live-shape';
import { encodePages, lengthOf } from '../segment/pages-block';
import { decodeTexts, encodeTexts } from '../segment/texts-block';
import type { PageGroup, PostingsRef, StoredPage } from '../types';
import { CodeMerger, chooseCode, joinBytes, type PassageRange, type PutBlock } from './merge-codes';
import { gone, mergePostings } from './merge-postings';
import type { SegmentReader } from './segment-reader';

/** Groups that are written anew have about this much text. Units: UTF-16 code units. */
const groupTargetLength = 64 * 1024;
/** A group with less text than that is joined to its neighbour. Units: as stored, and before. */
const leastGroupBytes = 8 * 1024;
const leastGroupLength = 24 * 1024;

/** One of the segments. */
export interface Member {
  reader: SegmentReader;
  /** Shapes: u8[⌈pages / 8⌉]. Null: all pages live. */
  dead: Uint8Array | null;
}

export interface Merged {
  /** Null: no page is left. */
  segment: Omit<LiveSegment, 'id' | 'dead' | 'deadPages' | 'deadPassages'> | null;
  /** By member and page: the page in the merged segment, or `gone`. */
  places: Uint32Array[];
}

/** What is known of a member before anything is written. */
interface Source extends Member {
  passagesPerPage: Uint32Array;
  /** Page of the merged segment. */
  pages: Uint32Array;
  /** First passage of each page. */
  firstPassage: Uint32Array;
  /** Ordinal in the merged segment, by passage. */
  ordinals: Uint32Array;
}

/** Yields where others may have a turn. Errors: those of `readBlock` and `put`; FormatError format-corrupt. */
export async function* mergeSegments(
  members: readonly Member[],
  put: PutBlock,
): AsyncGenerator<void, Merged, undefined> {
  const sources: Source[] = [];
  const total = { pages: 0, passages: 0 };
  for (const member of members) {
    sources.push(await openSource(member, total));
    yield;
  }
  const places = sources.map(({ pages }) => pages);
  if (total.pages === 0) return { segment: null, places };

  const segments = members.map(({ reader }) => reader.segment);
  const code = chooseCode(segments);
  const codes =
    code &&
    (await CodeMerger.open(
      members.map(({ reader }) => reader),
      code,
      put,
    ));
  const languages = sumLanguages(segments);
  const groups: PageGroup[] = [];
  for await (const group of cutGroups(sources, languages)) {
    const texts = group.texts ?? (await put('texts', encodeTexts(group.stored)));
    const fine = codes && (await codes.addGroup(group.ranges, group.fine));
    const passages = group.ranges.reduce((sum, range) => sum + range.passages, 0);
    groups.push({ pages: group.pages, passages, texts, fine });
    yield;
  }
  await codes?.finish();

  const postings: PostingsRef[] = [];
  let terms = 0;
  const dictionaries = sources.map(({ reader, ordinals }) => ({
    postings: reader.segment.postings,
    ordinals,
    read: (ref: PostingsRef) => reader.readBlock('postings', ref),
  }));
  for await (const cut of mergePostings(dictionaries)) {
    if (cut) {
      postings.push({ ...(await put('postings', cut.payload)), firstTerm: cut.firstTerm });
      terms += cut.terms;
    }
    yield;
  }

  const fields = await mergeFields(sources);
  yield;
  const documents = await mergeDocuments(sources);
  yield;
  const { payload, deadLength } = await mergePages(sources);
  const totalLength = segments.reduce((sum, segment) => sum + segment.totalLength, -deadLength);
  const segment = {
    counts: { ...total, terms },
    languages,
    totalLength: Math.max(0, totalLength),
    analyser: segments[0]!.analyser,
    pages: await put('pages', payload),
    documents: await put('documents', documents),
    fields: fields && (await put('fields', fields)),
    groups,
    postings,
    codes: codes?.codes ?? [],
    code: codes?.code ?? null,
  };
  return { segment, places };
}

async function openSource(
  { reader, dead }: Member,
  total: { pages: number; passages: number },
): Promise<Source> {
  const { passagesPerPage } = await reader.pages();
  const pages = new Uint32Array(passagesPerPage.length);
  const firstPassage = new Uint32Array(passagesPerPage.length);
  const ordinals = new Uint32Array(reader.segment.counts.passages).fill(gone);
  let passage = 0;
  passagesPerPage.forEach((n, page) => {
    firstPassage[page] = passage;
    if (dead && isDead(dead, page)) pages[page] = gone;
    else {
      pages[page] = total.pages++;
      for (let i = passage; i < passage + n; i++) ordinals[i] = total.passages++;
    }
    passage += n;
  });
  return { reader, dead, passagesPerPage, pages, firstPassage, ordinals };
}

function sumLanguages(segments: readonly LiveSegment[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { languages } of segments)
    for (const [language, n] of Object.entries(languages)) sums[language] = (sums[language] ?? 0) + n;
  return sums;
}

/** Takes a page out of the counts. What it was counted as is not stored where its language was guessed. */
function uncount(languages: Record<string, number>, said: string): void {
  const own = said.split('-')[0]!;
  const most = () => Object.keys(languages).sort((a, b) => languages[b]! - languages[a]!)[0]!;
  const language = languages[own] ? own : languages[''] ? '' : most();
  languages[language]! -= 1;
  if (languages[language] === 0) delete languages[language];
}

/** A group of the merged segment. `texts` and `fine`: blocks that hold just that already. */
interface CutGroup extends Pick<PageGroup, 'pages' | 'fine'> {
  texts: PageGroup['texts'] | null;
  stored: StoredPage[];
  ranges: PassageRange[];
}

/** Also takes pages that are dead out of `languages`. */
async function* cutGroups(
  sources: readonly Source[],
  languages: Record<string, number>,
): AsyncGenerator<CutGroup, void, undefined> {
  let open: StoredPage[] = [];
  let ranges: PassageRange[] = [];
  let length = 0;
  const close = (): CutGroup => {
    const group = { pages: open.length, texts: null, fine: null, stored: open, ranges };
    [open, ranges, length] = [[], [], 0];
    return group;
  };
  for (const [member, { reader, pages, passagesPerPage, firstPassage }] of sources.entries()) {
    let end = 0;
    for (const { pages: n, passages, texts, fine } of reader.segment.groups) {
      const first = end;
      end += n;
      const isWhole = pages.subarray(first, end).every((page) => page !== gone);
      if (isWhole && texts.bytes >= leastGroupBytes && (length === 0 || length >= leastGroupLength)) {
        if (length > 0) yield close();
        const range = { member, first: firstPassage[first]!, passages };
        yield { pages: n, texts, fine, stored: [], ranges: [range] };
        continue;
      }
      const stored = decodeTexts(await reader.readBlock('texts', texts), blockPath('texts', texts));
      for (let page = first; page < end; page++) {
        const text = stored[page - first]!;
        if (pages[page] === gone) {
          uncount(languages, text.language);
          continue;
        }
        open.push(text);
        addRange(ranges, { member, first: firstPassage[page]!, passages: passagesPerPage[page]! });
        // An empty page has a length too, so that none is left open.
        length += text.passages.reduce((sum, passage) => sum + passage.text.length, 1);
        if (length >= groupTargetLength) yield close();
      }
    }
  }
  if (length > 0) yield close();
}

/** Adds a range; neighbours become one. */
export function addRange(ranges: PassageRange[], range: PassageRange): void {
  const last = ranges.at(-1);
  if (last?.member === range.member && last.first + last.passages === range.first)
    last.passages += range.passages;
  else ranges.push(range);
}

async function mergeFields(sources: readonly Source[]): Promise<Uint8Array | null> {
  if (sources.every(({ reader }) => reader.segment.fields === null)) return null;
  const rows: Parameters<typeof encodeFields>[0][number][] = [];
  for (const { reader, pages } of sources) {
    const fields = await reader.fields();
    for (const [page, place] of pages.entries()) if (place !== gone) rows.push(fields?.rowOf(page));
  }
  return encodeFields(rows);
}

async function mergeDocuments(sources: readonly Source[]): Promise<Uint8Array> {
  const ids: string[] = [];
  const hashes: bigint[] = [];
  const earlier: number[] = [];
  for (const { reader, pages } of sources) {
    // Not by the reader's `documents`, which makes do with the ids in the texts where the block is damaged.
    const { documents: ref } = reader.segment;
    const block = decodeDocuments(await reader.readBlock('documents', ref), blockPath('documents', ref));
    for (const [page, place] of pages.entries()) {
      if (place === gone) continue;
      ids.push(block.ids[page]!);
      hashes.push(block.hashes[page]!);
      earlier.push(block.earlier[2 * page]!, block.earlier[2 * page + 1]!);
    }
  }
  return encodeDocuments({
    ids,
    hashes: BigUint64Array.from(hashes),
    earlier: Uint32Array.from(earlier),
  });
}

async function mergePages(sources: readonly Source[]): Promise<{ payload: Uint8Array; deadLength: number }> {
  const counts: number[] = [];
  const lengths: Uint8Array[] = [];
  const linked: number[] = [];
  const titleLengths: number[] = [];
  let deadLength = 0;
  for (const { reader, pages, firstPassage } of sources) {
    const block = await reader.pages();
    for (const [page, place] of pages.entries()) {
      const n = block.passagesPerPage[page]!;
      const own = block.lengths.subarray(firstPassage[page]!, firstPassage[page]! + n);
      if (place === gone) {
        for (const byte of own) deadLength += lengthOf(byte);
        continue;
      }
      counts.push(n);
      lengths.push(own);
      linked.push(block.linked?.[page] ?? 0);
      titleLengths.push(block.titleLengths?.[page] ?? 0);
    }
  }
  const payload = encodePages({
    passagesPerPage: Uint32Array.from(counts),
    lengths: joinBytes(lengths),
    linked: Uint8Array.from(linked),
    titleLengths: Uint8Array.from(titleLengths),
  });
  return { payload, deadLength };
}
