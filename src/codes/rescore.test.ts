import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors';
import { portableKernel } from '../kernels/portable';
import { packSigns } from './binary';
import { fitFrame } from './fit';
import { applyFrame, type Frame } from './frame';
import { codeSizes, encodeCodes, planes, readStep } from './planes';
import { encodeQuery, type QueryCode } from './query';
import { levelsForm, rescore, writeLevels } from './rescore';
import { clusteredUnits, dot, randomUnits } from './synthetic.suite';

function row(bytes: Uint8Array, size: number, i: number): Uint8Array {
  return bytes.subarray(i * size, (i + 1) * size);
}

/** Cosines of a query and all documents, as search computes them. */
function scorer(frame: Frame, { codes, fine }: { codes: Uint8Array; fine: Uint8Array }) {
  const { dim } = frame;
  const { codeBytes, fineBytes } = codeSizes(dim);
  const n = fine.length / fineBytes;
  const rowBytes = (planes * dim) / 8;
  const rows = new Uint8Array(n * rowBytes);
  for (let i = 0; i < n; i++) {
    writeLevels(row(codes, codeBytes, i), row(fine, fineBytes, i), dim, rows, i * rowBytes);
  }
  const rescorer = portableKernel.createRescorer(levelsForm(dim));
  rescorer.append(rows);
  const ordinals = Uint32Array.from({ length: n }, (_, i) => i);
  return (query: QueryCode): number[] =>
    Array.from(rescorer.dots(query.int8, ordinals), (product, i) =>
      rescore(query, product, readStep(row(fine, fineBytes, i))),
    );
}

describe('codes of documents', () => {
  it('have the sizes that the format names', () => {
    expect(codeSizes(384)).toEqual({ codeBytes: 48, fineBytes: 146 });
    expect(codeSizes(96)).toEqual({ codeBytes: 16, fineBytes: 38 });
    expect(codeSizes(8)).toEqual({ codeBytes: 8, fineBytes: 5 });
  });

  it('have the sign code as their first plane, in every dim', () => {
    for (const dim of [8, 64, 96, 384, 768]) {
      const embeddings = randomUnits(5, dim, dim);
      const frame = fitFrame(embeddings, dim);
      const { codes } = encodeCodes(frame, embeddings);
      const y = applyFrame(frame, embeddings);
      for (let i = 0; i < 5; i++) {
        const signs = packSigns(y.subarray(i * dim, (i + 1) * dim));
        expect(row(codes, codeSizes(dim).codeBytes, i)).toEqual(signs);
      }
    }
  });

  it('do not depend on what else is coded in the same call', () => {
    const dim = 96;
    const embeddings = clusteredUnits(7, dim, 3);
    const frame = fitFrame(embeddings, dim);
    const { codeBytes, fineBytes } = codeSizes(dim);
    const all = encodeCodes(frame, embeddings);
    for (let i = 0; i < 7; i++) {
      const one = encodeCodes(frame, embeddings.slice(i * dim, (i + 1) * dim));
      expect(one.codes).toEqual(row(all.codes, codeBytes, i).slice());
      expect(one.fine).toEqual(row(all.fine, fineBytes, i).slice());
      const query = encodeQuery(frame, embeddings.slice(i * dim, (i + 1) * dim));
      expect(query.code).toEqual(one.codes);
    }
  });

  it('of a document equal to the mean say nothing, and score by the mean alone', () => {
    const embeddings = randomUnits(1, 64, 1);
    const frame = fitFrame(embeddings, 64);
    const { codes, fine } = encodeCodes(frame, embeddings);
    expect(codes).toEqual(new Uint8Array(8));
    expect(readStep(fine)).toBe(0);
    expect(scorer(frame, { codes, fine })(encodeQuery(frame, embeddings))[0]).toBeCloseTo(1, 5);
  });

  it('of no embeddings are empty', () => {
    const frame = fitFrame(new Float32Array(0), 64);
    expect(encodeCodes(frame, new Float32Array(0))).toEqual({
      codes: new Uint8Array(0),
      fine: new Uint8Array(0),
    });
  });

  it('are refused for wrong shapes, with what was expected', () => {
    const frame = fitFrame(new Float32Array(0), 64);
    expect(() => encodeCodes(frame, new Float32Array(65))).toThrow(
      /expected a multiple of 64 numbers, received 65/,
    );
    expect(() => encodeCodes(frame, new Float32Array(64).fill(Number.NaN))).toThrow(/received NaN in row 0/);
    expect(() => encodeQuery(frame, new Float32Array(128))).toThrow(/expected 64 numbers, received 128/);
    expect(() => encodeQuery(frame, new Float32Array(64).fill(Number.POSITIVE_INFINITY))).toThrow(ShapeError);
    expect(() => codeSizes(100)).toThrow(/expected a multiple of 8 from 8 to 1024, received 100/);
  });
});

describe('rescoring', () => {
  it('lays out the planes of a document in falling order, without padding and step', () => {
    // Dim 16: a code of 2 bytes padded to 8, fine of three planes and a step.
    const code = Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0);
    const fine = Uint8Array.of(3, 4, 5, 6, 7, 8, 0xff, 0xff);
    const rows = new Uint8Array(10);
    writeLevels(code, fine, 16, rows, 1);
    expect([...rows]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
    expect(levelsForm(16)).toEqual({ form: 'planes', dim: 16, planes: 4 });
  });

  it('takes levels, signs and the step as the byte table says', () => {
    // By hand: dim 8, no mean, the identity as rotation. Query 127 on component 0, -127 on component 7.
    const mean = new Float32Array(8);
    const rotation = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0));
    const frame: Frame = { dim: 8, mean, rotation, kind: 'random' };
    const query = encodeQuery(frame, Float32Array.of(1, 0, 0, 0, 0, 0, 0, -1));
    // Component 0 at level 0b1101 = 13, component 7 at level 0b0010 = 2, step 0.25 (float16 0x3400).
    const codes = Uint8Array.of(0b1000_0000, 0, 0, 0, 0, 0, 0, 0);
    const fine = Uint8Array.of(0b1000_0000, 0b0000_0001, 0b1000_0000, 0x00, 0x34);
    expect(scorer(frame, { codes, fine })(query)[0]).toBeCloseTo((13 - 7.5) * 0.25 - (2 - 7.5) * 0.25, 6);
  });

  for (const dim of [8, 64, 96, 384, 768]) {
    // The error of a component is about a tenth of it, and errors add up like a random walk.
    const tolerance = dim === 384 ? 0.01 : 0.2 / Math.sqrt(dim);
    it(`is within ${tolerance.toFixed(3)} of the cosine of random embeddings on average, dim ${dim}`, () => {
      const n = 60;
      const documents = randomUnits(n, dim, 7);
      const queries = randomUnits(n, dim, 8);
      const frame = fitFrame(documents, dim);
      const score = scorer(frame, encodeCodes(frame, documents));
      let error = 0;
      let bias = 0;
      for (let q = 0; q < n; q++) {
        const scores = score(encodeQuery(frame, queries.slice(q * dim, (q + 1) * dim)));
        for (let d = 0; d < n; d++) {
          const difference = scores[d]! - dot(queries, q * dim, documents, d * dim, dim);
          error += Math.abs(difference) / n ** 2;
          bias += difference / n ** 2;
        }
      }
      expect(error).toBeLessThan(tolerance);
      expect(Math.abs(bias)).toBeLessThan(tolerance / 4);
    });
  }

  it('scores a document against itself within .006 of 1: what levels lose does not make near documents farther', () => {
    for (const dim of [96, 384]) {
      const documents = randomUnits(50, dim, 9);
      const frame = fitFrame(documents, dim);
      const score = scorer(frame, encodeCodes(frame, documents));
      for (let d = 0; d < 50; d++) {
        const scores = score(encodeQuery(frame, documents.slice(d * dim, (d + 1) * dim)));
        expect(Math.abs(scores[d]! - 1)).toBeLessThan(0.006);
      }
    }
  });

  // Dim 384 with the mixing rotation, 128 with a fitted one: a fit at 384 takes longer than a test may.
  for (const { dim, fitted, n } of [
    { dim: 128, fitted: 2000, n: 4000 },
    { dim: 384, fitted: 900, n: 3000 },
  ]) {
    it(`of the 100 nearest codes finds the ten nearest of ${n} embeddings of dim ${dim} (recall at least .97)`, async () => {
      const queries = 100;
      const all = clusteredUnits(n + queries, dim, 11);
      const documents = all.slice(0, n * dim);
      const frame = fitFrame(documents.slice(0, fitted * dim), dim);
      expect(frame.kind).toBe(fitted >= 1000 ? 'fitted' : 'random');
      const coded = encodeCodes(frame, documents);
      const score = scorer(frame, coded);
      const scanner = portableKernel.createScanner({ codeBytes: codeSizes(dim).codeBytes, capacity: n });
      scanner.append(coded.codes);

      let found = 0;
      let error = 0;
      for (let q = n; q < n + queries; q++) {
        const truth = Array.from({ length: n }, (_, d) => ({
          d,
          cosine: dot(all, q * dim, documents, d * dim, dim),
        }));
        const best = new Set(topTen(truth.map(({ d, cosine }) => ({ d, score: cosine }))));
        const query = encodeQuery(frame, all.slice(q * dim, (q + 1) * dim));
        const scores = score(query);
        const { ordinals } = await scanner.scan(query.code, 100);
        const candidates = [...ordinals].map((d) => ({ d, score: scores[d]! }));
        for (const { d, score } of candidates) error += Math.abs(score - truth[d]!.cosine) / 100 / queries;
        found += topTen(candidates).filter((d) => best.has(d)).length;
      }
      expect(found / 10 / queries).toBeGreaterThanOrEqual(0.97);
      expect(error).toBeLessThan(0.01);
    });
  }
});

function topTen(rows: { d: number; score: number }[]): number[] {
  return rows
    .sort((a, b) => b.score - a.score || a.d - b.d)
    .slice(0, 10)
    .map(({ d }) => d);
}
