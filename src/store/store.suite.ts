/**
 * The contract of store.ts, run on every place an index can live.
 * In: how to make a place. Out: tests. `files` is how a test looks and reaches behind a store's back.
 */
import { expect, it } from 'vitest';
import { NearbitError } from '../errors';
import { blockPath } from '../segment/block';
import { hashBlock } from '../segment/hash';
import { encodeManifest, manifestBlocks, manifestPath } from '../segment/manifest';
import { writeSample } from '../segment/sample.suite';
import type { BlockKind, BlockRef, Manifest } from '../types';
import type { ReadableStore, WritableStore } from './store';

/** The files of an index, by path. */
export interface Files {
  get(path: string): Promise<Uint8Array | null>;
  set(path: string, bytes: Uint8Array): Promise<void>;
  delete(path: string): Promise<void>;
  list(): Promise<string[]>;
}

/** One empty place. */
export interface Place {
  files: Files;
  writer: WritableStore;
  /** The store under test, opened anew on the same place. */
  reader(): Promise<ReadableStore>;
}

export function filesOf(map: Map<string, Uint8Array>): Files {
  return {
    get: async (path) => map.get(path) ?? null,
    set: async (path, bytes) => void map.set(path, bytes),
    delete: async (path) => void map.delete(path),
    list: async () => [...map.keys()],
  };
}

/** The code of the error, or what came instead. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof NearbitError ? error.code : String(error)),
  );
}

/** A committed sample, and the payloads that went in. */
export async function fill(writer: WritableStore, changed = false) {
  const payloads = new Map<string, Uint8Array>();
  const manifest = await writeSample(async (kind, payload) => {
    const ref = await writer.writeBlock(kind, payload);
    payloads.set(blockPath(kind, ref), payload);
    return ref;
  }, changed);
  await writer.commit(manifest);
  return { manifest, payloads };
}

export async function expectWhole(
  store: ReadableStore,
  { manifest, payloads }: { manifest: Manifest; payloads: Map<string, Uint8Array> },
): Promise<void> {
  expect(await store.readManifest()).toEqual(manifest);
  for (const { kind, ref } of manifestBlocks(manifest))
    expect(new Uint8Array(await store.readBlock(kind, ref))).toEqual(payloads.get(blockPath(kind, ref)));
}

const html = new TextEncoder().encode('<!DOCTYPE html><html><body>This page does not exist.</body></html>');
const absent: BlockRef = { hash: '0'.repeat(32), bytes: 100 };

/** What holds for every store. */
export function testReading(newPlace: () => Promise<Place>): void {
  it('gives back the manifest and every block', async () => {
    const place = await newPlace();
    const sample = await fill(place.writer);
    await expectWhole(await place.reader(), sample);
  });

  it('gives stored bytes that have the hash of their name', async () => {
    const place = await newPlace();
    const { manifest } = await fill(place.writer);
    const stored = await (await place.reader()).readStored('pages', manifest.pages);
    expect(stored.length).toBe(manifest.pages.bytes);
    expect(await hashBlock(stored)).toBe(manifest.pages.hash);
  });

  it('gives bytes that the caller may transfer and change', async () => {
    const place = await newPlace();
    const { manifest, payloads } = await fill(place.writer);
    const reader = await place.reader();
    const codes = manifest.codes[0]!;
    for (let i = 0; i < 3; i++) {
      const payload = await reader.readBlock('codes', codes);
      expect(new Uint8Array(payload)).toEqual(payloads.get(blockPath('codes', codes)));
      payload.fill(0);
      structuredClone(payload, { transfer: [payload.buffer] });
    }
  });

  it('reports progress up to the stored size', async () => {
    const place = await newPlace();
    const { manifest } = await fill(place.writer);
    const steps: number[] = [];
    const reader = await place.reader();
    await reader.readBlock('pages', manifest.pages, {
      onProgress: (received, total) => {
        expect(total).toBe(manifest.pages.bytes);
        steps.push(received);
      },
    });
    expect(steps.at(-1)).toBe(manifest.pages.bytes);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('says that there is no index where there is none', async () => {
    const reader = await (await newPlace()).reader();
    await expect(reader.readManifest()).rejects.toThrow(
      /^No index at .+: expected manifest\.json, received .+; run/,
    );
    expect(await codeOf(reader.readManifest())).toBe('index-missing');
  });

  it('tells a manifest of a newer format from a damaged one', async () => {
    const place = await newPlace();
    const { manifest } = await fill(place.writer);
    const damaged: [Uint8Array, string][] = [
      [encodeManifest({ ...manifest, format: 2 }), 'format-too-new'],
      [encodeManifest(manifest).slice(0, -1), 'format-corrupt'],
      [html, 'format-corrupt'],
      [new Uint8Array(), 'format-corrupt'],
    ];
    for (const [bytes, code] of damaged) {
      await place.files.set(manifestPath, bytes);
      expect(await codeOf((await place.reader()).readManifest())).toBe(code);
    }
  });

  it('refuses a block that is cut short, changed, longer or something else', async () => {
    const place = await newPlace();
    const { manifest } = await fill(place.writer);
    const ref = manifest.groups[0]!.texts;
    const path = blockPath('texts', ref);
    const whole = (await place.files.get(path))!;
    const changed = whole.slice();
    changed[20]! ^= 1;
    for (const bytes of [
      whole.slice(0, -1),
      changed,
      new Uint8Array([...whole, 0]),
      html,
      new Uint8Array(),
    ]) {
      await place.files.set(path, bytes);
      expect(await codeOf((await place.reader()).readBlock('texts', ref))).toBe('format-corrupt');
    }
  });

  it('names a block that is missing', async () => {
    const place = await newPlace();
    await fill(place.writer);
    const reader = await place.reader();
    expect(await codeOf(reader.readBlock('texts', absent))).toBe('block-missing');
    await expect(reader.readBlock('texts', absent)).rejects.toThrow(blockPath('texts', absent));
  });

  it('stops with AbortError when told so, and reads on afterwards', async () => {
    const place = await newPlace();
    const sample = await fill(place.writer);
    const reader = await place.reader();
    const signal = AbortSignal.abort();
    expect(await codeOf(reader.readManifest(signal))).toMatch(/^AbortError/);
    expect(await codeOf(reader.readBlock('pages', sample.manifest.pages, { signal }))).toMatch(/^AbortError/);
    const inFlight = new AbortController();
    const reading = codeOf(reader.readBlock('pages', sample.manifest.pages, { signal: inFlight.signal }));
    inFlight.abort();
    expect(await reading).toMatch(/^AbortError/);
    await expectWhole(reader, sample);
  });

  it('refuses calls once it is closed, and may be closed twice', async () => {
    const place = await newPlace();
    const { manifest } = await fill(place.writer);
    const reader = await place.reader();
    await reader.close();
    await reader.close();
    expect(await codeOf(reader.readManifest())).toBe('closed');
    expect(await codeOf(reader.readBlock('pages', manifest.pages))).toBe('closed');
  });
}

/** What holds for every store that can be written. */
export function testWriting(newPlace: () => Promise<Place>): void {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const kinds: BlockKind[] = ['texts', 'asset'];

  it('gives the same name to the same payload, and another to another kind', async () => {
    const { writer, files } = await newPlace();
    const first = await writer.writeBlock('texts', bytes('bread'));
    expect(await writer.writeBlock('texts', bytes('bread'))).toEqual(first);
    expect(await files.list()).toHaveLength(1);
    expect(await writer.writeBlock('asset', bytes('bread'))).not.toEqual(first);
    for (const kind of kinds)
      expect(await codeOf(writer.readBlock(kind, first))).toBe(
        kind === 'texts' ? 'no error' : 'block-missing',
      );
  });

  it('gives the same files for the same index', async () => {
    const [one, two] = [await newPlace(), await newPlace()];
    await fill(one.writer);
    await fill(two.writer, true);
    await fill(two.writer);
    const paths = (await one.files.list()).sort();
    expect((await two.files.list()).sort()).toEqual(paths);
    for (const path of paths) expect(await two.files.get(path)).toEqual(await one.files.get(path));
  });

  it('removes the blocks that a new manifest does not name, and no others', async () => {
    const { writer, files } = await newPlace();
    const before = await fill(writer);
    const after = await fill(writer, true);
    await expectWhole(writer, after);
    const expected = new Set(
      [...manifestBlocks(after.manifest)].map(({ kind, ref }) => blockPath(kind, ref)),
    );
    expect((await files.list()).sort()).toEqual([...expected, manifestPath].sort());
    expect(await codeOf(writer.readBlock('texts', before.manifest.groups[1]!.texts))).toBe('block-missing');
  });

  it('keeps the old index whole when a run is interrupted, and clears its leftovers with the next', async () => {
    const place = await newPlace();
    const before = await fill(place.writer);
    const interrupted = await place.writer.writeBlock('texts', bytes('half of the new index'));
    await expectWhole(await place.reader(), before);
    await fill(place.writer);
    expect(await place.files.get(blockPath('texts', interrupted))).toBeNull();
  });

  it('does not commit a manifest whose blocks are missing or that no reader would take', async () => {
    const place = await newPlace();
    const before = await fill(place.writer);
    expect(await codeOf(place.writer.commit({ ...before.manifest, pages: absent }))).toBe('block-missing');
    const wrong = { ...before.manifest, counts: { ...before.manifest.counts, passages: 7 } };
    expect(await codeOf(place.writer.commit(wrong))).toBe('format-corrupt');
    await expectWhole(await place.reader(), before);
  });

  it('mends a damaged block when it is written again', async () => {
    const place = await newPlace();
    const before = await fill(place.writer);
    const path = blockPath('pages', before.manifest.pages);
    await place.files.set(
      path,
      (await place.files.get(path))!.map((byte) => byte ^ 1),
    );
    expect(await codeOf(place.writer.readBlock('pages', before.manifest.pages))).toBe('format-corrupt');
    await fill(place.writer);
    await expectWhole(await place.reader(), before);
  });

  it('refuses to write once it is closed', async () => {
    const { writer } = await newPlace();
    const { manifest } = await fill(writer);
    await writer.close();
    expect(await codeOf(writer.writeBlock('texts', bytes('late')))).toBe('closed');
    expect(await codeOf(writer.writeInstant(new Map()))).toBe('closed');
    expect(await codeOf(writer.commit(manifest))).toBe('closed');
  });
}
