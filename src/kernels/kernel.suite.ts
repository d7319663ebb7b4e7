/**
 * What every kernel must do: the same suite runs on each, in Node and in Chromium.
 * In: a kernel and the test functions of the runner. The oracle sorts plain numbers and shares no code with the kernels.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearbitError, ShapeError } from '../errors';
import type { Kernel, Neighbours } from './kernel';

const dims = [8, 64, 120, 128, 136, 384, 768, 1024];
const sizes = [0, 1, 15, 16, 17, 1000];
const ks = [1, 10, 100, 1000];

/** Runs the contract on one kernel. */
export function kernelSuite(kernel: Kernel): void {
  describe(`the ${kernel.name} kernel`, () => {
    for (const dim of dims) {
      it(`ranks codes of ${dim} bits exactly, for every n and k`, () => {
        const codeBytes = dim / 8;
        for (const n of sizes) {
          const codes = noise(n * codeBytes, n + dim);
          const query = noise(codeBytes, dim);
          for (const k of ks) expect(scan(kernel, codes, query, k)).toEqual(naive(codes, query, k));
        }
      });

      it(`ranks codes of ${dim} bits that tie, all zeros, all ones and both`, () => {
        const codeBytes = dim / 8;
        const n = 300;
        const ones = new Uint8Array(n * codeBytes).fill(255);
        const zeros = new Uint8Array(n * codeBytes);
        const both = zeros.map((_, i) => (Math.floor(i / codeBytes) % 2 ? 255 : 0));
        for (const codes of [ones, zeros, both]) {
          for (const query of [zeros.slice(0, codeBytes), ones.slice(0, codeBytes)]) {
            for (const k of [1, 7, 299, 300, 301]) {
              expect(scan(kernel, codes, query, k)).toEqual(naive(codes, query, k));
            }
          }
        }
      });
    }

    it('ranks codes that come in descending order of distance, each nearer than all before', () => {
      const codeBytes = 48;
      const n = 20_000;
      const codes = new Uint8Array(n * codeBytes);
      for (let i = 0; i < n; i++) {
        // Distance falls from 384 to 0 in plateaus, so that every row is accepted for a while.
        const distance = Math.floor(((n - 1 - i) * 385) / n);
        for (let bit = 0; bit < distance; bit++) codes[i * codeBytes + (bit >> 3)]! |= 0x80 >> (bit & 7);
      }
      const query = new Uint8Array(codeBytes);
      for (const k of ks) expect(scan(kernel, codes, query, k)).toEqual(naive(codes, query, k));
    });

    it('keeps the order of arrival over blocks, with scans in between', () => {
      for (const codeBytes of [15, 48]) {
        const codes = noise(5000 * codeBytes, 3);
        const query = noise(codeBytes, 4);
        const scanner = kernel.createScanner(codeBytes, 10);
        let n = 0;
        for (const m of [1, 0, 15, 700, 2284, 2000]) {
          scanner.append(codes.subarray(n * codeBytes, (n + m) * codeBytes));
          n += m;
          expect(scanner.n).toBe(n);
          expect(plain(scanner.scan(query, 100))).toEqual(
            naive(codes.subarray(0, n * codeBytes), query, 100),
          );
        }
        scanner.close();
      }
    });

    it('copies what it is given, and what it gives back', () => {
      const codes = noise(48 * 20, 5);
      const query = codes.slice(0, 48);
      const scanner = kernel.createScanner(48);
      scanner.append(codes);
      codes.fill(0);
      const first = scanner.scan(query, 5);
      const before = plain(first);
      scanner.scan(noise(48, 6), 20);
      expect(plain(first)).toEqual(before);
      expect(first.distances[0]).toBe(0);
    });

    it('gives back each code as it came, after scans too', () => {
      for (const codeBytes of [15, 48]) {
        const codes = noise(30 * codeBytes, 7);
        const scanner = kernel.createScanner(codeBytes);
        scanner.append(codes);
        scanner.scan(codes.subarray(0, codeBytes), 30);
        for (const ordinal of [0, 1, 29]) {
          expect(scanner.code(ordinal)).toEqual(codes.slice(ordinal * codeBytes, (ordinal + 1) * codeBytes));
        }
        for (const ordinal of [-1, 30, 0.5]) expect(() => scanner.code(ordinal)).toThrow(ShapeError);
      }
    });

    it('agrees with a sort on 300 random sets of codes, few different bits, any width', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 128 }),
          fc.integer({ min: 0, max: 200 }),
          fc.integer({ min: 1, max: 220 }),
          fc.integer({ min: 1, max: 255 }),
          fc.integer({ min: 1, max: 1 << 30 }),
          (codeBytes, n, k, mask, seed) => {
            // The mask makes ties likely: with few free bits there are few distances.
            const codes = noise(n * codeBytes, seed).map((byte, i) => (i % 3 ? 0 : byte & mask));
            const query = noise(codeBytes, seed + 1).map((byte) => byte & mask);
            expect(scan(kernel, codes, query, k)).toEqual(naive(codes, query, k));
          },
        ),
        { numRuns: 300, seed: 20_261_121 },
      );
    });

    it('names what it expected when a shape is wrong', () => {
      expect(() => kernel.createScanner(0)).toThrow(/expected 1 to 128 bytes, received 0/);
      expect(() => kernel.createScanner(129)).toThrow(ShapeError);
      const scanner = kernel.createScanner(48);
      expect(() => scanner.append(new Uint8Array(47))).toThrow(
        /expected a multiple of 48 bytes, received 47/,
      );
      expect(() => scanner.scan(new Uint8Array(47), 10)).toThrow(/expected 48 bytes, received 47/);
      for (const k of [0, -1, 1.5, Number.NaN]) {
        expect(() => scanner.scan(new Uint8Array(48), k)).toThrow(ShapeError);
      }
    });

    it('refuses work after close, and may be closed twice', () => {
      const scanner = kernel.createScanner(48, 100);
      scanner.append(new Uint8Array(48));
      scanner.close();
      scanner.close();
      for (const call of [
        () => scanner.scan(new Uint8Array(48), 1),
        () => scanner.append(new Uint8Array(48)),
      ]) {
        expect(call).toThrow(NearbitError);
        expect(call).toThrow(/closed/);
      }
    });
  });
}

/** Reproducible bytes (a linear congruential generator's upper bits). */
function noise(length: number, seed: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function scan(kernel: Kernel, codes: Uint8Array, query: Uint8Array, k: number) {
  const scanner = kernel.createScanner(query.length);
  scanner.append(codes);
  const neighbours = plain(scanner.scan(query, k));
  scanner.close();
  return neighbours;
}

function plain(neighbours: Neighbours) {
  return { ordinals: [...neighbours.ordinals], distances: [...neighbours.distances] };
}

/** The oracle: count bits one by one, sort everything. */
function naive(codes: Uint8Array, query: Uint8Array, k: number) {
  const rows = [];
  for (let ordinal = 0; ordinal < codes.length / query.length; ordinal++) {
    let distance = 0;
    for (let j = 0; j < query.length; j++) {
      for (let bits = codes[ordinal * query.length + j]! ^ query[j]!; bits; bits &= bits - 1) distance++;
    }
    rows.push({ ordinal, distance });
  }
  rows.sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal);
  const best = rows.slice(0, k);
  return { ordinals: best.map((row) => row.ordinal), distances: best.map((row) => row.distance) };
}
