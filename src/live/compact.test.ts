import { expect, test } from 'vitest';
import { planCompaction, startCompaction } from './compact';
import type { LiveParts } from './live-parts';
import {
  addPages,
  contentOf,
  copyOf,
  countsOf,
  dyingAt,
  embeddingOf,
  frameOf,
  openTestIndex,
  pageOf,
  removePages,
  type TestIndex,
  termsOf,
} from './tidy-index.fixture';

const words = ['bread', 'water', 'salt', 'oven', 'crust', 'dough', 'yeast', 'flour'];

/** A few passages that share words with others. */
function textOf(i: number): string {
  const lines = Array.from({ length: 1 + (i % 3) }, (_, line) => {
    const at = i + line;
    return `${words[at % 8]} and ${words[(at * 3) % 8]} make number ${i}-${line}`;
  });
  return lines.join('\n');
}

/** Segments of three pages each, every other page with fields. */
async function addSegments(parts: LiveParts, n: number, frame: ReturnType<typeof frameOf> | null, from = 0) {
  for (let s = from; s < from + n; s++)
    await addPages(
      parts,
      [0, 1, 2].map((p) =>
        pageOf(`d${s}-${p}`, textOf(3 * s + p), p === 1 ? { tag: [`t${s % 2}`], year: 2000 + s } : undefined),
      ),
      { frame },
    );
}

async function compact(parts: LiveParts, ids = planCompaction(parts.writer.manifest)) {
  const compaction = startCompaction(parts, ids!);
  while (await compaction.step(0));
  return compaction;
}

async function stateOf(parts: LiveParts) {
  const { pages, passages } = countsOf(parts.writer.manifest);
  return { content: await contentOf(parts), terms: await termsOf(parts), pages, passages };
}

test('segments become one that holds the same documents, words, fields and codes in the same order', async () => {
  const parts = await openTestIndex();
  await addSegments(parts, 8, frameOf(0.1));
  const before = await stateOf(parts);
  const { outcome, ids } = await compact(parts);
  expect({ outcome, ids }).toEqual({ outcome: 'swapped', ids: [1, 2, 3, 4, 5, 6, 7, 8] });
  expect(parts.writer.manifest.segments.map(({ id }) => id)).toEqual([9]);
  const after = await stateOf(parts);
  expect(after).toEqual(before);
  expect([...after.content.keys()]).toEqual([...before.content.keys()]);
  expect(planCompaction(parts.writer.manifest)).toBe(null);
});

test('dead pages are left behind, with their words and codes', async () => {
  const parts = await openTestIndex();
  await addSegments(parts, 8, frameOf(0));
  await removePages(parts, ['d0-0', 'd3-1', 'd7-2', 'd5-0', 'd5-1', 'd5-2']);
  const before = await stateOf(parts);
  // What is dead as a whole goes first, and costs nothing.
  expect((await compact(parts)).ids).toEqual([6]);
  expect(parts.writer.manifest.segments.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 7, 8]);
  await compact(parts, [1, 2, 3, 4, 5, 7, 8]);
  const [segment] = parts.writer.manifest.segments;
  expect(segment).toMatchObject({ counts: { pages: 18 }, languages: { en: 18 }, dead: null, deadPages: 0 });
  expect(await stateOf(parts)).toEqual(before);
});

test('codes of small segments are brought into one frame', async () => {
  const parts = await openTestIndex();
  await addSegments(parts, 4, frameOf(0));
  await addSegments(parts, 4, frameOf(0.1), 4);
  await compact(parts);
  expect(parts.writer.manifest.segments).toHaveLength(1);
  for (const { page, rows } of (await contentOf(parts)).values())
    for (const [i, passage] of page.passages.entries()) {
      const embedding = embeddingOf(passage.text);
      const cosine = embedding.reduce((sum, x, j) => sum + x * rows![i]![j]!, 0);
      expect(cosine).toBeCloseTo(1, 1);
    }
});

test('segments with and without embeddings are not mixed', async () => {
  const parts = await openTestIndex();
  await addSegments(parts, 6, frameOf(0));
  await addSegments(parts, 7, null, 6);
  expect(planCompaction(parts.writer.manifest)).toEqual([1, 2, 3, 4, 5, 6]);
  await compact(parts);
  // The newest without is what the queue is at.
  expect(planCompaction(parts.writer.manifest)).toEqual([7, 8, 9, 10, 11, 12]);
  const before = await stateOf(parts);
  await compact(parts);
  expect(await stateOf(parts)).toEqual(before);
});

test('what is removed, replaced and added while a compaction is under way is in the index after it', async () => {
  const parts = await openTestIndex();
  await addSegments(parts, 8, frameOf(0));
  const compaction = startCompaction(parts, planCompaction(parts.writer.manifest)!);
  for (let i = 0; i < 5; i++) await compaction.step(0);
  await removePages(parts, ['d2-1', 'd6-0']);
  await addPages(parts, [pageOf('d4-2', 'another text'), pageOf('new', textOf(99))]);
  const before = await stateOf(parts);
  while (await compaction.step(0));
  expect(compaction.outcome).toBe('swapped');
  expect(parts.writer.manifest.segments.map(({ id, deadPages }) => [id, deadPages])).toEqual([
    [10, 3],
    [9, 0],
  ]);
  expect(await stateOf(parts)).toEqual(before);
});

test('a compaction whose segments have changed or gone is dropped', async () => {
  for (const change of ['clear', 'embed', 'reembed'] as const) {
    const parts = await openTestIndex();
    await addSegments(parts, 8, frameOf(0));
    const compaction = startCompaction(parts, planCompaction(parts.writer.manifest)!);
    for (let i = 0; i < 5; i++) await compaction.step(0);
    await parts.writer.transact(async (manifest) => {
      const { segments, model } = manifest;
      const [first, ...others] = segments;
      const unembedded = { ...first!, code: null, codes: [], groups: [{ ...first!.groups[0]!, fine: null }] };
      const next = {
        clear: { ...manifest, segments: [] },
        embed: { ...manifest, segments: [unembedded, ...others] },
        reembed: { ...manifest, next: { model: model!, segments: {} } },
      }[change];
      return { manifest: next, blocks: [], result: null };
    });
    const before = await stateOf(parts);
    while (await compaction.step(0));
    expect([change, compaction.outcome]).toEqual([change, 'dropped']);
    expect(await stateOf(parts)).toEqual(before);
  }
});

test('killed at any call of the store, a compaction loses nothing', async () => {
  const written = await openTestIndex();
  await addSegments(written, 3, frameOf(0));
  await removePages(written, ['d1-1']);
  const before = await stateOf(written);
  let isDead = true;
  let ends = 0;
  for (let calls = 2; isDead; calls++) {
    const memory = copyOf(written.memory);
    const fate = dyingAt(calls);
    const parts = await openTestIndex(memory, fate.wrap);
    await compact(parts, [1, 2, 3]).catch(() => {});
    isDead = fate.isDead();
    ends += 1;
    const again: TestIndex = await openTestIndex(memory);
    expect(await stateOf(again)).toEqual(before);
  }
  expect(ends).toBeGreaterThan(20);
});
