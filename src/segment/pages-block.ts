/**
 * The pages block: how many passages each page has, and how long each passage is for BM25.
 * In: counts and quantised lengths. Out: payload bytes, and back.
 * Payload: varint pages · varint passages of each page · u8 length of each passage, to the end.
 * Source for lengths: Lucene's SmallFloat (a 4-bit mantissa here, 3 there): exact to 32, then within 1/16, monotone.
 */
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { corrupt } from './damage';

/** Shapes: passagesPerPage u32[pages]; lengths u8[passages], each from `quantiseLength`. */
export interface PagesBlock {
  passagesPerPage: Uint32Array;
  lengths: Uint8Array;
}

/** Units: terms → byte. Saturates at 2¹⁹ - 1; a fraction is cut off. */
export function quantiseLength(terms: number): number {
  const length = Math.min(Math.max(Math.trunc(terms) || 0, 0), 2 ** 19 - 1);
  if (length < 16) return length;
  const exponent = 31 - Math.clz32(length);
  return 16 * (exponent - 3) + ((length >> (exponent - 4)) & 15);
}

/** Units: byte → terms, the lower end of its range, so that `quantiseLength(lengthOf(byte)) === byte`. */
export function lengthOf(byte: number): number {
  if (byte < 16) return byte;
  return (16 + (byte & 15)) << ((byte >> 4) - 1);
}

/** Payload of a pages block. */
export function encodePages(block: PagesBlock): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(block.passagesPerPage.length);
  for (const passages of block.passagesPerPage) writer.varint(passages);
  writer.bytes(block.lengths);
  return writer.finish();
}

/** Errors: FormatError format-corrupt. */
export function decodePages(payload: Uint8Array, path: string): PagesBlock {
  const reader = new ByteReader(payload, path);
  const passagesPerPage = new Uint32Array(reader.count(1));
  let passages = 0;
  for (let page = 0; page < passagesPerPage.length; page++) {
    const n = reader.varint();
    passagesPerPage[page] = n;
    passages += n;
  }
  if (passages !== reader.left) throw corrupt(path, `${passages} passage lengths`, `${reader.left}`);
  return { passagesPerPage, lengths: reader.bytes(passages).slice() };
}
