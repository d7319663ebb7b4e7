/**
 * A backup of a live index as one stream: its manifest and every block that it names, as they are stored.
 * In: a manifest, a way to read blocks. Out: bytes in order; and back, from pieces of any size, one block in memory at a time.
 * Byte table: "NBAR" · version u8 · three zeros · u32 length of the manifest · 16 bytes of its SHA-256 · the manifest · blocks, each
 * kind u8 (block.ts) · 16 bytes of its name · u32 length · stored bytes · at the end u8 0 · u32 number of blocks. u32 are little-endian.
 * Deliberately not here: where the blocks go (live/backup.ts).
 */
import { FormatError } from '../errors';
import type { BlockKind, BlockRef } from '../types';
import { blockPath, kindOfNumber, numberOfKind } from './block';
import { corrupt, glimpse } from './damage';
import { hashBlock, verifyBlock } from './hash';
import { decodeLiveManifest, encodeLiveManifest } from './live-manifest';
import { type LiveManifest, liveBlocks } from './live-shape';

/** Version of backups. A reader refuses higher ones and reads every lower one. */
export const archiveVersion = 1;

/** What came out of a backup; a block's bytes were checked against its name, and are the receiver's own. */
export type ArchivePart =
  | { kind: 'manifest'; manifest: LiveManifest }
  | { kind: 'block'; block: { kind: BlockKind; ref: BlockRef; bytes: Uint8Array } };

const magic = [0x4e, 0x42, 0x41, 0x52];
const hashBytes = 16;
/** Units: bytes. Small blocks are handed over together. */
const partBytes = 256 * 1024;
/** Units: bytes. Far above any; keeps a damaged length from asking for the whole file at once. */
const maxManifestBytes = 2 ** 28;
const startBytes = 8 + 4 + hashBytes;
const blockHeadBytes = 1 + hashBytes + 4;
const endBytes = 1 + 4;

/** Errors: those of `readStored`. */
export async function* encodeArchive(
  manifest: LiveManifest,
  readStored: (kind: BlockKind, ref: BlockRef) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const json = encodeLiveManifest(manifest);
  let parts = [
    Uint8Array.of(...magic, archiveVersion, 0, 0, 0),
    u32(json.length),
    unhex(await hashBlock(json)),
    json,
  ];
  const done = new Set<string>();
  for (const { kind, ref } of liveBlocks(manifest)) {
    const path = blockPath(kind, ref);
    if (done.has(path)) continue;
    done.add(path);
    if (sizeOf(parts) + ref.bytes > partBytes) {
      yield join(parts);
      parts = [];
    }
    parts.push(
      Uint8Array.of(numberOfKind(kind)),
      unhex(ref.hash),
      u32(ref.bytes),
      await readStored(kind, ref),
    );
  }
  parts.push(Uint8Array.of(0), u32(done.size));
  yield join(parts);
}

/** Reads a backup as it arrives. */
export interface ArchiveReader {
  /**
   * What these bytes complete, in order: the manifest first. They are the reader's own from here on. One call at a time.
   * Errors: FormatError format-corrupt (no backup, or damaged: names the block), format-too-new.
   */
  push(bytes: Uint8Array): Promise<ArchivePart[]>;
  /** No more bytes will come. Errors: FormatError format-corrupt for a backup that is not whole. */
  end(): void;
}

/** `name`: what errors call it, a file's name for example. */
export function readArchive(name = 'the backup'): ArchiveReader {
  const queue = new ByteQueue();
  /** Blocks that the manifest names and that have not come yet. */
  let awaited: Map<string, BlockRef> | null = null;
  let blocks = 0;
  let isWhole = false;

  /** Undefined: more bytes are needed. */
  async function next(): Promise<ArchivePart | undefined> {
    if (isWhole) {
      if (queue.length > 0) throw corrupt(name, 'nothing after its end', `${queue.length} bytes or more`);
      return;
    }
    return awaited ? nextBlock(awaited) : nextManifest();
  }

  async function nextManifest(): Promise<ArchivePart | undefined> {
    const head = queue.peek(startBytes);
    const start = head ?? queue.peek(queue.length)!;
    if (magic.some((byte, i) => i < start.length && start[i] !== byte))
      throw corrupt(name, 'a backup beginning "NBAR"', glimpse(start));
    if (start.length > 4 && start[4]! > archiveVersion)
      throw new FormatError('format-too-new', { path: name, expected: archiveVersion, received: start[4]! });
    if (!head) return;
    if (head[4]! < 1) throw corrupt(name, `version 1 to ${archiveVersion}`, 'version 0');
    const length = readU32(head, 8);
    if (length > maxManifestBytes)
      throw corrupt(name, `a manifest of at most ${maxManifestBytes} bytes`, `one of ${length}`);
    if (queue.length < startBytes + length) return;
    queue.take(startBytes);
    const bytes = queue.take(length);
    const path = `the manifest of ${name}`;
    await verifyBlock(bytes, { hash: hex(head.subarray(12)), bytes: length }, path);
    const manifest = decodeLiveManifest(bytes, path);
    awaited = new Map([...liveBlocks(manifest)].map(({ kind, ref }) => [blockPath(kind, ref), ref]));
    return { kind: 'manifest', manifest };
  }

  async function nextBlock(waiting: Map<string, BlockRef>): Promise<ArchivePart | undefined> {
    if (queue.peek(1)?.[0] === 0) return end(waiting);
    const head = queue.peek(blockHeadBytes);
    if (!head) return;
    const kind = kindOfNumber(head[0]!);
    const ref = { hash: hex(head.subarray(1, 1 + hashBytes)), bytes: readU32(head, 1 + hashBytes) };
    const path = kind ? blockPath(kind, ref) : `kind ${head[0]}`;
    if (!kind || waiting.get(path)?.bytes !== ref.bytes)
      throw corrupt(name, 'a block that its manifest names', `${path} of ${ref.bytes} bytes`);
    if (queue.length < blockHeadBytes + ref.bytes) return;
    queue.take(blockHeadBytes);
    const bytes = queue.take(ref.bytes);
    await verifyBlock(bytes, ref, `${path} of ${name}`);
    waiting.delete(path);
    blocks++;
    return { kind: 'block', block: { kind, ref, bytes } };
  }

  async function end(waiting: Map<string, BlockRef>): Promise<ArchivePart | undefined> {
    if (queue.length < endBytes) return;
    const count = readU32(queue.take(endBytes), 1);
    if (count !== blocks) throw corrupt(name, `${count} blocks`, String(blocks));
    for (const path of waiting.keys()) throw corrupt(name, `the block ${path}`, 'its end');
    isWhole = true;
    return next();
  }

  return {
    async push(bytes) {
      queue.push(bytes);
      const parts: ArchivePart[] = [];
      for (let part = await next(); part; part = await next()) parts.push(part);
      return parts;
    },
    end() {
      if (isWhole) return;
      const left = awaited ? `${awaited.size} more blocks and an end` : 'a whole manifest';
      throw corrupt(name, left, `a file that breaks off after ${queue.total} bytes`);
    },
  };
}

/** Pieces as they came, until there is enough of them; each byte is copied once. */
class ByteQueue {
  /** Units: bytes, those taken included. */
  total = 0;
  length = 0;
  #pieces: Uint8Array[] = [];

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.length += piece.length;
    this.total += piece.length;
  }

  /** Null: there are fewer than `n`. */
  peek(n: number): Uint8Array | null {
    if (n > this.length) return null;
    // A head may lie across pieces of a byte each.
    const bytes = new Uint8Array(n);
    for (let at = 0, i = 0; at < n; i++) {
      const piece = this.#pieces[i]!.subarray(0, n - at);
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** There must be `n`. */
  take(n: number): Uint8Array {
    const bytes = this.peek(n)!;
    this.length -= n;
    let gone = n;
    let whole = 0;
    while (whole < this.#pieces.length && this.#pieces[whole]!.length <= gone)
      gone -= this.#pieces[whole++]!.length;
    this.#pieces.splice(0, whole);
    if (gone > 0) this.#pieces[0] = this.#pieces[0]!.subarray(gone);
    return bytes;
  }
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((size, { length }) => size + length, 0);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unhex(digits: string): Uint8Array {
  return Uint8Array.from({ length: hashBytes }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
