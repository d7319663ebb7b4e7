import { describe, expect, it } from 'vitest';
import { NearbitError, ShapeError } from '../../errors';
import { bitmap, countingHost, hasAdapter, nearest, noise, openOnSoftware } from './software-gpu.suite';

const widths = Array.from({ length: 16 }, (_, i) => 64 * (i + 1));
const sizes = [0, 1, 31, 32, 33, 1000, 20_000];
const ks = [1, 10, 100, 1000];

describe.skipIf(!hasAdapter)('on a software adapter, the GPU', async () => {
  const host = countingHost();
  const { kernel } = hasAdapter ? await openOnSoftware({ host }) : { kernel: null as never };

  /** A scanner of these codes, and a check that the GPU alone answers as the truth does. */
  function holding(codes: Uint8Array, codeBytes: number) {
    const scanner = kernel.createScanner({ codeBytes });
    scanner.append(codes);
    return {
      scanner,
      async check(query: Uint8Array, k: number, limits = {}) {
        const before = host.scans;
        expect(await scanner.scan(query, k, limits)).toEqual(nearest(codes, query, k, limits));
        if (codes.length > 0) expect(host.scans).toBe(before);
      },
    };
  }

  it.each(widths)('ranks codes of %i bits exactly, for every n and k', async (bits) => {
    const codeBytes = bits / 8;
    const query = noise(codeBytes, bits);
    for (const n of sizes) {
      const { scanner, check } = holding(noise(n * codeBytes, n + bits), codeBytes);
      for (const k of ks) await check(query, k);
      scanner.close();
    }
  });

  it('has no answer where there are no codes, though it has room for them', async () => {
    const scanner = kernel.createScanner({ codeBytes: 48, capacity: 100 });
    expect((await scanner.scan(noise(48, 1), 10)).ordinals).toHaveLength(0);
    scanner.close();
  });

  it.each([8, 40, 120, 136])('ranks codes of %i bits, which are no whole words, exactly', async (bits) => {
    const codeBytes = bits / 8;
    const { scanner, check } = holding(noise(700 * codeBytes, bits), codeBytes);
    for (const k of ks) await check(noise(codeBytes, 1), k);
    scanner.close();
  });

  it('ranks codes that tie by their ordinals', async () => {
    const three = [noise(48, 1), noise(48, 2), noise(48, 3)];
    const codes = new Uint8Array(3000 * 48);
    for (let i = 0; i < 3000; i++) codes.set(three[(i * 7) % 3]!, i * 48);
    const { scanner, check } = holding(codes, 48);
    for (const query of three) for (const k of [1, 999, 1000, 1001]) await check(query, k);
    scanner.close();
  });

  it('gathers no row beyond the k-th nearest, though it has room for few', async () => {
    const codes = new Uint8Array(6000 * 8);
    for (let i = 0; i < 5000; i++) codes[i * 8] = 1;
    const { scanner, check } = holding(codes, 8);
    await check(new Uint8Array(8), 1000);
    scanner.close();
  });

  it('measures the farthest distance there is', async () => {
    const { scanner, check } = holding(new Uint8Array(40 * 128).fill(255, 128), 128);
    await check(new Uint8Array(128), 40);
    await check(new Uint8Array(128).fill(255), 40);
    scanner.close();
  });

  it('ranks codes in descending order of distance', async () => {
    const codes = new Uint8Array(384 * 48);
    for (let i = 0; i < 384; i++) codes.fill(255, i * 48, i * 48 + 48 - (i >> 3));
    const { scanner, check } = holding(codes, 48);
    for (const k of ks) await check(new Uint8Array(48), k);
    scanner.close();
  });

  it('returns only rows that the filter, the tombstones and the farthest distance leave', async () => {
    for (const n of [1, 33, 5000]) {
      const { scanner, check } = holding(noise(n * 48, n), 48);
      const query = noise(48, 5);
      for (const share of [0, 0.01, 0.5, 1]) {
        const [filter, tombstones] = [bitmap(n, share, 1), bitmap(n, 1 - share, 2)];
        for (const within of [undefined, 0, 180, 1e9]) {
          for (const k of ks) {
            await check(query, k, { filter, within });
            await check(query, k, { filter, tombstones, within });
          }
          await check(query, 10, { tombstones, within });
          await check(query, 10, { within });
        }
      }
      scanner.close();
    }
  });

  it('scans blocks that arrive one by one', async () => {
    for (const codeBytes of [48, 17]) {
      const codes = noise(3000 * codeBytes, codeBytes);
      const query = noise(codeBytes, 1);
      const scanner = kernel.createScanner({ codeBytes, capacity: 100 });
      const before = host.scans;
      for (let n = 0, m = 1; n < 3000; n += m, m = Math.min(m * 2, 3000 - n)) {
        scanner.append(codes.slice(n * codeBytes, (n + m) * codeBytes));
        const held = codes.subarray(0, (n + m) * codeBytes);
        expect(await scanner.scan(query, 10)).toEqual(nearest(held, query, 10));
        scanner.append(new Uint8Array(0));
      }
      expect(host.scans).toBe(before);
      expect(scanner.n).toBe(3000);
      expect(scanner.code(2999)).toEqual(codes.slice(-codeBytes));
      scanner.close();
    }
  });

  it('answers each of many overlapping scans for the codes there were when it was asked', async () => {
    const codes = noise(4000 * 48, 1);
    const scanner = kernel.createScanner({ codeBytes: 48 });
    const other = kernel.createScanner({ codeBytes: 8 });
    other.append(codes);
    const scans = Array.from({ length: 40 }, async (_, i) => {
      scanner.append(codes.slice(i * 100 * 48, (i + 1) * 100 * 48));
      const held = codes.subarray(0, (i + 1) * 100 * 48);
      const query = noise(48, i);
      const limits = i % 3 ? {} : { filter: bitmap(4000, 0.3, i) };
      const truth = nearest(held, query, i + 1, limits);
      const scan = scanner.scan(query, i + 1, limits);
      const short = other.scan(query.subarray(0, 8), 5);
      const shortTruth = nearest(codes, query.slice(0, 8), 5);
      // A scan owns what it was asked.
      query.fill(0);
      limits.filter?.fill(0);
      expect(await scan).toEqual(truth);
      expect(await short).toEqual(shortTruth);
    });
    await Promise.all(scans);
    scanner.close();
    other.close();
  });

  it('leaves more ties than it has room for, and a k beyond it, to the host', async () => {
    const scanner = kernel.createScanner({ codeBytes: 8 });
    const codes = new Uint8Array(20_000 * 8);
    scanner.append(codes);
    const before = host.scans;
    expect(await scanner.scan(new Uint8Array(8), 10)).toEqual(nearest(codes, new Uint8Array(8), 10));
    expect(await scanner.scan(noise(8, 1), 5000)).toEqual(nearest(codes, noise(8, 1), 5000));
    expect(host.scans).toBe(before + 2);
    scanner.close();
  });

  it('leaves tables and rescoring to the host', async () => {
    const scanner = kernel.createScanner({ codeBytes: 8, measure: 'tables' });
    scanner.append(noise(80, 1));
    const before = host.scans;
    await scanner.scan(
      noise(256, 1).map((entry) => entry & 31),
      3,
    );
    expect(host.scans).toBe(before + 1);
    scanner.close();
    const rescorer = kernel.createRescorer({ form: 'int8', dim: 2 });
    rescorer.append(Uint8Array.of(1, 2));
    expect([...rescorer.dots(Int8Array.of(3, 4), Uint32Array.of(0))]).toEqual([11]);
    rescorer.close();
  });

  it('refuses shapes in the words of every kernel, and calls after the end', async () => {
    expect(() => kernel.createScanner({ codeBytes: 129 })).toThrow(ShapeError);
    const { scanner } = holding(noise(80, 1), 8);
    expect(() => scanner.append(new Uint8Array(9))).toThrow(ShapeError);
    await expect(scanner.scan(new Uint8Array(9), 1)).rejects.toThrow(ShapeError);
    await expect(scanner.scan(new Uint8Array(8), 0)).rejects.toThrow(ShapeError);
    await expect(scanner.scan(new Uint8Array(8), 1, { filter: new Uint32Array(0) })).rejects.toThrow(
      ShapeError,
    );
    const scan = scanner.scan(new Uint8Array(8), 1);
    scanner.close();
    await expect(scan).rejects.toMatchObject({ code: 'closed' });
    scanner.close();
    expect(scanner.n).toBe(0);
    await expect(scanner.scan(new Uint8Array(8), 1)).rejects.toMatchObject({ code: 'closed' });
    expect(() => scanner.append(new Uint8Array(8))).toThrow(NearbitError);
    expect(() => scanner.code(0)).toThrow(NearbitError);
  });
});
