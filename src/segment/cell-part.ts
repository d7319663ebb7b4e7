/**
 * A cells part: codes of passages that lie near one centroid.
 * In: a cell. Out: payload bytes (instant-part.ts seals them), and back.
 * Payload, in columns: varint entries · varint page of each (the first whole, then the step from the one before; a page may
 * have several entries) · u8 place of the passage in its page's card · u8 factor (`factorByte`) · codes.
 */
import { factorByte, factorOf, levelBytes } from '../codes/levels';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import type { Cell } from './instant-shape';

/** The same cell gives the same bytes. `pages` ascend; `lengths` are as `encodeLevels` gives them. */
export function encodeCell({ pages, passages, codes, lengths }: Cell): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(pages.length);
  let before = 0;
  for (const page of pages) {
    writer.varint(page - before);
    before = page;
  }
  writer.bytes(passages);
  writer.bytes(Uint8Array.from(lengths, factorByte));
  writer.bytes(codes);
  return writer.finish();
}

/** Codes and passages are views on `payload`. Errors: FormatError format-corrupt. */
export function decodeCell(payload: Uint8Array, dim: number, bits: number, path: string): Cell {
  const reader = new ByteReader(payload, path);
  const size = levelBytes(dim, bits);
  const n = reader.count(3 + size);
  const pages = new Uint32Array(n);
  let page = 0;
  for (let i = 0; i < n; i++) {
    page += reader.varint();
    if (page > 0xffffffff) throw reader.damaged();
    pages[i] = page;
  }
  const passages = reader.bytes(n);
  const lengths = Float32Array.from(reader.bytes(n), factorOf);
  const codes = reader.bytes(n * size);
  reader.end();
  return { pages, passages, codes, lengths };
}
