/**
 * The segments of a live index as one corpus: pages, passages and groups are numbered through, segment after segment.
 * In: the readers of one state. Out: a layout, what BM25 needs to know of the passages that are not removed, and where each
 * segment begins. Removed pages keep their numbers, and count for nothing.
 * Deliberately not here: terms (live-words.ts), codes (live-meaning.ts), fields (filter.ts).
 */
import { describeCorpus, type LexicalCorpus } from '../lexical/bm25';
import { createLayout, type Layout } from '../search/layout';
import { Notices, readOrNotice } from '../search/notices';
import { isDead } from '../segment/dead-block';
import { lengthOf, type PagesBlock } from '../segment/pages-block';
import { baseId } from './base';
import type { SegmentReader } from './segment-reader';

/** A segment, and where it begins in the corpus. */
export interface SegmentPart {
  reader: SegmentReader;
  /** Of its first page, passage and group. */
  page: number;
  passage: number;
  group: number;
  /** Numbers of its own, from 0. */
  layout: Layout;
  /** Page p is bit p & 7 of byte p >> 3; null: none is removed. */
  dead: Uint8Array | null;
}

export interface View {
  /** In the order of the corpus, without those that cannot be read. */
  parts: SegmentPart[];
  layout: Layout;
  /** Lengths of removed passages are 0; `n` and averages are those of the others. */
  corpus: LexicalCorpus;
  /** What the bundle says of links to its pages; null: nothing. */
  linked: Uint8Array | null;
  /** Most frequent first. */
  languages: string[];
  /** Pages that were not removed. */
  pages: number;
  /** Segments left out, one sentence each. */
  notices: string[];
}

/** What is known of a pages block for good. */
interface Shape {
  layout: Layout;
  lengths: Float32Array;
  total: number;
}

/** Decoded once for each block that a reader keeps. */
const shapes = new WeakMap<PagesBlock, Shape>();

function shapeOf({ segment }: SegmentReader, block: PagesBlock): Shape {
  const known = shapes.get(block);
  if (known) return known;
  const lengths = Float32Array.from(block.lengths, lengthOf);
  const shape = {
    layout: createLayout(segment, block.passagesPerPage),
    lengths,
    total: lengths.reduce((sum, length) => sum + length, 0),
  };
  shapes.set(block, shape);
  return shape;
}

interface ReadSegment extends Shape {
  reader: SegmentReader;
  block: PagesBlock;
  dead: Uint8Array | null;
}

/** A segment whose pages cannot be told, or not which of them were removed, is left out: what was removed must not come back. */
async function readSegment(reader: SegmentReader, notices: Notices): Promise<ReadSegment | null> {
  const read = Promise.all([reader.pages(), reader.dead()]).then(([block, dead]) => ({
    ...shapeOf(reader, block),
    reader,
    block,
    dead,
  }));
  return readOrNotice(read, notices);
}

/** Reads the pages blocks that no reader has read yet. Cost: linear in the passages, about 1 ms for 100,000. */
export async function openView(readers: readonly SegmentReader[]): Promise<View> {
  const notices = new Notices();
  const read = await Promise.all(readers.map((reader) => readSegment(reader, notices)));
  return { ...concatenate(read.filter((segment) => segment !== null)), notices: notices.list() };
}

function concatenate(segments: readonly ReadSegment[]): Omit<View, 'notices'> {
  const sum = (of: (layout: Layout) => number) =>
    segments.reduce((total, { layout }) => total + of(layout), 0);
  const layout: Layout = {
    pages: sum(({ pages }) => pages),
    passages: sum(({ passages }) => passages),
    pageStart: new Uint32Array(sum(({ pages }) => pages) + 1),
    groupStart: new Uint32Array(sum(({ groupStart }) => groupStart.length - 1) + 1),
  };
  const lengths = new Float32Array(layout.passages);
  const titleLengths = new Uint8Array(layout.pages);
  const linked = new Uint8Array(layout.pages);
  const languages = new Map<string, number>();
  const parts: SegmentPart[] = [];
  const live = { pages: layout.pages, passages: layout.passages, length: 0 };
  let [page, passage, group] = [0, 0, 0];
  let hasLinks = false;
  for (const { reader, block, layout: own, lengths: ownLengths, total, dead } of segments) {
    parts.push({ reader, page, passage, group, layout: own, dead });
    for (let i = 0; i <= own.pages; i++) layout.pageStart[page + i] = passage + own.pageStart[i]!;
    for (let i = 0; i < own.groupStart.length; i++) layout.groupStart[group + i] = page + own.groupStart[i]!;
    lengths.set(ownLengths, passage);
    if (block.titleLengths) titleLengths.set(block.titleLengths, page);
    if (block.linked && reader.segment.id === baseId) {
      linked.set(block.linked, page);
      hasLinks = true;
    }
    live.length += total;
    for (const at of dead ? deadPages(dead, own.pages) : []) {
      live.pages--;
      for (let i = own.pageStart[at]!; i < own.pageStart[at + 1]!; i++) {
        live.passages--;
        live.length -= ownLengths[i]!;
        lengths[passage + i] = 0;
      }
    }
    for (const [language, pages] of Object.entries(reader.segment.languages))
      languages.set(language, (languages.get(language) ?? 0) + pages);
    page += own.pages;
    passage += own.passages;
    group += own.groupStart.length - 1;
  }
  // From lengths as they are stored, so that an average is that of the same documents added in any other order.
  const average = live.length / Math.max(live.passages, 1);
  const corpus = describeCorpus(lengths, average, layout.pageStart, titleLengths);
  return {
    parts,
    layout,
    corpus: {
      ...corpus,
      n: live.passages,
      averagePageLength: Math.max(live.length / Math.max(live.pages, 1), 1),
    },
    linked: hasLinks ? linked : null,
    languages: [...languages]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([language]) => language),
    pages: live.pages,
  };
}

/** Pages of a segment that were removed, ascending. */
export function* deadPages(dead: Uint8Array, pages: number): Generator<number, void, undefined> {
  for (let page = 0; page < pages; page++) {
    if (dead[page >> 3] === 0) page |= 7;
    else if (isDead(dead, page)) yield page;
  }
}
