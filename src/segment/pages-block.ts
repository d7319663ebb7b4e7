/**
 * The pages block: how many passages each page has, how long passages and titles are for BM25, how much is linked to each page.
 * In: counts and quantised numbers. Out: payload bytes, and back.
 * Payload: varint pages · varint passages of each page · u8 length of each passage · then, in all but the earliest indexes, u8
 * linked and u8 title length of each page.
 * Source for lengths: Lucene's SmallFloat (a 4-bit mantissa here, 3 there): exact to 32, then within 1/16, monotone.
 */
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { corrupt } from './damage';

/** Shapes: passagesPerPage u32[pages]; lengths u8[passages], each from `quantiseLength`; linked and titleLengths u8[pages]. */
export interface PagesBlock {
  passagesPerPage: Uint32Array;
  lengths: Uint8Array;
  /** From `quantiseLinks`; null: an early index, which does not say. */
  linked: Uint8Array | null;
  /** Units: terms, 255 at most; null with `linked`. */
  titleLengths: Uint8Array | null;
}

/** Pages that link to each page → how much that is, on a scale of logarithms on which the most linked page has 255. */
export function quantiseLinks(links: Uint32Array): Uint8Array {
  const most = Math.max(
    1,
    links.reduce((a, b) => Math.max(a, b), 0),
  );
  return Uint8Array.from(links, (n) => Math.round((255 * Math.log1p(n)) / Math.log1p(most)));
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
  if (block.linked) writer.bytes(block.linked);
  if (block.titleLengths) writer.bytes(block.titleLengths);
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
  const pages = passagesPerPage.length;
  const hasBoth = reader.left !== passages;
  if (hasBoth && reader.left !== passages + 2 * pages)
    throw corrupt(
      path,
      `${passages} passage lengths, then two bytes for each page or nothing`,
      `${reader.left} bytes`,
    );
  const lengths = reader.bytes(passages).slice();
  const linked = hasBoth ? reader.bytes(pages).slice() : null;
  return { passagesPerPage, lengths, linked, titleLengths: hasBoth ? reader.bytes(pages).slice() : null };
}
