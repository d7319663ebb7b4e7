/**
 * The dead block: which pages of a segment were removed or replaced since it was written.
 * In: a bitmap. Out: payload bytes, and back. Payload: varint pages · varint dead · u8[⌈pages / 8⌉], page p being bit p & 7 of
 * byte p >> 3.
 */
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { corrupt } from './damage';

/** No page of `pages` dead. */
export function emptyDead(pages: number): Uint8Array {
  return new Uint8Array(Math.ceil(pages / 8));
}

export function isDead(dead: Uint8Array, page: number): boolean {
  return ((dead[page >> 3]! >> (page & 7)) & 1) === 1;
}

/** Returns false where it was dead before. */
export function markDead(dead: Uint8Array, page: number): boolean {
  if (isDead(dead, page)) return false;
  dead[page >> 3]! |= 1 << (page & 7);
  return true;
}

export function countDead(dead: Uint8Array): number {
  let n = 0;
  for (let byte of dead) for (; byte !== 0; byte &= byte - 1) n++;
  return n;
}

/** Payload of a dead block. Shapes: dead u8[⌈pages / 8⌉]; bits past the last page are 0. */
export function encodeDead(dead: Uint8Array, pages: number): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(pages);
  writer.varint(countDead(dead));
  writer.bytes(dead);
  return writer.finish();
}

/**
 * The bitmap, the caller's own. `pages` and `deadPages`: what the manifest says of the segment.
 * Errors: FormatError format-corrupt where the block says otherwise.
 */
export function decodeDead(payload: Uint8Array, path: string, pages: number, deadPages: number): Uint8Array {
  const reader = new ByteReader(payload, path);
  const said = [reader.varint(), reader.varint()] as const;
  if (said[0] !== pages || said[1] !== deadPages)
    throw corrupt(path, `${deadPages} dead of ${pages} pages`, `${said[1]} of ${said[0]}`);
  const dead = reader.bytes(Math.ceil(pages / 8)).slice();
  reader.end();
  const n = countDead(dead);
  if (n !== deadPages || (pages % 8 !== 0 && dead.at(-1)! >> (pages % 8) !== 0))
    throw corrupt(path, `${deadPages} dead pages`, `${n} bits`);
  return dead;
}
