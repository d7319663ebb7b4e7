import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import { noise, sampleSet } from './instant.suite';
import type { InstantStart } from './instant-shape';
import { decodeStart, encodeStart } from './instant-start';
import { storedCentroids, storedMean, storedSpread } from './instant-vectors';

const float = () => fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 });

/** Ascending, the first from 0. */
const rising = (length: number, most: number) =>
  fc.array(fc.nat(most), { minLength: length, maxLength: length }).map((steps) => {
    let sum = 0;
    return Uint32Array.from(steps, (step) => (sum += step));
  });

const table = (parts: number) =>
  fc.record({
    perPack: fc.integer({ min: 1, max: 9 }),
    sizes: fc
      .array(fc.integer({ min: 1, max: 70_000 }), { minLength: parts, maxLength: parts })
      .map((units) => Uint32Array.from(units, (unit) => unit * 16)),
  });

const meaningOf = (pages: number) =>
  fc
    .record({ dim: fc.constantFrom(8, 16, 40), cells: fc.integer({ min: 1, max: 5 }) })
    .chain(({ dim, cells }) =>
      fc.record({
        dim: fc.constant(dim),
        bits: fc.constantFrom(1, 2),
        mean: fc
          .float32Array({ minLength: dim, maxLength: dim, noNaN: true, min: -4, max: 4 })
          .map(storedMean),
        spread: fc
          .float32Array({ minLength: dim, maxLength: dim, noNaN: true, min: 0, max: 4 })
          .map(storedSpread),
        cosineSd: fc.double({ min: 0.001, max: 1, noNaN: true }),
        centroids: fc
          .array(float(), { minLength: dim * cells, maxLength: dim * cells })
          .map((x) => Float32Array.from(x)),
        cellPages: rising(cells, 3).map((counts) => {
          const last = counts.at(-1)!;
          return Uint32Array.of(
            0,
            ...counts.subarray(0, -1).map((x) => (last === 0 ? 0 : Math.floor((x / last) * pages))),
            pages,
          );
        }),
      }),
    );

const starts: fc.Arbitrary<InstantStart> = fc
  .record({ words: fc.nat(6), cards: fc.nat(6), more: fc.nat(20) })
  .chain(({ words, cards, more }) => {
    const pages = cards + more;
    return fc.record({
      design: fc.constantFrom('cells' as const, 'expansion' as const),
      analyser: fc.nat(9),
      language: fc.string({ unit: 'binary', maxLength: 5 }),
      languages: fc.array(fc.string({ maxLength: 5 })),
      pages: fc.constant(pages),
      passages: fc.nat(),
      weights: fc.record({
        cosine: fc.double({ min: 0, max: 1000, noNaN: true }),
        firstPassage: fc.double({ min: 0, max: 1, noNaN: true }),
        pageWords: fc.double({ min: 0, max: 1, noNaN: true }),
        links: fc.double({ min: 0, max: 1000, noNaN: true }),
      }),
      packs: fc.record({ words: table(words), cells: fc.nat(4).chain(table), cards: table(cards) }),
      firstTerms: fc
        .uniqueArray(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: words, maxLength: words })
        .map((terms) => terms.sort()),
      firstPages: fc.constant(Uint32Array.from({ length: cards }, (_, i) => i)),
      linked: fc.uint8Array({ minLength: pages, maxLength: pages, max: 15 }),
      meaning: fc.option(meaningOf(pages), { nil: null }),
    });
  });

/** Length 1 of what has any. */
function lengths(rows: Float32Array, dim: number): number[] {
  return Array.from({ length: rows.length / dim }, (_, i) =>
    Math.hypot(...rows.subarray(i * dim, (i + 1) * dim)),
  );
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error) => (error instanceof FormatError ? error.code : String(error)),
  );
}

describe('the start of the instant tier', () => {
  it('comes back as it was written', async () => {
    const { start } = await sampleSet(3);
    expect(await decodeStart(await encodeStart(start), 'start.bin')).toEqual(start);
    const words: InstantStart = { ...start, meaning: null, design: 'expansion' };
    expect(await decodeStart(await encodeStart(words), 'start.bin')).toEqual(words);
  });

  it('comes back whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(starts, async (start) => {
        const { meaning, ...rest } = await decodeStart(await encodeStart(start), 'start.bin');
        const { meaning: given, ...expected } = start;
        // "-0" is written as 0.
        expect(rest).toEqual({ ...expected, weights: JSON.parse(JSON.stringify(expected.weights)) });
        if (!given) {
          expect(meaning).toBeNull();
          return;
        }
        const { centroids, ...vectors } = meaning!;
        const { centroids: raw, ...exact } = given;
        expect(vectors).toEqual(exact);
        expect(centroids).toEqual(storedCentroids(raw, given.mean));
        for (const length of lengths(centroids, given.dim))
          expect(length < 1e-6 || Math.abs(length - 1) < 1e-5).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('keeps of centroids what says which cell is near', () => {
    const dim = 192;
    const mean = storedMean(Float32Array.from({ length: dim }, (_, i) => Math.sin(i) / 10));
    const bytes = noise(dim * 4 * 4, 3);
    // A sum of four is near enough to normal.
    const rows = Float32Array.from(
      { length: dim * 4 },
      (_, i) =>
        mean[i % dim]! + bytes.subarray(4 * i, 4 * i + 4).reduce((sum, byte) => sum + byte / 1000, -0.51),
    );
    const stored = storedCentroids(rows, mean);
    for (let i = 0; i < 4; i++) {
      const row = rows.subarray(i * dim, (i + 1) * dim);
      const cosine = row.reduce((sum, x, d) => sum + x * stored[i * dim + d]!, 0) / Math.hypot(...row);
      expect(cosine).toBeGreaterThan(0.88);
    }
  });

  it('gives the builder the vectors that readers get, however often they are rounded', () => {
    const values = (seed: number) =>
      Float32Array.from({ length: 192 }, (_, i) => Math.sin(i * 12.9898 + seed) * 0.3 + (i % 7) / 50);
    const mean = storedMean(values(1));
    const spread = storedSpread(values(2).map(Math.abs));
    const centroids = storedCentroids(Float32Array.from([...values(3), ...values(4)]), mean);
    expect(storedMean(mean)).toEqual(mean);
    expect(storedSpread(spread)).toEqual(spread);
    const again = storedCentroids(centroids, mean);
    for (let i = 0; i < again.length; i++) expect(again[i]).toBeCloseTo(centroids[i]!, 6);
  });

  it('is refused by name wherever a byte is changed, cut off or added', async () => {
    const { files } = await sampleSet(3);
    const whole = files.get('start.bin')!;
    for (let i = 0; i < whole.length; i++) {
      // Two bytes of the header say nothing.
      if (i === 6 || i === 7) continue;
      const changed = whole.slice();
      changed[i]! ^= 4;
      expect(await codeOf(decodeStart(changed, 'start.bin'))).toMatch(/^format-/);
    }
    for (const length of [0, 7, 8, 12, 13, 40, whole.length - 1])
      expect(await codeOf(decodeStart(whole.slice(0, length), 'start.bin'))).toBe('format-corrupt');
    expect(await codeOf(decodeStart(Uint8Array.from([...whole, 0]), 'start.bin'))).toBe('format-corrupt');
    await expect(decodeStart(whole.slice(0, 99), 'start.bin')).rejects.toThrow(/^Cannot read start\.bin: /);
  });

  it('tells a newer version from damage', async () => {
    const { files } = await sampleSet(3);
    const newer = files.get('start.bin')!.slice();
    newer[4] = 2;
    expect(await codeOf(decodeStart(newer, 'start.bin'))).toBe('format-too-new');
  });

  it('is refused where its tables do not fit each other', async () => {
    const { start } = await sampleSet(3);
    const wrong: Partial<InstantStart>[] = [
      { firstTerms: start.firstTerms.slice(1) },
      { firstTerms: start.firstTerms.toReversed() },
      { firstPages: start.firstPages.slice(1) },
      { firstPages: start.firstPages.map((page) => page + 1) },
      { meaning: { ...start.meaning!, cellPages: Uint32Array.of(0, 5, 5, 12) } },
      { meaning: { ...start.meaning!, dim: 17 } },
      { meaning: { ...start.meaning!, centroids: start.meaning!.centroids.subarray(16) } },
    ];
    for (const change of wrong)
      expect(await codeOf(decodeStart(await encodeStart({ ...start, ...change }), 'start.bin'))).toBe(
        'format-corrupt',
      );
  });
});
