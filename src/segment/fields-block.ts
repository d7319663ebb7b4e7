/**
 * The fields block: what documents are filed under, a column for each name and type.
 * In: a row of values per page. Out: payload bytes, and columns that a filter reads in one pass.
 * Payload: varint pages · names of the columns as a list of strings · then each column: u8 type · bitmap of the pages that have
 * it · of those, in order: text: the values in the order of strings, as a list · bitmap of arrays · varint length of each
 * array · varint place in the list of each value; number and date: eight planes of bytes, lowest first, of float64; boolean: bitmap.
 * Columns come in the order of names, then types. Deliberately not here: filters (live).
 */
import type { Fields, FieldValue } from '../fields';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { readStrings, writeStrings } from './string-list';

/** Shapes: offsets u32[pages + 1], codes u32[offsets[pages]], arrays u8[pages]; page p has values[codes[i]] for offsets[p] ≤ i < offsets[p + 1]. */
export interface TextColumn {
  name: string;
  type: 'text';
  /** Each once, ascending by UTF-16 code units, so that a range of strings is a range of codes. */
  values: string[];
  offsets: Uint32Array;
  /** As the document has them: an array may name a value twice. */
  codes: Uint32Array;
  /** 1: an array, empty ones included; 0: one string, or none (then offsets do not rise). */
  arrays: Uint8Array;
}

/** Shapes: values f64[pages], NaN where a page has none. Dates in milliseconds since 1970. */
export interface NumberColumn {
  name: string;
  type: 'number' | 'date';
  values: Float64Array;
}

/** Shapes: values u8[pages]: 0 false, 1 true, 2 none. */
export interface BooleanColumn {
  name: string;
  type: 'boolean';
  values: Uint8Array;
}

/** A name has a column for each type that it was used with; a page is in one of them at most. */
export type FieldColumn = TextColumn | NumberColumn | BooleanColumn;

export interface FieldsBlock {
  pages: number;
  /** By name, then type. */
  columns: FieldColumn[];
  /** The fields of a page as they were given, by name; undefined: none. */
  rowOf(page: number): Fields | undefined;
}

// On disk: append, never renumber.
const types = ['boolean', 'date', 'number', 'text'] as const;
type ColumnType = (typeof types)[number];

function typeOf(value: FieldValue): ColumnType {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as ColumnType;
  return value instanceof Date ? 'date' : 'text';
}

/** Payload of a fields block, one row per page; null: no page has any. Rows must have passed `checkFields`. */
export function encodeFields(rows: readonly (Fields | undefined)[]): Uint8Array | null {
  const columns = columnsOf(rows);
  if (columns.length === 0) return null;
  const writer = new ByteWriter();
  writer.varint(rows.length);
  writeStrings(
    writer,
    columns.map(({ name }) => name),
  );
  for (const { type, values } of columns) {
    writer.bytes(Uint8Array.of(types.indexOf(type)));
    writer.bytes(bitmapOf(values, (value) => value !== undefined));
    const present = values.filter((value) => value !== undefined);
    if (type === 'text') writeTexts(writer, present as (string | readonly string[])[]);
    else if (type === 'boolean') writer.bytes(bitmapOf(present, (value) => value === true));
    else writeNumbers(writer, Float64Array.from(present, Number));
  }
  return writer.finish();
}

interface Values {
  name: string;
  type: ColumnType;
  /** By page; undefined: none. */
  values: (FieldValue | undefined)[];
}

/** By name, then type. */
function columnsOf(rows: readonly (Fields | undefined)[]): Values[] {
  const byType = new Map(types.map((type) => [type, new Map<string, Values>()]));
  for (const [page, row] of rows.entries()) {
    if (!row) continue;
    for (const name of Object.keys(row)) {
      const value = row[name];
      if (value === undefined) continue;
      const type = typeOf(value);
      const columns = byType.get(type)!;
      let column = columns.get(name);
      if (!column) {
        column = { name, type, values: new Array<undefined>(rows.length).fill(undefined) };
        columns.set(name, column);
      }
      column.values[page] = value;
    }
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...byType.values()]
    .flatMap((columns) => [...columns.values()])
    .sort((a, b) => order(a.name, b.name) || order(a.type, b.type));
}

function writeTexts(writer: ByteWriter, values: readonly (string | readonly string[])[]): void {
  const codes = new Map<string, number>();
  for (const value of values) {
    if (typeof value === 'string') codes.set(value, 0);
    else for (const one of value) codes.set(one, 0);
  }
  const known = [...codes.keys()].sort();
  for (const [code, value] of known.entries()) codes.set(value, code);
  writeStrings(writer, known);
  writer.bytes(bitmapOf(values, Array.isArray));
  for (const value of values) if (typeof value !== 'string') writer.varint(value.length);
  for (const value of values) {
    if (typeof value === 'string') writer.varint(codes.get(value)!);
    else for (const one of value) writer.varint(codes.get(one)!);
  }
}

function writeNumbers(writer: ByteWriter, values: Float64Array): void {
  const bytes = new Uint8Array(values.buffer);
  // Plane by plane: sign and exponent of all numbers lie together, and deflate away.
  const one = new Uint8Array(values.length);
  for (let plane = 0; plane < 8; plane++) {
    for (let i = 0; i < one.length; i++) one[i] = bytes[8 * i + plane]!;
    writer.bytes(one);
  }
}

function bitmapOf<T>(values: readonly T[], test: (value: T) => boolean): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (test(value)) bitmap[i >> 3]! |= 1 << (i & 7);
  });
  return bitmap;
}

/** Errors: FormatError format-corrupt. Cost: about 2 ms per column of 100,000 pages. */
export function decodeFields(payload: Uint8Array, path: string): FieldsBlock {
  const reader = new ByteReader(payload, path);
  const pages = reader.varint();
  const columns = readStrings(reader).map((name): FieldColumn => {
    const type = types[reader.bytes(1)[0]!];
    if (!type) throw reader.damaged();
    const present = readPlaces(reader, pages);
    if (type === 'text') return { name, type, ...readTexts(reader, present, pages) };
    if (type === 'boolean') {
      const bitmap = reader.bytes(Math.ceil(present.length / 8));
      const values = new Uint8Array(pages).fill(2);
      present.forEach((page, i) => {
        values[page] = (bitmap[i >> 3]! >> (i & 7)) & 1;
      });
      return { name, type, values };
    }
    return { name, type, values: readNumbers(reader, present, pages) };
  });
  reader.end();
  return { pages, columns, rowOf: (page) => rowOf(columns, page) };
}

/** Which of `n` have a bit set, ascending. The bitmap comes first, so that no damaged count can ask for much memory. */
function readPlaces(reader: ByteReader, n: number): Uint32Array {
  const bitmap = reader.bytes(Math.ceil(n / 8));
  const places = new Uint32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) if ((bitmap[i >> 3]! >> (i & 7)) & 1) places[count++] = i;
  return places.slice(0, count);
}

function readNumbers(reader: ByteReader, present: Uint32Array, pages: number): Float64Array {
  const packed = new Float64Array(present.length);
  const bytes = new Uint8Array(packed.buffer);
  for (let plane = 0; plane < 8; plane++) {
    const from = reader.bytes(present.length);
    for (let i = 0; i < from.length; i++) bytes[8 * i + plane] = from[i]!;
  }
  const values = new Float64Array(pages).fill(Number.NaN);
  for (let i = 0; i < present.length; i++) values[present[i]!] = packed[i]!;
  return values;
}

function readTexts(reader: ByteReader, present: Uint32Array, pages: number) {
  const values = readStrings(reader);
  const arrays = new Uint8Array(pages);
  for (const i of readPlaces(reader, present.length)) arrays[present[i]!] = 1;
  const offsets = new Uint32Array(pages + 1);
  let total = 0;
  for (const page of present) {
    const n = arrays[page] ? reader.varint() : 1;
    offsets[page + 1] = n;
    total += n;
  }
  // Every code is a byte or more.
  if (total > reader.left) throw reader.damaged();
  for (let page = 0; page < pages; page++) offsets[page + 1]! += offsets[page]!;
  const codes = new Uint32Array(total);
  for (let i = 0; i < total; i++) {
    const code = reader.varint();
    if (code >= values.length) throw reader.damaged();
    codes[i] = code;
  }
  return { values, offsets, codes, arrays };
}

function rowOf(columns: readonly FieldColumn[], page: number): Fields | undefined {
  const row: [string, FieldValue][] = [];
  for (const column of columns) {
    if (column.type === 'text') {
      const { values, offsets, codes, arrays } = column;
      const texts = [...codes.subarray(offsets[page], offsets[page + 1])].map((code) => values[code]!);
      if (arrays[page]) row.push([column.name, texts]);
      else if (texts.length > 0) row.push([column.name, texts[0]!]);
    } else if (column.type === 'boolean') {
      if (column.values[page] !== 2) row.push([column.name, column.values[page] === 1]);
    } else {
      const value = column.values[page]!;
      if (!Number.isNaN(value)) row.push([column.name, column.type === 'date' ? new Date(value) : value]);
    }
  }
  // Not by assignment, which `__proto__` would be lost to.
  return row.length > 0 ? Object.fromEntries(row) : undefined;
}
