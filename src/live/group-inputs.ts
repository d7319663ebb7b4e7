/**
 * What is embedded for a group of a segment, and which rows an earlier version of its documents has already.
 * In: readers. Out: a text per passage, just as bundles make it.
 */
import { isDead } from '../segment/dead-block';
import { fitTitle, passageInput } from '../text/passages';
import type { StoredPage } from '../types';
import type { Code } from './frame-choice';
import { cutOptions } from './read-document';
import type { SegmentReader } from './segment-reader';
import { firstRows, readRows, type StoredRows } from './stored-rows';

/** By passage of the group; null: its page is dead, and needs none. Errors: those of `readBlock`. */
export async function groupInputs(reader: SegmentReader, group: number): Promise<(string | null)[]> {
  const dead = await reader.dead();
  const first = firstPage(reader, group);
  return (await reader.texts(group)).flatMap((page, at) =>
    dead && isDead(dead, first + at) ? page.passages.map(() => null) : pageInputs(page),
  );
}

/** Rows that are taken over: of passages `to` of a group, all in one frame. */
export interface EarlierRows {
  code: Code;
  /** Of the segment that names the frame. */
  reader: SegmentReader;
  rows: { to: number; codes: Uint8Array; fine: Uint8Array }[];
}

/**
 * The rows of passages whose text has not changed since an earlier version of their document. `code`: the frame they must be in;
 * null: that of the first one found. Null: there are none. Errors: those of `readBlock`.
 */
export async function earlierRows(
  readers: readonly SegmentReader[],
  reader: SegmentReader,
  group: number,
  inputs: readonly (string | null)[],
  code: Code | null,
): Promise<EarlierRows | null> {
  const { earlier } = await reader.documents();
  const pages = await reader.texts(group);
  const first = firstPage(reader, group);
  const firsts = firstRows(pages.map(({ passages }) => passages.length));
  const groups = new Map<string, StoredRows | null>();
  let found: EarlierRows | null = null;
  for (const at of pages.keys()) {
    const [segment, page] = earlier.subarray(2 * (first + at), 2 * (first + at) + 2) as unknown as [
      number,
      number,
    ];
    const source = segment === 0 ? undefined : readers.find((one) => one.segment.id === segment);
    const sourceCode = source?.segment.code;
    const wanted: Code | null = found?.code ?? code;
    if (!source || !sourceCode || page >= source.segment.counts.pages || inputs[firsts[at]!] === null)
      continue;
    if (wanted && wanted.frame.hash !== sourceCode.frame.hash) continue;
    const place = source.groupOf(page);
    const key = `${segment} ${place.group}`;
    if (!groups.has(key)) groups.set(key, await readRows(source, place.group));
    const rows = groups.get(key);
    if (!rows) continue;
    const texts = await source.texts(place.group);
    const before = firstRows(texts.map(({ passages }) => passages.length))[place.at]!;
    const known = new Map(pageInputs(texts[place.at]!).map((input, i) => [input, before + i]));
    for (let to = firsts[at]!; to < firsts[at + 1]!; to++) {
      const row = known.get(inputs[to]!);
      if (row === undefined) continue;
      found ??= { code: sourceCode, reader: source, rows: [] };
      found.rows.push({ to, ...rowOf(rows, row, source.segment.groups[place.group]!.passages) });
    }
  }
  return found;
}

function pageInputs({ title, passages }: StoredPage): string[] {
  const trailTitle = fitTitle(title, cutOptions);
  return passages.map((passage) => passageInput(trailTitle, passage));
}

function firstPage({ segment }: SegmentReader, group: number): number {
  return segment.groups.slice(0, group).reduce((sum, before) => sum + before.pages, 0);
}

function rowOf({ codes, fine }: StoredRows, row: number, n: number) {
  const one = (all: Uint8Array) => all.subarray((row * all.length) / n, ((row + 1) * all.length) / n);
  return { codes: one(codes), fine: one(fine) };
}
