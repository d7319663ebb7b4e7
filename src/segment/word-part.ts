/**
 * A part of the instant tier's dictionary: a stretch of its terms with pages, impacts and rows.
 * In: entries in order. Out: a payload (framing and compression are the pack's), and from it terms by name or prefix.
 * Payload, in columns, so that like stands by like for deflate: varint terms · varint shared of each (bytes shared with the
 * term before) · varint rest of each · the rests (term-bytes.ts) · varint 2·df + (1: it has a row) of each · varint pages of
 * each · varint gaps less one · u8 lowest impact of each · u8 highest less lowest · impacts, 4 bits a page between them ·
 * titles, 4 bits a page · u16 scale of each row (low bytes, then high ones) · rows, 4 bits a dimension. The first of two 4-bit
 * numbers takes the high bits.
 */
import { decodeFloat16, encodeFloat16 } from '../codes/float16';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { corrupt } from './damage';
import type { WordEntry } from './instant-shape';
import { termBytes, termOf } from './term-bytes';

/** An impact of as much would be all that a word can give to a page. Four bits of it are kept, between a term's extremes. */
export const impactSteps = 256;
/** A longer title counts as one of this length. Units: terms. */
export const maxTitleTerms = 15;

const maxLevel = 15;
/** Levels of a row's dimension lie at (level − 7.5) × scale. */
const middle = maxLevel / 2;

/** Entries are decoded when asked for. Terms are in the order of their UTF-16 code units. */
export interface WordPart {
  /** All terms, in order. */
  readonly terms: readonly string[];
  find(term: string): WordEntry | null;
  /** The first `limit` entries whose terms begin with `prefix`, in order. */
  withPrefix(prefix: string, limit: number): WordEntry[];
}

/** What numbers in a part may be. */
export interface WordShape {
  /** Of a row; even. */
  dim: number;
  /** A higher page is damage. */
  pages: number;
}

/** Entries in ascending order of terms, pages in ascending order, rows with `dim` values. */
export function encodeWords(entries: readonly WordEntry[], dim: number): Uint8Array {
  const writer = new ByteWriter();
  const terms = entries.map(({ term }) => termBytes(term));
  const shared = terms.map((bytes, i) => (i === 0 ? 0 : sharedPrefix(terms[i - 1]!, bytes)));
  writer.varint(entries.length);
  for (const n of shared) writer.varint(n);
  for (const [i, bytes] of terms.entries()) writer.varint(bytes.length - shared[i]!);
  for (const [i, bytes] of terms.entries()) writer.bytes(bytes.subarray(shared[i]!));
  for (const { df, row } of entries) writer.varint(df * 2 + (row ? 1 : 0));
  for (const { pages } of entries) writer.varint(pages.length);
  for (const { pages } of entries) {
    let next = 0;
    for (const page of pages) {
      writer.varint(page - next);
      next = page + 1;
    }
  }
  const ranges = entries.map(({ impacts }) => rangeOf(impacts));
  writer.bytes(Uint8Array.from(ranges, ({ low }) => low));
  writer.bytes(Uint8Array.from(ranges, ({ span }) => span));
  writer.bytes(packHalves(entries.flatMap(({ impacts }, i) => levelsOf(impacts, ranges[i]!))));
  writer.bytes(packHalves(entries.flatMap(({ titles }) => [...titles])));
  const rows = entries.flatMap(({ row }) => (row ? [quantiseRow(row)] : []));
  writer.bytes(Uint8Array.from(rows, ({ scale }) => scale & 255));
  writer.bytes(Uint8Array.from(rows, ({ scale }) => scale >> 8));
  for (const { levels } of rows) writer.bytes(packHalves(levels));
  if (rows.some(({ levels }) => levels.length !== dim)) throw new RangeError(`rows of ${dim} dimensions`);
  return writer.finish();
}

/** Errors: FormatError format-corrupt. */
export function decodeWords(payload: Uint8Array, shape: WordShape, path: string): WordPart {
  const reader = new ByteReader(payload, path);
  // Four varints and two bytes of impacts: a damaged count cannot ask for more memory than the part has.
  const n = reader.count(6);
  const varints = () => Uint32Array.from({ length: n }, () => reader.varint());
  const terms = readTerms(reader, varints(), varints());
  const frequencies = varints();
  const counts = varints();
  const starts = new Uint32Array(n + 1);
  for (let i = 0; i < n; i++) {
    starts[i + 1] = starts[i]! + counts[i]!;
    if (starts[i + 1]! > reader.left) throw corrupt(path, `at most ${reader.left} pages`, `${starts[i + 1]}`);
  }
  const pages = readPages(reader, starts, shape.pages);
  const lows = reader.bytes(n);
  const spans = reader.bytes(n);
  const half = (pages.length + 1) >> 1;
  const impacts = unpackHalves(reader.bytes(half), pages.length);
  for (let i = 0; i < n; i++)
    for (let at = starts[i]!; at < starts[i + 1]!; at++)
      impacts[at] = lows[i]! + Math.round((impacts[at]! * spans[i]!) / maxLevel);
  const titles = unpackHalves(reader.bytes(half), pages.length);
  const rowOf = new Int32Array(n).fill(-1);
  let rows = 0;
  for (let i = 0; i < n; i++) if (frequencies[i]! & 1) rowOf[i] = rows++;
  const low = reader.bytes(rows);
  const high = reader.bytes(rows);
  const levels = reader.bytes((rows * shape.dim) / 2);
  reader.end();

  function read(i: number): WordEntry {
    const [from, to] = [starts[i]!, starts[i + 1]!];
    const at = rowOf[i]!;
    let row: Float32Array | null = null;
    if (at >= 0) {
      const scale = decodeFloat16(low[at]! | (high[at]! << 8));
      const packed = levels.subarray((at * shape.dim) / 2, ((at + 1) * shape.dim) / 2);
      row = Float32Array.from(unpackHalves(packed, shape.dim), (level) => (level - middle) * scale);
    }
    return {
      term: terms[i]!,
      df: frequencies[i]! >>> 1,
      pages: pages.subarray(from, to),
      impacts: impacts.subarray(from, to),
      titles: titles.subarray(from, to),
      row,
    };
  }

  function placeOf(term: string): number {
    let low = 0;
    let high = n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (terms[middle]! < term) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    terms,
    find(term) {
      const i = placeOf(term);
      return terms[i] === term ? read(i) : null;
    },
    withPrefix(prefix, limit) {
      const found: WordEntry[] = [];
      for (let i = placeOf(prefix); found.length < limit && terms[i]?.startsWith(prefix); i++)
        found.push(read(i));
      return found;
    },
  };
}

function readTerms(reader: ByteReader, shared: Uint32Array, rests: Uint32Array): string[] {
  const terms: string[] = [];
  let bytes: number[] = [];
  for (let i = 0; i < shared.length; i++) {
    if (shared[i]! > bytes.length) throw reader.damaged();
    bytes = [...bytes.slice(0, shared[i]), ...reader.bytes(rests[i]!)];
    terms.push(termOf(bytes));
  }
  return terms;
}

function readPages(reader: ByteReader, starts: Uint32Array, limit: number): Uint32Array {
  const pages = new Uint32Array(starts.at(-1)!);
  for (let i = 0; i + 1 < starts.length; i++) {
    let next = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const page = next + reader.varint();
      if (page >= limit) throw reader.damaged();
      pages[at] = page;
      next = page + 1;
    }
  }
  return pages;
}

function rangeOf(impacts: Uint8Array): { low: number; span: number } {
  if (impacts.length === 0) return { low: 0, span: 0 };
  const low = impacts.reduce((a, b) => Math.min(a, b));
  return { low, span: impacts.reduce((a, b) => Math.max(a, b)) - low };
}

function levelsOf(impacts: Uint8Array, { low, span }: { low: number; span: number }): number[] {
  return Array.from(impacts, (impact) => (span === 0 ? 0 : Math.round(((impact - low) * maxLevel) / span)));
}

function quantiseRow(row: Float32Array): { scale: number; levels: number[] } {
  const scale = encodeFloat16(row.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / middle);
  const step = decodeFloat16(scale);
  const levels = Array.from(row, (x) =>
    step === 0 ? 7 : Math.min(Math.max(Math.round(x / step + middle), 0), maxLevel),
  );
  return { scale, levels };
}

function packHalves(values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(
    { length: (values.length + 1) >> 1 },
    (_, i) => (values[2 * i]! << 4) | (values[2 * i + 1] ?? 0),
  );
}

function unpackHalves(packed: Uint8Array, n: number): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => (i & 1 ? packed[i >> 1]! & 15 : packed[i >> 1]! >> 4));
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
