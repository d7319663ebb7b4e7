import { expect, test } from 'vitest';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import { planCompaction } from './plan-compaction';
import { testModel } from './tidy-index.fixture';
import { emptyManifest } from './writer';

const ref = (hash: string) => ({ hash, bytes: 100 });

interface Made {
  dead?: number;
  /** Groups with codes, of two. */
  embedded?: number;
  frame?: string;
  rotation?: 'random' | 'fitted';
}

/** A segment of as many pages as passages. */
function segmentOf(
  id: number,
  passages: number,
  { dead = 0, embedded = 2, frame = 'f', rotation = 'random' }: Made = {},
): LiveSegment {
  const half = passages / 2;
  return {
    id,
    counts: { pages: passages, passages, terms: 0 },
    languages: {},
    totalLength: 0,
    analyser: 1,
    pages: ref('p'),
    documents: ref('d'),
    fields: null,
    groups: [0, 1].map((i) => ({
      pages: half,
      passages: half,
      texts: ref('t'),
      fine: i < embedded ? ref('x') : null,
    })),
    postings: [],
    codes: [],
    code: embedded > 0 ? { bits: 16, planes: 4, rotation, frame: ref(frame) } : null,
    dead: dead > 0 ? ref('dead') : null,
    deadPages: dead,
    deadPassages: dead,
  };
}

function manifestOf(segments: LiveSegment[]): LiveManifest {
  return { ...emptyManifest(), segments, model: testModel, nextSegment: segments.length + 1 };
}

function plan(...segments: LiveSegment[]): number[] | null {
  return planCompaction(manifestOf(segments));
}

test('six of a size are merged, five are not', () => {
  const six = [1, 2, 3, 4, 5, 6].map((id) => segmentOf(id, 4));
  expect(plan(...six)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(plan(...six.slice(1))).toBe(null);
});

test('small segments are merged without the large one beside them', () => {
  const small = [2, 3, 4, 5, 6, 7].map((id) => segmentOf(id, 4));
  expect(plan(segmentOf(1, 1000), ...small)).toEqual([2, 3, 4, 5, 6, 7]);
});

test('neighbours of changing sizes are merged as one run', () => {
  const sizes = [30, 4, 30, 4, 30, 4, 30, 4, 30, 4, 30];
  expect(plan(...sizes.map((n, i) => segmentOf(i + 1, n)))).toEqual(sizes.map((_, i) => i + 1));
  expect(plan(...sizes.slice(0, 10).map((n, i) => segmentOf(i + 1, n)))).toBe(null);
});

test('a segment with more than a third dead is rewritten, one that is dead as a whole goes first', () => {
  const much = segmentOf(1, 90_000, { dead: 30_002 });
  expect(plan(much, segmentOf(2, 10))).toEqual([1]);
  expect(plan(segmentOf(1, 90_000, { dead: 30_000 }), segmentOf(2, 10))).toBe(null);
  expect(plan(much, segmentOf(2, 10, { dead: 10 }), segmentOf(3, 2), segmentOf(4, 2, { dead: 2 }))).toEqual([
    2, 4,
  ]);
});

test('large segments are not merged', () => {
  expect(plan(...[1, 2, 3, 4, 5, 6].map((id) => segmentOf(id, 60_000)))).toBe(null);
  // Six of these would be too large.
  expect(plan(...[1, 2, 3, 4, 5, 6].map((id) => segmentOf(id, 20_000)))).toEqual([1, 2, 3]);
});

test('a segment is merged when all of it has embeddings, or nothing', () => {
  const made = [2, 2, 2, 1, 2, 2, 2].map((embedded, i) => segmentOf(i + 1, 4, { embedded }));
  expect(plan(...made)).toBe(null);
  const none = [1, 2, 3, 4, 5, 6].map((id) => segmentOf(id, 4, { embedded: 0 }));
  // The newest is what the queue is at.
  expect(plan(...none)).toBe(null);
  expect(plan(...none, segmentOf(7, 4, { embedded: 0 }))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(planCompaction({ ...manifestOf(none), model: null })).toEqual([1, 2, 3, 4, 5, 6]);
});

test('codes are brought into another frame only where they are few, and the rotation is the same', () => {
  const frames = (passages: number, rotation: 'random' | 'fitted') =>
    plan(...[...'aaafff'].map((frame, i) => segmentOf(i + 1, passages, { frame, rotation })));
  expect(frames(4, 'random')).toEqual([1, 2, 3, 4, 5, 6]);
  expect(frames(4, 'fitted')).toBe(null);
  expect(frames(300, 'random')).toBe(null);
  const oneLarge = [...'aaafff'].map((frame, i) => segmentOf(i + 1, i === 0 ? 258 : 220, { frame }));
  expect(plan(...oneLarge)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('nothing is planned while everything is embedded again, nor of segments that cannot be read', () => {
  const manifest = manifestOf([1, 2, 3, 4, 5, 6].map((id) => segmentOf(id, 4)));
  expect(planCompaction({ ...manifest, next: { model: testModel, segments: {} } })).toBe(null);
  expect(planCompaction(manifest, new Set([3]))).toBe(null);
});

test('with one document at a time there are few segments, and each is rewritten a few times', () => {
  let segments: LiveSegment[] = [];
  const rewrites = new Map<number, number>();
  let most = 0;
  let id = 1;
  for (let n = 0; n < 5000; n++) {
    segments.push(segmentOf(id++, 2));
    for (;;) {
      const ids = planCompaction(manifestOf(segments));
      if (!ids) break;
      const at = segments.findIndex((segment) => segment.id === ids[0]);
      const members = segments.slice(at, at + ids.length);
      expect(members.map((segment) => segment.id)).toEqual(ids);
      const times = 1 + Math.max(...ids.map((one) => rewrites.get(one) ?? 0));
      const merged = segmentOf(
        id++,
        members.reduce((sum, { counts }) => sum + counts.passages, 0),
      );
      rewrites.set(merged.id, times);
      most = Math.max(most, times);
      segments = segments.toSpliced(at, ids.length, merged);
    }
    expect(segments.length).toBeLessThan(30);
  }
  // log₆ 10,000 is 5.1.
  expect(most).toBeLessThanOrEqual(7);
});
