/**
 * The envelope of every block file: 8 bytes of header, then the payload, deflated where that pays.
 * In: a payload and its kind. Out: stored bytes and their name, and back.
 * Byte table: 0 "NBIT" · 4 format version u8 · 5 kind u8 · 6 flags u8 (bit 0: payload is raw DEFLATE) · 7 zero · 8 payload.
 * Deliberately not here: where blocks live (store) and what payloads mean (one file per kind; `codes`, `fine` and
 * `frame` are the codes room's own bytes, `asset` is a file of a model or runtime as it is).
 */
import { FormatError } from '../errors';
import type { BlockKind, BlockRef } from '../types';
import { deflate, inflate, maxInflatedBytes } from './compress';
import { corrupt, glimpse } from './damage';
import { hashBlock, verifyBlock } from './hash';

/** Version of blocks and manifest. A reader refuses higher ones and reads every lower one. */
export const formatVersion = 1;

/** Units: bytes. A multiple of 8, so that views on a payload that was not compressed stay aligned. */
export const headerBytes = 8;

// On disk: append, never renumber.
const kindNumbers: Record<BlockKind, number> = {
  pages: 1,
  frame: 2,
  codes: 3,
  fine: 4,
  texts: 5,
  postings: 6,
  asset: 7,
  documents: 8,
  fields: 9,
  dead: 10,
};
/** A kind as backups write it. */
export function numberOfKind(kind: BlockKind): number {
  return kindNumbers[kind];
}

/** Undefined: no kind of this version. */
export function kindOfNumber(number: number): BlockKind | undefined {
  return (Object.keys(kindNumbers) as BlockKind[]).find((kind) => kindNumbers[kind] === number);
}

const magic = [0x4e, 0x42, 0x49, 0x54];
const deflated = 1;

/** Where a block lies in an index folder. */
export function blockPath(kind: BlockKind, ref: BlockRef): string {
  return `blocks/${ref.hash}.${kind}`;
}

/** `compress` default: all but `codes` and `fine`, whose bits are as good as random. Kept only where it saves 5 % or more. */
export async function sealBlock(
  kind: BlockKind,
  payload: Uint8Array,
  options: { compress?: boolean } = {},
): Promise<{ ref: BlockRef; bytes: Uint8Array }> {
  const compress = options.compress ?? (kind !== 'codes' && kind !== 'fine');
  let body = payload;
  if (compress && payload.length <= maxInflatedBytes) {
    const small = await deflate(payload);
    if (small.length <= payload.length * 0.95) body = small;
  }
  const bytes = new Uint8Array(headerBytes + body.length);
  bytes.set(magic);
  bytes[4] = formatVersion;
  bytes[5] = kindNumbers[kind];
  bytes[6] = body === payload ? 0 : deflated;
  bytes.set(body, headerBytes);
  return { ref: { hash: await hashBlock(bytes), bytes: bytes.length }, bytes };
}

/** The payload: a view on `bytes` where it was not compressed. Errors: FormatError format-corrupt, format-too-new. */
export async function openBlock(kind: BlockKind, bytes: Uint8Array, path: string): Promise<Uint8Array> {
  if (bytes.length < headerBytes || magic.some((byte, i) => bytes[i] !== byte))
    throw corrupt(path, 'a block beginning "NBIT"', glimpse(bytes));
  const [version, number, flags] = bytes.subarray(4, 7) as unknown as [number, number, number];
  if (version > formatVersion)
    throw new FormatError('format-too-new', { path, expected: formatVersion, received: version });
  if (version < 1 || number !== kindNumbers[kind] || flags > deflated)
    throw corrupt(
      path,
      `a ${kind} block (version ${formatVersion}, kind ${kindNumbers[kind]})`,
      `version ${version}, kind ${number}, flags ${flags}`,
    );
  const body = bytes.subarray(headerBytes);
  if (flags !== deflated) return body;
  try {
    return await inflate(body);
  } catch (error) {
    throw corrupt(path, 'a deflated payload', 'one that does not inflate', error);
  }
}

/** What every store does with bytes that arrived: checks length and hash, then opens. Errors: as `verifyBlock` and `openBlock`. */
export async function readSealed(kind: BlockKind, ref: BlockRef, bytes: Uint8Array): Promise<Uint8Array> {
  const path = blockPath(kind, ref);
  await verifyBlock(bytes, ref, path);
  return openBlock(kind, bytes, path);
}
