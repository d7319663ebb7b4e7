/**
 * The segments of a live index as one corpus: pages, passages and groups are numbered through, segment after segment.
 * In: the readers of one state. Out: a layout, what BM25 needs to know of the passages that are not removed, and where each
 * segment begins. Removed pages keep their numbers, and count for nothing.
 * Deliberately not here: terms (live-words.ts), codes (live-meaning.ts), fields (filter.ts).
 */

import type { Bitmap } from '../kernels/kernel';
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
  /** `n` and averages are those of passages that were not removed. */
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
  corpus: LexicalCorpus;
  total: number;
}

const lengthOfByte = Float32Array.from({ length: 256 }, (_, byte) => lengthOf(byte));

/** Decoded once for each block that a reader keeps. */
const shapes = new WeakMap<PagesBlock, Shape>();

function shapeOf({ segment }: SegmentReader, block: PagesBlock): Shape {
  const known = shapes.get(block);
  if (known) return known;
  const layout = createLayout(segment, block.passagesPerPage);
  const lengths = new Float32Array(block.lengths.length);
  let total = 0;
  for (let i = 0; i < lengths.length; i++) {
    lengths[i] = lengthOfByte[block.lengths[i]!]!;
    total += lengths[i]!;
  }
  const shape = {
    layout,
    corpus: describeCorpus(lengths, 0, layout.pageStart, block.titleLengths),
    total,
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
  const { pages, passages } = layout;
  const corpus = {
    lengths: new Float32Array(passages),
    pageOf: new Uint32Array(passages),
    pageStart: layout.pageStart,
    titleLengths: new Uint8Array(pages),
    pageLengths: new Float32Array(pages),
  };
  const linked = new Uint8Array(pages);
  const languages = new Map<string, number>();
  const parts: SegmentPart[] = [];
  const live = { pages, passages, length: 0 };
  let [page, passage, group] = [0, 0, 0];
  let hasLinks = false;
  for (const { reader, block, layout: own, corpus: known, total, dead } of segments) {
    parts.push({ reader, page, passage, group, layout: own, dead });
    shifted(own.pageStart, passage, layout.pageStart, page);
    shifted(own.groupStart, page, layout.groupStart, group);
    shifted(known.pageOf, page, corpus.pageOf, passage);
    corpus.lengths.set(known.lengths, passage);
    corpus.pageLengths.set(known.pageLengths, page);
    if (known.titleLengths) corpus.titleLengths.set(known.titleLengths, page);
    if (block.linked && reader.segment.id === baseId) {
      linked.set(block.linked, page);
      hasLinks = true;
    }
    live.length += total;
    for (const at of dead ? deadPages(dead, own.pages) : []) {
      const [from, to] = [own.pageStart[at]!, own.pageStart[at + 1]!];
      live.pages--;
      live.passages -= to - from;
      live.length -= known.pageLengths[at]!;
    }
    for (const [language, pages] of Object.entries(reader.segment.languages))
      languages.set(language, (languages.get(language) ?? 0) + pages);
    page += own.pages;
    passage += own.passages;
    group += own.groupStart.length - 1;
  }
  return {
    parts,
    layout,
    corpus: {
      ...corpus,
      n: live.passages,
      // From lengths as they are stored, so that an average is that of the same documents added in any other order.
      averageLength: Math.max(live.length / Math.max(live.passages, 1), 1),
      averagePageLength: Math.max(live.length / Math.max(live.pages, 1), 1),
    },
    linked: hasLinks ? linked : null,
    languages: [...languages]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([language]) => language),
    pages: live.pages,
  };
}

/** Writes `from`, each number raised by `by`, to `to` from `at` on. */
function shifted(from: Uint32Array, by: number, to: Uint32Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]! + by;
}

/** Pages of a segment that were removed, ascending. */
export function* deadPages(dead: Uint8Array, pages: number): Generator<number, void, undefined> {
  for (let page = 0; page < pages; page++) {
    if (dead[page >> 3] === 0) page |= 7;
    else if (isDead(dead, page)) yield page;
  }
}

const removed = new WeakMap<Uint8Array, Bitmap>();

/** The passages of removed pages, as kernels read them; null: none is. */
export function deadPassages({ dead, layout }: Pick<SegmentPart, 'dead' | 'layout'>): Bitmap | null {
  if (!dead) return null;
  const known = removed.get(dead);
  if (known) return known;
  const bitmap = passagesOf(deadPages(dead, layout.pages), layout);
  removed.set(dead, bitmap);
  return bitmap;
}

/** The passages of some pages of a segment, as kernels read them. */
export function passagesOf(pages: Iterable<number>, { pageStart, passages }: Layout): Bitmap {
  const bitmap = new Uint32Array(Math.ceil(passages / 32));
  for (const page of pages)
    for (let i = pageStart[page]!; i < pageStart[page + 1]!; i++) bitmap[i >> 5]! |= 1 << (i & 31);
  return bitmap;
}
