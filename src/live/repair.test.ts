import { expect, test } from 'vitest';
import { blockPath } from '../segment/block';
import { segmentBlocks } from '../segment/live-shape';
import type { LiveMemory } from '../store/live-store-memory';
import type { BlockKind } from '../types';
import { checkBlocks } from './check-blocks';
import type { LiveParts } from './live-parts';
import { repairIndex } from './repair';
import {
  addPages,
  contentOf,
  copyOf,
  dyingAt,
  frameOf,
  openTestIndex,
  pageOf,
  removePages,
  type TestIndex,
  termsOf,
} from './tidy-index.fixture';

const longText = 'many words of a long document '.repeat(2500);

/** Two segments, the first of three groups; a page of each is dead. */
async function openDamagedIndex(damage: (parts: TestIndex) => void): Promise<TestIndex> {
  const parts = await openTestIndex();
  const pages = ['a', 'b', 'c'].map((id) => pageOf(id, `${longText}\nof ${id}`, { name: id }));
  await addPages(parts, [...pages, pageOf('old', 'a text'), pageOf('gone', 'a text')], { frame: frameOf(0) });
  await addPages(parts, [pageOf('d', 'bread and water'), pageOf('old', 'a new text')], { frame: frameOf(0) });
  await removePages(parts, ['gone']);
  damage(parts);
  // A tab that has read nothing yet.
  return openTestIndex(parts.memory);
}

/** Paths of a kind in a segment, in order. */
function pathsIn(parts: LiveParts, segment: number, kind: BlockKind): string[] {
  return [...segmentBlocks(parts.writer.manifest.segments[segment]!)]
    .filter((block) => block.kind === kind)
    .map(({ ref }) => blockPath(kind, ref));
}

function spoil({ blocks }: LiveMemory, path: string): void {
  blocks.set(path, blocks.get(path)!.slice(0, -1));
}

async function stateOf(parts: LiveParts) {
  const content = await contentOf(parts);
  return { ids: [...content.keys()], content, terms: await termsOf(parts) };
}

const whole = await stateOf(await openDamagedIndex(() => {}));

test('an index that is whole is left as it is', async () => {
  const parts = await openDamagedIndex(() => {});
  const { generation } = parts.writer.manifest;
  expect(await checkBlocks(parts)).toEqual([]);
  expect(await repairIndex(parts)).toEqual({ mended: 0, toEmbed: 0, lost: [], withoutFields: [] });
  expect(parts.writer.manifest.generation).toBe(generation);
});

test('each damaged or missing block is named with what is lost by it', async () => {
  const parts = await openDamagedIndex((index) => {
    for (const kind of ['pages', 'documents', 'fields', 'dead', 'frame'] as const)
      spoil(index.memory, pathsIn(index, 0, kind)[0]!);
    for (const kind of ['texts', 'fine', 'codes', 'postings'] as const)
      index.memory.blocks.delete(pathsIn(index, 0, kind)[0]!);
  });
  const found = await checkBlocks(parts);
  expect(found.map(({ path, lost }) => `${path.split('.')[1]}: ${lost}`)).toEqual([
    'pages: 5 documents by their words, until they are counted again',
    'documents: the ids of 5 documents, which are taken from their texts',
    'fields: the fields of 5 documents: filters leave them out, and repair cannot bring them back',
    'dead: which 2 of 5 documents were removed; those not replaced since come back',
    'postings: 5 documents by the words of one stretch of 1, until they are read again',
    'frame: 5 documents by meaning, until they are embedded again',
    'codes: up to 5 documents by meaning, until they are embedded again',
    'texts: the texts of 1 document, which repair takes out of the index',
    'fine: 1 document by meaning, until they are embedded again',
  ]);
  expect(found[0]!.reason).toContain(pathsIn(parts, 0, 'pages')[0]);
});

test('words, counts and ids are made again from the texts', async () => {
  for (const kind of ['postings', 'pages', 'documents'] as const) {
    const parts = await openDamagedIndex((index) => spoil(index.memory, pathsIn(index, 0, kind)[0]!));
    expect(await repairIndex(parts)).toEqual({ mended: 1, toEmbed: 0, lost: [], withoutFields: [] });
    expect(await checkBlocks(parts)).toEqual([]);
    const { ids, terms, content } = await stateOf(await openTestIndex(parts.memory));
    expect([kind, ids, terms]).toEqual([kind, whole.ids, whole.terms]);
    for (const [id, known] of content) {
      // Hashes are in the documents block alone.
      const expected = whole.content.get(id)!;
      const hash = kind === 'documents' && id !== 'd' && id !== 'old' ? 0n : expected.hash;
      expect(known).toEqual({ ...expected, hash });
    }
  }
});

test('codes that are lost, and those behind them, are to be made again; those before them stay', async () => {
  const cases = [
    { kind: 'codes', block: 1, kept: ['a', 'd', 'old'] },
    { kind: 'fine', block: 2, kept: ['a', 'b', 'd', 'old'] },
    { kind: 'frame', block: 0, kept: [] },
  ] as const;
  for (const { kind, block, kept } of cases) {
    const parts = await openDamagedIndex((index) =>
      index.memory.blocks.delete(pathsIn(index, 0, kind)[block]!),
    );
    const { toEmbed, lost } = await repairIndex(parts);
    const { content, terms, ids } = await stateOf(parts);
    expect(lost).toEqual([]);
    expect([ids, terms]).toEqual([whole.ids, whole.terms]);
    const embedded = [...content].filter(([, { rows }]) => rows).map(([id]) => id);
    expect([kind, embedded]).toEqual([kind, kept]);
    let passages = 0;
    for (const [id, { page, rows }] of content) {
      if (rows) expect(rows).toEqual(whole.content.get(id)!.rows);
      else passages += page.passages.length;
    }
    expect([kind, toEmbed]).toEqual([kind, passages]);
  }
});

test('a tab that has read everything before mends it too', async () => {
  const parts = await openDamagedIndex(() => {});
  await stateOf(parts);
  await parts.writer.refresh();
  // As after a change: the manifest is another object, its segments are what they were.
  await parts.writer.transact(async (manifest) => ({
    manifest: structuredClone(manifest),
    blocks: [],
    result: null,
  }));
  await stateOf(parts);
  parts.memory.blocks.delete(pathsIn(parts, 0, 'postings')[0]!);
  expect(await repairIndex(parts)).toMatchObject({ mended: 1 });
  expect(await checkBlocks(parts)).toEqual([]);
  expect(await stateOf(parts)).toEqual(whole);
});

test('documents whose texts are lost leave the index and are named', async () => {
  const parts = await openDamagedIndex((index) => spoil(index.memory, pathsIn(index, 0, 'texts')[1]!));
  expect(await repairIndex(parts)).toMatchObject({ mended: 1, lost: ['b'], withoutFields: [] });
  const { content, ids } = await stateOf(parts);
  expect(ids).toEqual(['a', 'c', 'd', 'old']);
  // Its neighbours keep their codes.
  for (const [id, known] of content) expect(known).toEqual(whole.content.get(id));
});

test('fields that are lost are named; their documents stay', async () => {
  const parts = await openDamagedIndex((index) => spoil(index.memory, pathsIn(index, 0, 'fields')[0]!));
  expect(await repairIndex(parts)).toMatchObject({ mended: 1, lost: [], withoutFields: ['a', 'b', 'c'] });
  const { content, terms } = await stateOf(parts);
  expect(terms).toEqual(whole.terms);
  for (const [id, known] of content) expect(known).toEqual({ ...whole.content.get(id), fields: undefined });
});

test('where it is lost which pages are dead, those replaced stay dead and those removed come back', async () => {
  const parts = await openDamagedIndex((index) => spoil(index.memory, pathsIn(index, 0, 'dead')[0]!));
  await repairIndex(parts);
  const { content, ids } = await stateOf(parts);
  expect(ids).toEqual(['a', 'b', 'c', 'gone', 'd', 'old']);
  expect(content.get('old')).toEqual(whole.content.get('old'));
});

test('where ids and texts are lost together, the rest stays', async () => {
  const parts = await openDamagedIndex((index) => {
    for (const path of [...pathsIn(index, 0, 'texts').slice(1), ...pathsIn(index, 0, 'documents')])
      spoil(index.memory, path);
  });
  expect(await repairIndex(parts)).toMatchObject({ mended: 1, lost: [] });
  expect((await stateOf(parts)).ids).toEqual(['a', 'd', 'old']);
  expect(await checkBlocks(parts)).toEqual([]);
});

test('killed at any call of the store, a repair has mended nothing or all', async () => {
  const spoilt = await openDamagedIndex((index) => {
    for (const kind of ['postings', 'fine', 'documents'] as const)
      spoil(index.memory, pathsIn(index, 0, kind)[0]!);
  });
  let mended = false;
  for (let calls = 2; !mended; calls += 2) {
    const memory = copyOf(spoilt.memory);
    const fate = dyingAt(calls);
    await repairIndex(await openTestIndex(memory, fate.wrap)).catch(() => {});
    const again = await openTestIndex(memory);
    const { length } = await checkBlocks(again);
    mended = length === 0;
    if (!mended) expect([length, (await repairIndex(again)).mended]).toEqual([3, 1]);
    expect((await stateOf(again)).terms).toEqual(whole.terms);
  }
});
