/**
 * Embeddings of texts encoded before, on disk, so that a second run encodes only what changed.
 * In: text → key by content hash. Out: the embedding, or null when the text is new.
 * File: records of key u8[16] · checksum u32 · float32[dim], appended; a torn or damaged record is passed over, so a
 * killed run loses at most its last batch. One file per weights file: another model never sees them.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EmbeddingCache } from '../build/embed-stage';

const keyBytes = 16;
const headBytes = keyBytes + 4;

export interface DiskCache extends EmbeddingCache {
  /** Drops records that this run did not ask for, when they are more than half of the file; closes the file. */
  close(): void;
}

/** Outlives the site's folder, which generators wipe. */
const usualFolder = existsSync('node_modules') ? join('node_modules', '.cache', 'nearbit') : '.nearbit-cache';

/** `identity` names the weights and how they are used; it becomes part of the file's name. */
export function openEmbeddingCache(folder = usualFolder, identity: string, dim: number): DiskCache {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${sha256(identity).toString('hex').slice(0, 32)}.embeddings`);
  const recordBytes = headBytes + dim * 4;
  let file = openSync(path, 'a+');
  const places = readKeys(file, recordBytes);
  const used = new Set<string>();
  let end = Math.floor(fstatSync(file).size / recordBytes);
  let pending: Buffer[] = [];
  let pendingKeys: string[] = [];
  // A torn last record (a killed run) would shift every later one.
  if (fstatSync(file).size % recordBytes !== 0) {
    closeSync(file);
    rewrite(path, recordBytes, [...places.values()]);
    file = openSync(path, 'a+');
    end = places.size;
    let i = 0;
    for (const key of places.keys()) places.set(key, i++);
  }

  function flush(): void {
    if (pending.length === 0) return;
    writeSync(file, Buffer.concat(pending));
    for (const key of pendingKeys) places.set(key, end++);
    pending = [];
    pendingKeys = [];
  }

  return {
    get(text) {
      const key = keyOf(text);
      const place = places.get(key);
      if (place === undefined) return null;
      const record = Buffer.alloc(recordBytes);
      readSync(file, record, 0, recordBytes, place * recordBytes);
      const body = record.subarray(headBytes);
      if (record.readUInt32LE(keyBytes) !== checksum(body)) return null;
      used.add(key);
      return new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
    },
    put(text, embedding) {
      const key = keyOf(text);
      const record = Buffer.alloc(recordBytes);
      record.write(key, 0, 'latin1');
      Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).copy(record, headBytes);
      record.writeUInt32LE(checksum(record.subarray(headBytes)), keyBytes);
      pending.push(record);
      pendingKeys.push(key);
      used.add(key);
    },
    flush,
    close() {
      flush();
      closeSync(file);
      if (places.size > 1000 && used.size < places.size / 2)
        rewrite(
          path,
          recordBytes,
          [...places].filter(([key]) => used.has(key)).map(([, place]) => place),
        );
    },
  };
}

function readKeys(file: number, recordBytes: number): Map<string, number> {
  const places = new Map<string, number>();
  const records = Math.floor(fstatSync(file).size / recordBytes);
  const key = Buffer.alloc(keyBytes);
  for (let i = 0; i < records; i++) {
    readSync(file, key, 0, keyBytes, i * recordBytes);
    places.set(key.toString('latin1'), i);
  }
  return places;
}

/** Keeps the named records, in their order, through a temporary file. */
function rewrite(path: string, recordBytes: number, keep: number[]): void {
  const from = openSync(path, 'r');
  const to = openSync(`${path}.new`, 'w');
  const record = Buffer.alloc(recordBytes);
  for (const place of keep.sort((a, b) => a - b)) {
    readSync(from, record, 0, recordBytes, place * recordBytes);
    writeSync(to, record);
  }
  closeSync(from);
  closeSync(to);
  rmSync(path);
  renameSync(`${path}.new`, path);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const keyOf = (text: string): string => sha256(text).toString('latin1', 0, keyBytes);

/** Adler-like sum over words: finds torn and flipped bytes, nothing more is asked of it. */
function checksum(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    a = (a + bytes.readUInt32LE(i)) >>> 0;
    b = (b + a) >>> 0;
  }
  return (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
}
