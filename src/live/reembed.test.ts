import { expect, test } from 'vitest';
import { planCompaction } from './compact';
import type { EmbedQueue } from './embed-queue';
import type { LiveParts } from './live-parts';
import type { ModelAtHand } from './live-types';
import { pruneBlocks } from './prune';
import { beginReembed, createReembedQueue, reembedProgress, settleReembed } from './reembed';
import {
  addPages,
  contentOf,
  copyOf,
  dim,
  dyingAt,
  embeddingOf,
  frameOf,
  openTestIndex,
  pageOf,
  removePages,
  testModel,
} from './tidy-index.fixture';

const atHand = (name: string): ModelAtHand => ({ model: { ...testModel, name }, frame: null });

/** Each group of these is a document of its own. */
const longText = 'many words of a long document '.repeat(2300);

async function openEmbeddedIndex() {
  const parts = await openTestIndex();
  for (const [i, name] of ['a', 'b', 'c'].entries())
    await addPages(
      parts,
      [pageOf(`${name}1`, `${longText}${i}`), pageOf(`${name}2`, `${longText}${i + 9}`)],
      {
        frame: frameOf(0),
      },
    );
  return parts;
}

/** Embeds at most `batches` batches of one text. */
async function work(queue: EmbedQueue, batches = Number.POSITIVE_INFINITY): Promise<number> {
  for (let done = 0; done < batches; done++) {
    const batch = await queue.next(1);
    if (!batch) return done;
    const rows = new Float32Array(batch.texts.length * dim);
    for (const [i, text] of batch.texts.entries()) rows.set(embeddingOf(`other ${text}`), i * dim);
    await queue.store(batch.ticket, rows);
  }
  return batches;
}

function queueOf(parts: LiveParts, name = 'other'): EmbedQueue {
  const queue = createReembedQueue(parts);
  queue.useModel(atHand(name));
  return queue;
}

/** Cosines of what is stored and what the other model makes of the same passages. */
async function cosines(parts: LiveParts): Promise<number[]> {
  const all: number[] = [];
  for (const { page, rows } of (await contentOf(parts)).values())
    for (const [i, passage] of page.passages.entries()) {
      const embedding = embeddingOf(`other ${page.title}\n${passage.text}`);
      all.push(rows ? embedding.reduce((sum, x, j) => sum + x * rows[i]![j]!, 0) : Number.NaN);
    }
  return all;
}

test('old embeddings stay until all are made again, then all are swapped at once', async () => {
  const parts = await openEmbeddedIndex();
  const before = await contentOf(parts);
  await beginReembed(parts, atHand('other'));
  const queue = queueOf(parts);
  expect(reembedProgress(parts.writer.manifest)).toEqual({ done: 0, total: 6 });
  expect(await work(queue, 5)).toBe(5);
  expect(reembedProgress(parts.writer.manifest)).toEqual({ done: 5, total: 6 });
  expect(parts.writer.manifest.model?.name).toBe('test');
  expect(await contentOf(parts)).toEqual(before);
  expect(planCompaction(parts.writer.manifest)).toBe(null);
  expect(await work(queue)).toBe(1);
  expect(parts.writer.manifest).toMatchObject({ model: { name: 'other' }, next: null });
  for (const cosine of await cosines(parts)) expect(cosine).toBeCloseTo(1, 1);
  expect(await work(queue)).toBe(0);
});

test('the newest documents come first, and what a tab has stored is not made again by the next one', async () => {
  const parts = await openEmbeddedIndex();
  await beginReembed(parts, atHand('other'));
  await work(queueOf(parts), 3);
  expect(Object.keys(parts.writer.manifest.next!.segments)).toEqual(['2', '3']);
  await pruneBlocks(parts);
  const again = await openTestIndex(parts.memory);
  await beginReembed(again, atHand('other'));
  expect(reembedProgress(again.writer.manifest)).toEqual({ done: 3, total: 6 });
  expect(await work(queueOf(again))).toBe(3);
  for (const cosine of await cosines(again)) expect(cosine).toBeCloseTo(1, 1);
});

test('documents added and removed meanwhile are there after the swap', async () => {
  const parts = await openEmbeddedIndex();
  await beginReembed(parts, atHand('other'));
  const queue = queueOf(parts);
  await work(queue, 2);
  await removePages(parts, ['a1', 'c2']);
  await addPages(parts, [pageOf('d', 'a new document'), pageOf('b1', 'another text')]);
  await work(queue);
  expect(parts.writer.manifest).toMatchObject({ model: { name: 'other' }, next: null });
  expect([...(await contentOf(parts)).keys()]).toEqual(['a2', 'b2', 'c1', 'd', 'b1']);
  for (const cosine of await cosines(parts)) expect(cosine).toBeCloseTo(1, 1);
});

test('yet another model begins anew, the old one ends it', async () => {
  const parts = await openEmbeddedIndex();
  const before = await contentOf(parts);
  await beginReembed(parts, atHand('other'));
  await work(queueOf(parts), 3);
  await settleReembed(parts, atHand('third'));
  expect(parts.writer.manifest.next).toMatchObject({ model: { name: 'third' }, segments: {} });
  expect(await work(queueOf(parts))).toBe(0);
  await settleReembed(parts, atHand('test'));
  expect(parts.writer.manifest).toMatchObject({ model: { name: 'test' }, next: null });
  expect(await contentOf(parts)).toEqual(before);
  // Nobody has asked for it any more.
  await settleReembed(parts, atHand('other'));
  expect(parts.writer.manifest.next).toBe(null);
});

test('killed at any call of the store, one model answers for all, and the next tab brings it to an end', async () => {
  const written = await openEmbeddedIndex();
  const before = await contentOf(written);
  for (let calls = 2, isDead = true; isDead; calls += 3) {
    const memory = copyOf(written.memory);
    const fate = dyingAt(calls);
    const parts = await openTestIndex(memory, fate.wrap);
    await (async () => {
      await beginReembed(parts, atHand('other'));
      await work(queueOf(parts));
      await pruneBlocks(parts);
    })().catch(() => {});
    isDead = fate.isDead();
    const again = await openTestIndex(memory);
    if (again.writer.manifest.model?.name === 'test') expect(await contentOf(again)).toEqual(before);
    await beginReembed(again, atHand('other'));
    await work(queueOf(again));
    expect(again.writer.manifest).toMatchObject({ model: { name: 'other' }, next: null });
    for (const cosine of await cosines(again)) expect(cosine).toBeCloseTo(1, 1);
  }
});

test('an index that is cleared meanwhile stays empty', async () => {
  const parts = await openEmbeddedIndex();
  await beginReembed(parts, atHand('other'));
  const queue = queueOf(parts);
  const batch = await queue.next(1);
  await parts.writer.transact(async (manifest) => ({
    manifest: { ...manifest, segments: [], model: null, next: null },
    blocks: [],
    result: null,
  }));
  await addPages(parts, [pageOf('x', 'a text')]);
  await queue.store(batch!.ticket, embeddingOf('other'));
  expect(await work(queue)).toBe(0);
  expect([...(await contentOf(parts)).keys()]).toEqual(['x']);
});
