/**
 * What every store of a live index checks before it writes.
 * In: a manifest, blocks. Out: bytes that a reader would take, and which blocks must be there already.
 */
import { FormatError, StoreError } from '../errors';
import { blockPath } from '../segment/block';
import { decodeLiveManifest, encodeLiveManifest } from '../segment/live-manifest';
import { type LiveManifest, liveBlocks } from '../segment/live-shape';
import type { SealedBlock } from './live-store';

/** Bytes by path, each an array of its own: a database would keep the whole of what a view looks into. */
export function blocksByPath(blocks: readonly SealedBlock[]): Map<string, Uint8Array> {
  return new Map(
    blocks.map(({ kind, ref, bytes }) => [
      blockPath(kind, ref),
      bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice(),
    ]),
  );
}

export interface PreparedCommit {
  /** The manifest's. */
  bytes: Uint8Array;
  /** Every path that the manifest names. */
  named: Set<string>;
  given: Map<string, Uint8Array>;
  /** Of manifest and blocks, were none of them stored yet. Units: bytes. */
  size: number;
}

/** Errors: FormatError for a manifest no reader would take. */
export function prepareLiveCommit(manifest: LiveManifest, blocks: readonly SealedBlock[]): PreparedCommit {
  const bytes = encodeLiveManifest(manifest);
  decodeLiveManifest(bytes);
  const given = blocksByPath(blocks);
  return { bytes, named: namedPaths(manifest), given, size: bytes.length + sizeOf(given) };
}

/** Units: bytes. */
export function sizeOf(blocks: ReadonlyMap<string, Uint8Array>): number {
  let size = 0;
  for (const { length } of blocks.values()) size += length;
  return size;
}

/** Every path that a manifest names. */
export function namedPaths(manifest: LiveManifest): Set<string> {
  const named = new Set<string>();
  for (const { kind, ref } of liveBlocks(manifest)) named.add(blockPath(kind, ref));
  return named;
}

/**
 * What a stored manifest names: a block of it that went missing is repair's, and keeps nobody from adding. Nothing where it
 * is damaged, since whatever takes its place must be whole. Errors: FormatError format-too-new.
 */
export function namedBefore(stored: unknown): Set<string> {
  if (!(stored instanceof Uint8Array)) return new Set();
  try {
    return namedPaths(decodeLiveManifest(stored));
  } catch (error) {
    // A newer version of nearbit wrote it, and its index is not for this one to replace.
    if (error instanceof FormatError && error.code === 'format-corrupt') return new Set();
    throw error;
  }
}

/** Errors: StoreError store-changed. */
export function checkGeneration(path: string, stored: number, next: number): void {
  if (stored === next - 1) return;
  throw new StoreError('store-changed', {
    path,
    expected: next - 1,
    received: stored === 0 ? 'nothing' : stored,
  });
}

/** The error for a manifest that names what is not here. */
export function unnamed(path: string): StoreError {
  return new StoreError('block-missing', { path, received: 'a manifest that names it' });
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
