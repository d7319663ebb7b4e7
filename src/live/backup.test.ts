import { expect, test } from 'vitest';
import { newLiveMemory } from '../store/live-store-memory';
import { createBackupReader, exportParts } from './backup';
import type { LiveParts } from './live-parts';
import { pathsOf, pruneBlocks } from './prune';
import {
  addPages,
  contentOf,
  copyOf,
  dyingAt,
  frameOf,
  openTestIndex,
  pageOf,
  removePages,
  termsOf,
} from './tidy-index.fixture';

const longText = 'many words of a long document '.repeat(2500);

async function openFilledIndex() {
  const parts = await openTestIndex();
  for (const name of ['a', 'b', 'c'])
    await addPages(parts, [pageOf(`${name}1`, `${longText}${name}`, { name }), pageOf(`${name}2`, name)], {
      frame: frameOf(0),
    });
  await removePages(parts, ['b2']);
  return parts;
}

async function openOtherIndex(memory = newLiveMemory()) {
  const parts = await openTestIndex(memory);
  for (const id of ['x', 'y', 'a1']) await addPages(parts, [pageOf(id, `other text of ${id}`)]);
  return parts;
}

async function exported(parts: LiveParts): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const part of exportParts(parts)) all.push(part);
  return all;
}

async function importAll(parts: LiveParts, bytes: readonly Uint8Array[]): Promise<void> {
  const reader = createBackupReader(parts);
  for (const part of bytes) await reader.push(part);
  await reader.finish();
}

async function stateOf(parts: LiveParts) {
  return { content: await contentOf(parts), terms: await termsOf(parts), model: parts.writer.manifest.model };
}

test('a backup takes the place of everything, embeddings included, and later changes go on from it', async () => {
  const from = await openFilledIndex();
  const to = await openOtherIndex();
  const { generation } = to.writer.manifest;
  await importAll(to, await exported(from));
  expect(await stateOf(to)).toEqual(await stateOf(from));
  expect(to.writer.manifest.generation).toBeGreaterThan(generation);
  await pruneBlocks(to);
  await pruneBlocks(to);
  expect(new Set(to.memory.blocks.keys())).toEqual(pathsOf(to.writer.manifest));
  await addPages(to, [pageOf('a1', 'a new text'), pageOf('z', 'another')]);
  const ids = [...(await contentOf(to)).keys()];
  expect(ids).toEqual(['a2', 'b1', 'c1', 'c2', 'a1', 'z']);
  expect(to.writer.manifest.segments.at(-1)!.id).toBe(4);
});

test('bytes may come in any pieces', async () => {
  const from = await openFilledIndex();
  const to = await openOtherIndex();
  const whole = new Uint8Array(await new Blob((await exported(from)) as BlobPart[]).arrayBuffer());
  const pieces: Uint8Array[] = [];
  for (let at = 0, n = 1; at < whole.length; at += n, n = (n * 7 + 3) % 5000)
    pieces.push(whole.slice(at, at + n));
  await importAll(to, pieces);
  expect(await stateOf(to)).toEqual(await stateOf(from));
});

test('what changes while a backup is written is not in it, as long as nothing is pruned', async () => {
  const from = await openFilledIndex();
  const before = await stateOf(from);
  const parts = exportParts(from);
  const bytes = [(await parts.next()).value!];
  await removePages(from, ['a1', 'c2']);
  await addPages(from, [pageOf('new', 'text')]);
  for await (const part of parts) bytes.push(part);
  const to = await openTestIndex();
  await importAll(to, bytes);
  expect(await stateOf(to)).toEqual(before);
});

test('a damaged or cut backup leaves the index as it was, and its blocks are pruned', async () => {
  const bytes = await exported(await openFilledIndex());
  const spoilt = bytes.map((part, i) => {
    if (i !== bytes.length - 1) return part;
    const changed = part.slice();
    changed[changed.length >> 1]! ^= 1;
    return changed;
  });
  for (const wrong of [spoilt, bytes.slice(0, -1), [...bytes, Uint8Array.of(0)]]) {
    const to = await openOtherIndex();
    const before = await stateOf(to);
    await expect(importAll(to, wrong)).rejects.toMatchObject({ code: 'format-corrupt' });
    expect(await stateOf(to)).toEqual(before);
    await pruneBlocks(to);
    expect(new Set(to.memory.blocks.keys())).toEqual(pathsOf(to.writer.manifest));
  }
});

test('a full disk leaves the index as it was', async () => {
  const bytes = await exported(await openFilledIndex());
  const { memory } = await openOtherIndex();
  let used = memory.manifest!.length;
  for (const { length } of memory.blocks.values()) used += length;
  const to = await openTestIndex({ ...memory, capacity: used + 2000 });
  const before = await stateOf(to);
  await expect(importAll(to, bytes)).rejects.toMatchObject({ code: 'quota-exceeded' });
  expect(await stateOf(to)).toEqual(before);
});

test('after an error a backup cannot be gone on with', async () => {
  const reader = createBackupReader(await openTestIndex());
  await expect(reader.push(new TextEncoder().encode('<!doctype html>'))).rejects.toMatchObject({
    code: 'format-corrupt',
  });
  await expect(reader.finish()).rejects.toMatchObject({ code: 'closed' });
});

test('killed at any call of the store, the index is what it was or what the backup holds', async () => {
  const from = await openFilledIndex();
  const bytes = await exported(from);
  const after = await stateOf(from);
  const other = await openOtherIndex();
  const before = await stateOf(other);
  const outcomes: string[] = [];
  for (let calls = 1, isDead = true; isDead; calls++) {
    const memory = copyOf(other.memory);
    const fate = dyingAt(calls);
    const to = await openTestIndex(memory, fate.wrap);
    await importAll(to, bytes).catch(() => {});
    isDead = fate.isDead();
    const state = await stateOf(await openTestIndex(memory));
    const isOld = state.content.has('x');
    expect(state).toEqual(isOld ? before : after);
    outcomes.push(isOld ? 'before' : 'after');
  }
  expect(outcomes.at(-1)).toBe('after');
  expect(outcomes.filter((outcome) => outcome === 'before').length).toBeGreaterThan(1);
});

test('an empty index has a backup too', async () => {
  const to = await openOtherIndex();
  await importAll(to, await exported(await openTestIndex()));
  expect(await stateOf(to)).toMatchObject({ content: new Map(), model: null });
});
