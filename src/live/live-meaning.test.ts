import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Frame } from '../codes';
import { dot } from '../codes/synthetic.suite';
import type { Kernel } from '../kernels/kernel';
import { portableKernel } from '../kernels/portable';
import { LegMemory } from '../search/vector-leg';
import { blockPath } from '../segment/block';
import { idsOf, searched } from './searched-index.fixture';
import {
  addPages,
  dim,
  embeddingOf,
  frameOf,
  openTestIndex,
  pageOf,
  removePages,
  type TestIndex,
} from './tidy-index.fixture';

/** Codes of 16 dimensions say little: a cosine is off by this much at most. */
const cosineError = 0.15;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const textOf = (id: string) => `what ${id} says`;
const note = (id: string, fields?: Parameters<typeof pageOf>[2]) => pageOf(id, textOf(id), fields);
const meant = (id: string) => embeddingOf(textOf(id));

/** A kernel that counts what is made and closed. */
function countedKernel() {
  const counts = { made: 0, open: 0, appended: 0, scans: 0 };
  const kernel: Kernel = {
    ...portableKernel,
    createScanner(options) {
      counts.made++;
      counts.open++;
      const scanner = portableKernel.createScanner(options);
      return {
        get n() {
          return scanner.n;
        },
        append(codes) {
          counts.appended++;
          scanner.append(codes);
        },
        scan(query, k, limits) {
          counts.scans++;
          return scanner.scan(query, k, limits);
        },
        code: (ordinal) => scanner.code(ordinal),
        close() {
          counts.open--;
          scanner.close();
        },
      };
    },
  };
  return { kernel, counts };
}

async function threeSegments(frames: (Frame | null)[]): Promise<TestIndex> {
  const index = await openTestIndex();
  for (const [i, frame] of frames.entries())
    await addPages(
      index,
      range(40).map((n) => note(`${i} ${n}`, { part: i, even: n % 2 === 0 })),
      { frame },
    );
  return index;
}

describe('meaning over several segments', () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => void process.on('unhandledRejection', listen));
  afterEach(() => {
    process.off('unhandledRejection', listen);
    expect(unhandled.splice(0)).toEqual([]);
  });

  test('finds the nearest whatever frame a segment is in, with cosines that compare', async () => {
    const { search } = searched(await threeSegments([frameOf(0), frameOf(0.1), frameOf(0)]));
    for (const id of ['0 3', '1 7', '2 39']) {
      const { hits, tier, found } = await search('', meant(id), { limit: 100 });
      expect(tier).toBe('full');
      expect(hits[0]!.id).toBe(id);
      // The 80 of one frame and the 40 of the other are all among the candidates.
      expect(found).toBe(120);
      for (const hit of hits)
        expect(Math.abs(hit.scores.vector! - dot(meant(id), 0, meant(hit.id), 0, dim))).toBeLessThan(
          cosineError,
        );
    }
  });

  test('takes removed pages and those that do not pass out of the scan', async () => {
    const index = await threeSegments([frameOf(0), frameOf(0)]);
    await removePages(index, ['1 8']);
    const { search } = searched(index);
    const answer = await search('', meant('1 8'), { limit: 100, filter: { part: 1, even: true } });
    expect(answer.found).toBe(19);
    expect(idsOf(answer).every((id) => /^1 \d*[02468]$/.test(id) && id !== '1 8')).toBe(true);
    expect((await search('', meant('1 8'), { limit: 100 })).found).toBe(79);
  });

  test('shows pages that are not embedded yet where words find them', async () => {
    const index = await threeSegments([frameOf(0), null]);
    const { search } = searched(index);
    const found = await search('says ', meant('0 1'), { limit: 100 });
    expect(found.hits[0]!.id).toBe('0 1');
    const unread = found.hits.filter(({ scores }) => scores.vector === null);
    expect(unread.map(({ id }) => id[0])).toEqual(Array(40).fill('1'));
    // What words give them is not less than what they give others.
    const words = (id: string) => found.hits.find((hit) => hit.id === id)!.explanation.shares.words;
    expect(words('1 3')).toBe(words('0 3'));
    expect((await search('', meant('0 1'), { limit: 100 })).found).toBe(40);
  });

  test('without any embedding answers by words', async () => {
    const { search } = searched(await threeSegments([null]));
    const answer = await search('3', meant('0 3'));
    expect(answer.tier).toBe('lexical');
  });

  test('refuses an embedding of another dimension by name', async () => {
    const { search } = searched(await threeSegments([frameOf(0)]));
    await expect(search('says', new Float32Array(24))).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(search('says', new Float32Array(dim).fill(Number.NaN))).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });

  test('keeps a scanner while its segment is, and puts further codes behind those it holds', async () => {
    const { kernel, counts } = countedKernel();
    const index = await openTestIndex();
    const frame = frameOf(0);
    // Long texts make several groups.
    const long = range(40).map((i) => pageOf(`long ${i}`, `text ${i} ${'and more '.repeat(700)}`));
    await addPages(index, long, { frame, groups: 1 });
    const { search, searcher } = searched(index, kernel);
    const before = await search('', embeddingOf('x'), { limit: 100 });
    expect(counts).toMatchObject({ made: 1, open: 1, appended: 1 });

    const [segment] = index.writer.manifest.segments;
    expect(segment!.groups.length).toBeGreaterThan(1);
    const whole = await openTestIndex();
    await addPages(whole, long, { frame });
    const [embedded] = whole.writer.manifest.segments;
    await index.writer.transact(async (manifest) => ({
      manifest: { ...manifest, segments: [embedded!] },
      blocks: [...whole.memory.blocks].flatMap(([path, bytes]) => {
        const refs = [...embedded!.codes, ...embedded!.groups.flatMap(({ fine }) => fine ?? [])];
        const ref = refs.find(({ hash }) => path.includes(hash));
        return ref
          ? [{ kind: path.endsWith('codes') ? ('codes' as const) : ('fine' as const), ref, bytes }]
          : [];
      }),
      result: null,
    }));
    const after = await search('', embeddingOf('x'), { limit: 100 });
    expect(after.found).toBe(40);
    expect(before.found).toBeLessThan(40);
    expect(counts).toMatchObject({ made: 1, open: 1, appended: embedded!.codes.length });

    await removePages(index, ['long 1']);
    expect((await search('', embeddingOf('x'), { limit: 100 })).found).toBe(39);
    await addPages(index, [note('new')], { frame });
    expect((await search('', meant('new'))).hits[0]!.id).toBe('new');
    expect(counts).toMatchObject({ made: 2, open: 2, appended: embedded!.codes.length + 1 });

    await index.writer.transact(async (manifest) => ({
      manifest: { ...manifest, segments: manifest.segments.slice(1) },
      blocks: [],
      result: null,
    }));
    expect(idsOf(await search('', meant('new')))).toEqual(['new']);
    await searcher.warm();
    expect(counts).toMatchObject({ made: 2, open: 1 });
    await searcher.close();
    expect(counts.open).toBe(0);
  });

  test('closes a scanner only after the last query that uses it', async () => {
    const { kernel, counts } = countedKernel();
    const index = await threeSegments([frameOf(0)]);
    const { searcher, show } = searched(index, kernel);
    show();
    await searcher.warm();
    const queries = range(5).map((i) => searcher.search('', meant(`0 ${i}`)));
    await addPages(index, [note('other')], { frame: frameOf(0.1) });
    await index.writer.transact(async (manifest) => ({
      manifest: { ...manifest, segments: manifest.segments.slice(1) },
      blocks: [],
      result: null,
    }));
    show();
    const later = searcher.search('', meant('other'));
    for (const [i, query] of queries.entries()) expect((await query).hits[0]!.id).toBe(`0 ${i}`);
    expect(idsOf(await later)).toEqual(['other']);
    await searcher.close();
    expect(counts).toMatchObject({ made: 2, open: 0 });
  });

  test('closed while a query runs lets it end', async () => {
    const { kernel, counts } = countedKernel();
    const { searcher, show } = searched(await threeSegments([frameOf(0), frameOf(0.1)]), kernel);
    show();
    const query = searcher.search('says', meant('0 1'));
    await searcher.close();
    expect((await query).hits[0]!.id).toBe('0 1');
    expect(counts).toMatchObject({ made: 2, open: 0 });
  });

  test('leaves a segment out whose codes are lost, and says so', async () => {
    const index = await threeSegments([frameOf(0), frameOf(0)]);
    const { segments } = index.writer.manifest;
    const path = blockPath('codes', segments[0]!.codes[0]!);
    const bytes = index.memory.blocks.get(path)!;
    index.memory.blocks.delete(path);
    const { search } = searched(index);
    const answer = await search('', meant('1 3'), { limit: 100 });
    expect(answer.found).toBe(40);
    expect(answer.notices.join()).toContain(path);
    // Words still find it.
    expect(idsOf(await search('0 3', meant('1 3'), { limit: 100 }))).toContain('0 3');
    index.memory.blocks.set(path, bytes);
    expect((await search('', meant('1 3'), { limit: 100 })).notices).toEqual([]);
  });
});

test('few codes are held by the small kernel, which sets no addresses aside', () => {
  const asked: string[] = [];
  const named = (name: string): Kernel => ({
    ...portableKernel,
    createScanner(options) {
      asked.push(name);
      return portableKernel.createScanner(options);
    },
  });
  const memory = new LegMemory(named('large'), named('small'));
  for (const codes of [1024, 1025]) memory.scanner(8, codes).close();
  expect(asked).toEqual(['small', 'large']);
});
