import { expect, test } from 'vitest';
import { codeSizes, decodeCodes, decodeFrame, encodeCodes, encodeFrame, type Frame } from '../codes';
import { applyFrame } from '../codes/frame';
import { mixingRotation } from '../codes/rotation';
import { clusteredUnits } from '../codes/synthetic.suite';
import type { LiveSegment } from '../segment/live-shape';
import { sameBytes } from '../store/live-commit';
import type { BlockKind, BlockRef } from '../types';
import { CodeMerger, chooseCode, joinBytes } from './merge-codes';
import type { SegmentReader } from './segment-reader';

const dim = 8;
const { codeBytes, fineBytes } = codeSizes(dim);
const code = { bits: dim, planes: 4, rotation: 'random', frame: { hash: 'frame', bytes: 1 } } as const;

function frameAbout(mean: number): Frame {
  return { dim, mean: new Float32Array(dim).fill(mean), rotation: mixingRotation(dim), kind: 'random' };
}

/** Rows that say which passage they are of. */
function rowsOf(first: number, n: number, rowBytes: number): Uint8Array {
  const rows = new Uint8Array(n * rowBytes);
  for (let i = 0; i < n; i++) rows.set([(first + i) & 255, (first + i) >> 8], i * rowBytes);
  return rows;
}

/** A segment whose blocks of codes and groups hold so many passages. */
function readerOf(codes: readonly number[], groups: readonly number[], lost = -1): SegmentReader {
  const payloads: Uint8Array[] = [];
  const refsOf = (sizes: readonly number[], rowBytes: number) => {
    let first = 0;
    return sizes.map((passages, i) => {
      const rows = rowsOf(first, passages, rowBytes);
      first += passages;
      payloads.push(i === lost ? rows.subarray(1) : rows);
      return { hash: `${payloads.length - 1}`, bytes: 0, passages };
    });
  };
  const fines = refsOf(groups, fineBytes);
  const segment = {
    code,
    codes: refsOf(codes, codeBytes),
    groups: fines.map((ref) => ({ ...ref, fine: ref })),
  };
  return {
    segment: segment as unknown as LiveSegment,
    readBlock: async (kind: BlockKind, { hash }: BlockRef) =>
      kind === 'frame' ? encodeFrame(frameAbout(0.1)) : payloads[Number(hash)]!,
  } as SegmentReader;
}

function written() {
  const blocks: { kind: BlockKind; payload: Uint8Array }[] = [];
  const put = async (kind: BlockKind, payload: Uint8Array) => {
    blocks.push({ kind, payload });
    return { hash: `new ${blocks.length}`, bytes: payload.length };
  };
  const of = (kind: BlockKind) => blocks.filter((block) => block.kind === kind).map(({ payload }) => payload);
  return { put, of };
}

test('rows come from whatever blocks they lie in, and blocks of codes end with a group', async () => {
  const { put, of } = written();
  const merger = await CodeMerger.open([readerOf([7000, 9000, 4000], [8000, 8000, 4000])], code, put);
  for (const first of [0, 8000]) await merger.addGroup([{ member: 0, first, passages: 8000 }], null);
  await merger.addGroup([{ member: 0, first: 16_000, passages: 4000 }], null);
  await merger.finish();
  expect(merger.codes.map(({ passages }) => passages)).toEqual([16_000, 4000]);
  expect(sameBytes(joinBytes(of('codes')), rowsOf(0, 20_000, codeBytes))).toBe(true);
  expect(sameBytes(joinBytes(of('fine')), rowsOf(0, 20_000, fineBytes))).toBe(true);
});

test('passages that are left out leave no rows, and a block of finer planes that stays is not written again', async () => {
  const { put, of } = written();
  const merger = await CodeMerger.open([readerOf([10], [4, 6]), readerOf([3], [3])], code, put);
  const kept = { hash: 'kept', bytes: 1 };
  expect(await merger.addGroup([{ member: 0, first: 0, passages: 4 }], kept)).toBe(kept);
  const ranges = [
    { member: 0, first: 5, passages: 2 },
    { member: 0, first: 9, passages: 1 },
    { member: 1, first: 1, passages: 2 },
  ];
  await merger.addGroup(ranges, null);
  await merger.finish();
  const numbers = (rows: Uint8Array, rowBytes: number) => [...rows].filter((_, i) => i % rowBytes === 0);
  expect(numbers(of('codes')[0]!, codeBytes)).toEqual([0, 1, 2, 3, 5, 6, 9, 1, 2]);
  expect(of('fine').map((rows) => numbers(rows, fineBytes))).toEqual([[5, 6, 9, 1, 2]]);
});

test('a block that does not hold as many rows as the manifest says is damage', async () => {
  const merger = await CodeMerger.open([readerOf([10], [10], 0)], code, written().put);
  await expect(merger.addGroup([{ member: 0, first: 0, passages: 10 }], null)).rejects.toMatchObject({
    code: 'format-corrupt',
  });
});

/** A segment of one group, coded in a frame. */
function codedReader(frame: Frame, rows: Float32Array): SegmentReader {
  const { codes, fine } = encodeCodes(frame, rows);
  const payloads: Partial<Record<BlockKind, Uint8Array>> = { frame: encodeFrame(frame), codes, fine };
  const passages = rows.length / dim;
  const segment = {
    code: { ...code, frame: { hash: `about ${frame.mean[0]}`, bytes: 1 } },
    codes: [{ hash: 'codes', bytes: 0, passages }],
    groups: [{ fine: { hash: 'fine', bytes: 0 }, passages }],
    counts: { passages },
  };
  return {
    segment: segment as unknown as LiveSegment,
    readBlock: async (kind: BlockKind) => payloads[kind]!,
  } as unknown as SegmentReader;
}

test('codes come into one frame: that of the most, moved to their mean where it was made without one', async () => {
  // All lie about one direction, as the embeddings of some models do.
  const rows = clusteredUnits(60, dim, 9).map((x, i) => 0.3 * x + (i % dim === 2 ? 0.9 : 0));
  const parts = [rows.subarray(0, 50 * dim), rows.subarray(50 * dim)] as const;
  for (const first of [0, 0.1]) {
    const { put, of } = written();
    const readers = [codedReader(frameAbout(first), parts[0]), codedReader(frameAbout(0.2), parts[1])];
    const chosen = chooseCode(readers.map(({ segment }) => segment))!;
    expect(chosen).toBe(readers[0]!.segment.code);
    const merger = await CodeMerger.open(readers, chosen, put);
    await merger.addGroup(
      [
        { member: 0, first: 0, passages: 50 },
        { member: 1, first: 0, passages: 10 },
      ],
      null,
    );
    await merger.finish();
    const [moved] = of('frame');
    expect(merger.code === chosen).toBe(!moved);
    const frame = moved ? decodeFrame(moved) : frameAbout(first);
    expect(frame.mean[2]! > 0.8).toBe(first === 0);
    const decoded = decodeCodes(of('codes')[0]!, of('fine')[0]!, dim);
    const exact = applyFrame(frame, rows);
    let error = 0;
    for (let i = 0; i < exact.length; i++) error += Math.abs(exact[i]! - decoded[i]!) / exact.length;
    expect(error).toBeLessThan(0.05);
  }
});
