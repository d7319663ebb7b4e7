/**
 * What every kernel must do: the same suite runs on each, in Node and in Chromium.
 * In: a kernel and the test functions of the runner.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearbitError, ShapeError } from '../errors';
import type { Kernel, Measure, RowForm, ScanLimits } from './kernel';
import { maxEntry } from './kernel';
import { dotsByHand, nearestByHand, noise, plain, randomBitmap } from './oracle.fixture';

const dims = [8, 64, 120, 128, 136, 384, 768, 1024];
const sizes = [0, 1, 15, 16, 17, 1000];
const ks = [1, 10, 100, 1000];
const measures: Measure[] = ['hamming', 'tables'];

/** Runs the contract on one kernel. */
export function kernelSuite(kernel: Kernel): void {
  describe(`the ${kernel.name} kernel`, () => {
    for (const measure of measures) {
      for (const dim of dims) {
        it(`ranks codes of ${dim} bits by ${measure} exactly, for every n and k`, async () => {
          const codeBytes = dim / 8;
          for (const n of sizes) {
            const codes = noise(n * codeBytes, n + dim);
            const query = queryOf(measure, codeBytes, dim);
            for (const k of ks) await expectAsByHand(kernel, measure, codeBytes, codes, query, k);
          }
        });
      }

      it(`ranks by ${measure} codes of every width from 64 to 1,024 bits, filtered and not`, async () => {
        for (let codeBytes = 8; codeBytes <= 128; codeBytes += 8) {
          const codes = noise(333 * codeBytes, codeBytes);
          const query = queryOf(measure, codeBytes, codeBytes);
          const filter = randomBitmap(333, 0.5, codeBytes);
          await expectAsByHand(kernel, measure, codeBytes, codes, query, 20);
          await expectAsByHand(kernel, measure, codeBytes, codes, query, 20, { filter });
        }
      });

      it(`ranks by ${measure} codes that tie: all zeros, all ones and both`, async () => {
        for (const codeBytes of [8, 15, 48, 128]) {
          const n = 300;
          const ones = new Uint8Array(n * codeBytes).fill(255);
          const zeros = new Uint8Array(n * codeBytes);
          const both = zeros.map((_, i) => (Math.floor(i / codeBytes) % 2 ? 255 : 0));
          for (const codes of [ones, zeros, both]) {
            for (const query of tiesOf(measure, codeBytes)) {
              for (const k of [1, 7, 299, 300, 301]) {
                await expectAsByHand(kernel, measure, codeBytes, codes, query, k);
              }
            }
          }
        }
      });

      it(`ranks by ${measure} codes that come in descending order of distance, each nearer than all before`, async () => {
        const codeBytes = 48;
        const n = 20_000;
        const codes = new Uint8Array(n * codeBytes);
        for (let i = 0; i < n; i++) {
          // Distance falls from 384 to 0 in plateaus, so that every row is accepted for a while.
          const distance = Math.floor(((n - 1 - i) * 385) / n);
          for (let bit = 0; bit < distance; bit++) codes[i * codeBytes + (bit >> 3)]! |= 0x80 >> (bit & 7);
        }
        const query = measure === 'hamming' ? new Uint8Array(codeBytes) : weighBits(codeBytes);
        for (const k of ks) await expectAsByHand(kernel, measure, codeBytes, codes, query, k);
      });

      it(`scans by ${measure} only what filter, tombstones and farthest distance leave`, async () => {
        const codeBytes = 48;
        for (const n of [1, 31, 32, 33, 64, 65, 1000, 5000]) {
          const codes = noise(n * codeBytes, n);
          const query = queryOf(measure, codeBytes, 9);
          const middle = measure === 'hamming' ? 190 : 1400;
          const runs = new Uint32Array(Math.ceil(n / 32)).map((_, i) =>
            Math.floor(i / 5) % 2 ? 0xffffffff : 0,
          );
          for (const probability of [0, 0.001, 0.02, 0.2, 0.3, 0.9, 1]) {
            const bitmap = randomBitmap(n, probability, n);
            for (const limits of [
              { filter: bitmap },
              { tombstones: bitmap },
              { filter: runs, tombstones: bitmap },
              { filter: bitmap, within: middle },
            ]) {
              await expectAsByHand(kernel, measure, codeBytes, codes, query, 10, limits);
              await expectAsByHand(kernel, measure, codeBytes, codes, query, 1000, limits);
            }
          }
          for (const within of [0, 1, middle, 100_000]) {
            await expectAsByHand(kernel, measure, codeBytes, codes, query, 100, { within });
          }
        }
      });

      it(`keeps the order of arrival over blocks, with scans by ${measure} in between`, async () => {
        for (const codeBytes of [15, 48]) {
          const codes = noise(5000 * codeBytes, 3);
          const query = queryOf(measure, codeBytes, 4);
          const scanner = kernel.createScanner({ codeBytes, measure, capacity: 10 });
          let n = 0;
          for (const m of [1, 0, 15, 700, 2284, 2000]) {
            scanner.append(codes.subarray(n * codeBytes, (n + m) * codeBytes));
            n += m;
            expect(scanner.n).toBe(n);
            const held = codes.subarray(0, n * codeBytes);
            const expected = nearestByHand(measure, codeBytes, held, query, 100);
            expect(plain(await scanner.scan(query, 100))).toEqual(expected);
          }
          scanner.close();
        }
      });

      it(`answers scans by ${measure} that overlap, each its own`, async () => {
        const codeBytes = 48;
        const codes = noise(3000 * codeBytes, 12);
        const scanner = kernel.createScanner({ codeBytes, measure });
        scanner.append(codes);
        const queries = [1, 2, 3, 4].map((seed) => queryOf(measure, codeBytes, seed));
        const answers = await Promise.all(queries.map((query, i) => scanner.scan(query, 5 + i)));
        for (const [i, query] of queries.entries()) {
          expect(plain(answers[i]!)).toEqual(nearestByHand(measure, codeBytes, codes, query, 5 + i));
        }
        scanner.close();
      });

      it(`gives back each code as it came, after scans by ${measure} too`, async () => {
        for (const codeBytes of [15, 48]) {
          const codes = noise(70 * codeBytes, 7);
          const scanner = kernel.createScanner({ codeBytes, measure });
          scanner.append(codes);
          await scanner.scan(queryOf(measure, codeBytes, 1), 70);
          for (const ordinal of [0, 1, 15, 16, 31, 32, 69]) {
            const code = codes.slice(ordinal * codeBytes, (ordinal + 1) * codeBytes);
            expect(scanner.code(ordinal)).toEqual(code);
          }
          for (const ordinal of [-1, 70, 0.5]) expect(() => scanner.code(ordinal)).toThrow(ShapeError);
        }
      });
    }

    it('copies what it is given, and what it gives back', async () => {
      const codes = noise(48 * 20, 5);
      const query = codes.slice(0, 48);
      const scanner = kernel.createScanner({ codeBytes: 48 });
      scanner.append(codes);
      codes.fill(0);
      const first = await scanner.scan(query, 5);
      const before = plain(first);
      await scanner.scan(noise(48, 6), 20);
      expect(plain(first)).toEqual(before);
      expect(first.distances[0]).toBe(0);
    });

    it('multiplies rows of any form and width exactly', () => {
      const forms: RowForm[] = dims.flatMap((dim) => [
        { form: 'int8', dim: dim - 3 },
        { form: 'int8', dim },
        ...[1, 2, 4, 8].map((planes) => ({ form: 'planes', dim, planes }) as const),
      ]);
      for (const form of forms) {
        const rowBytes = form.form === 'int8' ? form.dim : (form.dim / 8) * form.planes;
        const rows = noise(50 * rowBytes, form.dim);
        const query = new Int8Array(noise(form.dim, 1).buffer);
        query[0] = -128;
        const rescorer = kernel.createRescorer(form);
        rescorer.append(rows.subarray(0, 20 * rowBytes));
        rescorer.append(rows.subarray(20 * rowBytes));
        expect(rescorer.n).toBe(50);
        const expected = dotsByHand(form, rows, query);
        const ordinals = Uint32Array.of(49, 0, 7, 7, 20);
        expect([...rescorer.dots(query, ordinals)]).toEqual(
          [...ordinals].map((ordinal) => expected[ordinal]),
        );
        expect([...rescorer.dots(query, new Uint32Array(0))]).toEqual([]);
        rescorer.clear();
        rescorer.append(rows.subarray(30 * rowBytes));
        expect([...rescorer.dots(query, Uint32Array.of(3))]).toEqual([expected[33]]);
        rescorer.close();
      }
    });

    it('names what it expected when a shape is wrong', async () => {
      expect(() => kernel.createScanner({ codeBytes: 0 })).toThrow(/expected 1 to 128 bytes, received 0/);
      expect(() => kernel.createScanner({ codeBytes: 129 })).toThrow(ShapeError);
      expect(() => kernel.createRescorer({ form: 'planes', dim: 12, planes: 4 })).toThrow(/multiple of 8/);
      expect(() => kernel.createRescorer({ form: 'planes', dim: 16, planes: 9 })).toThrow(ShapeError);
      expect(() => kernel.createRescorer({ form: 'int8', dim: 0 })).toThrow(ShapeError);
      const scanner = kernel.createScanner({ codeBytes: 48 });
      expect(() => scanner.append(new Uint8Array(47))).toThrow(
        /expected a multiple of 48 bytes, received 47/,
      );
      await expect(scanner.scan(new Uint8Array(47), 10)).rejects.toThrow(/expected 48 bytes, received 47/);
      for (const k of [0, -1, 1.5, Number.NaN]) {
        await expect(scanner.scan(new Uint8Array(48), k)).rejects.toThrow(ShapeError);
      }
      scanner.append(new Uint8Array(48 * 33));
      const short = new Uint32Array(1);
      await expect(scanner.scan(new Uint8Array(48), 1, { filter: short })).rejects.toThrow(
        /Filter of a scan: expected 2 words for 33 rows, received 1/,
      );
      await expect(scanner.scan(new Uint8Array(48), 1, { tombstones: short })).rejects.toThrow(ShapeError);
      await expect(scanner.scan(new Uint8Array(48), 1, { within: -1 })).rejects.toThrow(ShapeError);
      const rescorer = kernel.createRescorer({ form: 'int8', dim: 16 });
      expect(() => rescorer.append(new Uint8Array(17))).toThrow(/expected a multiple of 16 bytes/);
      expect(() => rescorer.dots(new Int8Array(15), new Uint32Array(0))).toThrow(/expected 16 numbers/);
      expect(() => rescorer.dots(new Int8Array(16), new Uint32Array(1))).toThrow(ShapeError);
    });

    it('refuses work after close, and may be closed twice', async () => {
      const scanner = kernel.createScanner({ codeBytes: 48, capacity: 100 });
      scanner.append(new Uint8Array(48));
      scanner.close();
      scanner.close();
      expect(() => scanner.append(new Uint8Array(48))).toThrow(NearbitError);
      expect(() => scanner.code(0)).toThrow(/closed/);
      await expect(scanner.scan(new Uint8Array(48), 1)).rejects.toThrow(/closed/);
      const rescorer = kernel.createRescorer({ form: 'int8', dim: 16 });
      rescorer.close();
      rescorer.close();
      expect(() => rescorer.append(new Uint8Array(16))).toThrow(/closed/);
      expect(() => rescorer.dots(new Int8Array(16), new Uint32Array(0))).toThrow(/closed/);
    });
  });
}

/** How many random scans a kernel must answer as another does. */
export function agreementSuite(kernel: Kernel, truth: Kernel, cases: number): void {
  const limits = fc.record({
    filter: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    tombstones: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    within: fc.option(fc.integer({ min: 0, max: 1100 }), { nil: undefined }),
  });
  it(`the ${kernel.name} kernel answers ${cases.toLocaleString('en')} random scans as the ${truth.name} kernel does`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...measures),
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 1, max: 170 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 1 << 30 }),
        limits,
        async (measure, codeBytes, n, k, mask, seed, drawn) => {
          // The mask makes ties likely: with few free bits there are few distances.
          const codes = noise(n * codeBytes, seed).map((byte, i) => (i % 3 ? 0 : byte & mask));
          const query = queryOf(measure, codeBytes, seed + 1).map((byte) => byte & mask);
          const bitmap = (probability: number | undefined) =>
            probability === undefined ? undefined : randomBitmap(n, probability, seed);
          const bounded: ScanLimits = {
            filter: bitmap(drawn.filter),
            tombstones: bitmap(drawn.tombstones),
            within: drawn.within,
          };
          const [answer, expected] = await Promise.all(
            [kernel, truth].map(async (one) => {
              const scanner = one.createScanner({ codeBytes, measure });
              const cut = (seed % (n + 1)) * codeBytes;
              scanner.append(codes.subarray(0, cut));
              scanner.append(codes.subarray(cut));
              const neighbours = plain(await scanner.scan(query, k, bounded));
              scanner.close();
              return neighbours;
            }),
          );
          expect(answer).toEqual(expected);
        },
      ),
      { numRuns: cases, seed: 20_261_121 },
    );
  }, 120_000);
}

async function expectAsByHand(
  kernel: Kernel,
  measure: Measure,
  codeBytes: number,
  codes: Uint8Array,
  query: Uint8Array,
  k: number,
  limits?: ScanLimits,
): Promise<void> {
  const scanner = kernel.createScanner({ codeBytes, measure });
  scanner.append(codes);
  const neighbours = plain(await scanner.scan(query, k, limits));
  scanner.close();
  expect(neighbours).toEqual(nearestByHand(measure, codeBytes, codes, query, k, limits));
}

/** A random code, or random tables. */
function queryOf(measure: Measure, codeBytes: number, seed: number): Uint8Array {
  if (measure === 'hamming') return noise(codeBytes, seed);
  return noise(codeBytes * 32, seed).map((byte) => byte % (maxEntry + 1));
}

/** Queries under which codes of equal bytes tie. */
function tiesOf(measure: Measure, codeBytes: number): Uint8Array[] {
  const zeros = new Uint8Array(measure === 'hamming' ? codeBytes : codeBytes * 32);
  return measure === 'hamming'
    ? [zeros, zeros.map(() => 255)]
    : [zeros, zeros.map(() => maxEntry), weighBits(codeBytes)];
}

/** Tables under which each set bit counts 7, whatever its place. */
function weighBits(codeBytes: number): Uint8Array {
  const entry = (value: number) => 7 * [...value.toString(2)].filter((bit) => bit === '1').length;
  return Uint8Array.from({ length: codeBytes * 32 }, (_, i) => entry(i % 16));
}
