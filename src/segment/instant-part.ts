/**
 * Parts and packs: the instant tier reads small parts, hosts serve files that hold several of them.
 * In: payloads. Out: sealed parts, packs of `perPack` parts, and where each part lies.
 * Part: checksum u32 (little-endian, over the rest) · flags u8 (bit 0: the body is raw DEFLATE; bits 4 to 7: bytes of
 * padding) · body · padding. Its size is a multiple of 16: `start.bin` lists all sizes, and so in half of the bytes.
 * Pack: "NBIT" · version u8 · kind u8 · 0 · 0 · parts one after the other.
 * Deliberately not here: sizes of parts, which stand in `start.bin`, so that a reader knows where to read before it does.
 */
import { FormatError } from '../errors';
import { formatVersion, headerBytes } from './block';
import { deflate, inflate } from './compress';
import { corrupt, glimpse } from './damage';
import type { PackKind, PartTable } from './instant-shape';

/** Units: bytes. Checksum and flags. */
export const partFrameBytes = 5;

// On disk: append, never renumber.
const kindNumbers: Record<PackKind | 'start', number> = { start: 1, words: 2, cells: 3, cards: 4 };
const magic = [0x4e, 0x42, 0x49, 0x54];
const deflated = 1;
/** Sizes of parts are multiples of it. Units: bytes. */
export const partUnitBytes = 16;
/** Parts have a few kilobytes. Units: bytes. */
const maxPartBytes = 16 * 2 ** 20;

/**
 * FNV-1a, 32 bits. Not SHA-256: the platform's answers later and only on secure origins, its 16 bytes would be more than
 * many a part saves, and what it would keep out is no attacker but a torn or shifted read. Every step maps checksums one
 * to one, so a single changed byte never passes; anything else does once in 2³² times.
 */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** Deflated where that saves 5 % or more. */
export async function sealPart(payload: Uint8Array): Promise<Uint8Array> {
  const small = await deflate(payload);
  const pays = small.length <= payload.length * 0.95;
  const body = pays ? small : payload;
  const filled = partFrameBytes + body.length;
  const padding = -filled & (partUnitBytes - 1);
  const sealed = new Uint8Array(filled + padding);
  sealed[4] = (padding << 4) | (pays ? deflated : 0);
  sealed.set(body, partFrameBytes);
  new DataView(sealed.buffer).setUint32(0, checksum(sealed.subarray(4)), true);
  return sealed;
}

/** Whether the checksum fits. Cost: about 1 µs per KB. */
export function isWholePart(sealed: Uint8Array): boolean {
  return (
    sealed.length >= partFrameBytes &&
    new DataView(sealed.buffer, sealed.byteOffset).getUint32(0, true) === checksum(sealed.subarray(4))
  );
}

/** The payload: a view on `sealed` where it was not deflated. Errors: FormatError format-corrupt. */
export async function openPart(sealed: Uint8Array, path: string): Promise<Uint8Array> {
  if (!isWholePart(sealed)) throw corrupt(path, 'a part with its checksum', glimpse(sealed));
  const flags = sealed[4]! & (partUnitBytes - 1);
  if (flags > deflated) throw corrupt(path, 'flags that this version knows', `flags ${flags}`);
  const body = sealed.subarray(partFrameBytes, Math.max(partFrameBytes, sealed.length - (sealed[4]! >> 4)));
  if (flags === 0) return body;
  try {
    return await inflate(body, maxPartBytes);
  } catch (error) {
    throw corrupt(path, 'a deflated part', 'one that does not inflate', error);
  }
}

/** Name of a pack in its set's folder. */
export function packPath(kind: PackKind, pack: number): string {
  return `${kind}-${pack}.bin`;
}

/** A file of the set: header, then content. */
export function packFile(kind: PackKind | 'start', parts: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, headerBytes));
  file.set(magic);
  file[4] = formatVersion;
  file[5] = kindNumbers[kind];
  let at = headerBytes;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Errors: FormatError format-corrupt where it is no file of this kind, format-too-new. */
export function checkPackFile(kind: PackKind | 'start', file: Uint8Array, path: string): void {
  if (file.length < headerBytes || magic.some((byte, i) => file[i] !== byte))
    throw corrupt(path, 'a file beginning "NBIT"', glimpse(file));
  if (file[4]! > formatVersion)
    throw new FormatError('format-too-new', { path, expected: formatVersion, received: file[4]! });
  if (file[5] !== kindNumbers[kind])
    throw corrupt(path, `a file of ${kind} (kind ${kindNumbers[kind]})`, `kind ${file[5]}`);
}

/** `perPack` parts to a file, in order; the last file may hold fewer. */
export function packParts(
  kind: PackKind,
  sealed: readonly Uint8Array[],
  perPack: number,
): { files: Map<string, Uint8Array>; table: PartTable } {
  const files = new Map<string, Uint8Array>();
  for (let first = 0; first < sealed.length; first += perPack)
    files.set(packPath(kind, files.size), packFile(kind, sealed.slice(first, first + perPack)));
  return { files, table: { perPack, sizes: Uint32Array.from(sealed, (part) => part.length) } };
}

/** The parts of a pack: the first, and the one after the last. */
export function partsOfPack({ perPack, sizes }: PartTable, pack: number): [first: number, end: number] {
  return [pack * perPack, Math.min((pack + 1) * perPack, sizes.length)];
}

/** Where a part begins in its pack; for the part after the last, where the pack ends. Units: bytes. */
export function partOffset({ perPack, sizes }: PartTable, pack: number, part: number): number {
  let at = headerBytes;
  for (let i = pack * perPack; i < part; i++) at += sizes[i]!;
  return at;
}

/** Sealed parts by number. */
export type SealedParts = Map<number, Uint8Array>;

/** Copies, so that one part that is kept does not keep the file. `bytes` begin where `first` does. */
export function cutParts({ sizes }: PartTable, bytes: Uint8Array, first: number, end: number): SealedParts {
  const parts: SealedParts = new Map();
  let at = 0;
  for (let i = first; i < end; i++) {
    parts.set(i, bytes.slice(at, at + sizes[i]!));
    at += sizes[i]!;
  }
  return parts;
}

/** All parts of a pack; whether each is whole is not asked. Errors: as `checkPackFile`; FormatError format-corrupt for a wrong length. */
export function cutPack(
  kind: PackKind,
  table: PartTable,
  pack: number,
  file: Uint8Array,
  path: string,
): SealedParts {
  checkPackFile(kind, file, path);
  const [first, end] = partsOfPack(table, pack);
  const length = partOffset(table, pack, end);
  if (file.length !== length) throw corrupt(path, `${length} bytes`, glimpse(file));
  return cutParts(table, file.subarray(headerBytes), first, end);
}
