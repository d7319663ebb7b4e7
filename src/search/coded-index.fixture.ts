/**
 * An index of nothing but codes, as the vector leg reads one.
 * In: a frame, blocks of codes, groups of finer planes. Out: a manifest, its layout, and a store that gives out copies.
 * Used by tests only.
 */
import { codeSizes, encodeFrame, type Frame } from '../codes';
import { StoreError } from '../errors';
import type { ReadableStore } from '../store/store';
import type { BlockRef, Manifest } from '../types';
import { createLayout, type Layout } from './layout';

export interface CodedIndex {
  manifest: Manifest;
  layout: Layout;
  store: ReadableStore;
}

/** Each group has one page. `fine` null: a group whose finer planes are never read. */
export function codedIndex(
  frame: Frame,
  codes: readonly Uint8Array[],
  groups: readonly { passages: number; fine: Uint8Array | null }[],
): CodedIndex {
  const { codeBytes } = codeSizes(frame.dim);
  const blocks = new Map<string, Uint8Array>();
  const put = (hash: string, payload: Uint8Array): BlockRef => {
    blocks.set(hash, payload);
    return { hash, bytes: payload.length };
  };
  const passages = groups.reduce((sum, group) => sum + group.passages, 0);
  const manifest: Manifest = {
    format: 1,
    generator: 'nearbit',
    language: 'en',
    languages: ['en'],
    counts: { pages: groups.length, passages, terms: 0 },
    model: null,
    code: { bits: frame.dim, planes: 4, rotation: frame.kind, frame: put('frame', encodeFrame(frame)) },
    codes: codes.map((block, i) => ({
      ...put(`codes ${i}`, block),
      passages: block.length / codeBytes,
    })),
    pages: { hash: 'pages', bytes: 0 },
    groups: groups.map(({ passages, fine }, i) => ({
      pages: 1,
      passages,
      texts: { hash: `texts ${i}`, bytes: 0 },
      fine: fine && put(`fine ${i}`, fine),
    })),
    postings: [],
    lexical: { analyser: 1, averageLength: 1 },
    runtime: {},
  };
  const read = async (hash: string, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    const payload = blocks.get(hash);
    if (!payload) throw new StoreError('block-missing', { path: hash, received: 'nothing' });
    return payload.slice();
  };
  const store: ReadableStore = {
    name: 'codes',
    readManifest: async () => manifest,
    readBlock: (_kind, ref, options) => read(ref.hash, options?.signal),
    readStored: (_kind, ref, options) => read(ref.hash, options?.signal),
    close: async () => {},
  };
  const layout = createLayout(
    manifest,
    Uint32Array.from(groups, (group) => group.passages),
  );
  return { manifest, layout, store };
}
