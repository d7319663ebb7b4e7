/**
 * A list of any strings, read back in one go.
 * In: strings, lone surrogates and all. Out: bytes, and back.
 * List: varint 2 × n + (1: UTF-16) · varint length of each in UTF-16 code units · varint bytes · all of them joined, as UTF-8; as
 * little-endian UTF-16 where that cannot write them. Joined, because one call to the decoder costs as much as a short string.
 */
import type { ByteReader } from './byte-reader';
import type { ByteWriter } from './byte-writer';

/** Appends the list. */
export function writeStrings(writer: ByteWriter, strings: readonly string[]): void {
  const joined = strings.join('');
  const isUtf16 = /\p{Surrogate}/u.test(joined);
  writer.varint(strings.length * 2 + (isUtf16 ? 1 : 0));
  for (const { length } of strings) writer.varint(length);
  const bytes = isUtf16 ? utf16Bytes(joined) : new TextEncoder().encode(joined);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** Errors: FormatError format-corrupt. Cost: about 10 ms for 100,000 strings. */
export function readStrings(reader: ByteReader): string[] {
  const head = reader.varint();
  const n = Math.floor(head / 2);
  if (n > reader.left) throw reader.damaged();
  const lengths = new Uint32Array(n);
  for (let i = 0; i < n; i++) lengths[i] = reader.varint();
  const bytes = reader.bytes(reader.varint());
  const joined = head % 2 === 1 ? utf16Text(bytes) : utf8Text(bytes);
  const strings = new Array<string>(n);
  let at = 0;
  for (let i = 0; i < n; i++) {
    strings[i] = joined.slice(at, at + lengths[i]!);
    at += lengths[i]!;
  }
  if (at !== joined.length) throw reader.damaged();
  return strings;
}

function utf8Text(bytes: Uint8Array): string {
  // Damaged bytes become U+FFFD, which the sum of lengths may or may not tell: hashes guard against damage, not this.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function utf16Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 255;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

/** Not by TextDecoder, which replaces lone surrogates. */
function utf16Text(bytes: Uint8Array): string {
  const parts: string[] = [];
  const units = new Uint16Array(bytes.length >> 1);
  for (let i = 0; i < units.length; i++) units[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  // As many arguments as every engine takes.
  for (let at = 0; at < units.length; at += 8192)
    parts.push(String.fromCharCode(...units.subarray(at, at + 8192)));
  return parts.join('');
}
