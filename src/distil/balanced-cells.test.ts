import { describe, expect, it } from 'vitest';
import { balancedCells } from './balanced-cells';
import { seededRandom } from './random';

const dim = 16;

/** Vectors about `topics` directions, of which the first has half of all. */
function topicVectors(n: number, topics: number): Float32Array {
  const random = seededRandom(7);
  const some = () => random() + random() + random() - 1.5;
  const centres = Array.from({ length: topics }, () => Float32Array.from({ length: dim }, some));
  return Float32Array.from({ length: n * dim }, (_, at) => {
    const i = Math.floor(at / dim);
    const centre = centres[i % 2 === 0 ? 0 : Math.floor(i / 2) % topics]!;
    return centre[at % dim]! + 0.3 * some();
  });
}

const sizesOf = (cellOf: Uint32Array, cells: number) => {
  const sizes = new Array<number>(cells).fill(0);
  for (const cell of cellOf) sizes[cell]!++;
  return sizes;
};

const product = (a: Float32Array, i: number, b: Float32Array, j: number) => {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i * dim + d]! * b[j * dim + d]!;
  return sum;
};

describe('balancedCells', () => {
  const n = 2000;
  const vectors = topicVectors(n, 12);
  const { centroids, cellOf } = balancedCells(vectors, dim, 50);
  const cells = centroids.length / dim;

  it('makes cells of about the size asked for, none empty and none much larger', () => {
    expect(cells).toBe(40);
    const sizes = sizesOf(cellOf, cells);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1.25 * 50);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('puts what is alike together', () => {
    let own = 0;
    let any = 0;
    for (let i = 0; i < n; i++) {
      const length = Math.sqrt(product(vectors, i, vectors, i));
      own += product(vectors, i, centroids, cellOf[i]!) / length / n;
      any += product(vectors, i, centroids, (cellOf[i]! + 17) % cells) / length / n;
    }
    expect(own).toBeGreaterThan(0.85);
    expect(own - any).toBeGreaterThan(0.3);
  });

  it('has centroids of length 1, each more like the next than like most', () => {
    let next = 0;
    let all = 0;
    for (let cell = 0; cell < cells; cell++) {
      expect(product(centroids, cell, centroids, cell)).toBeCloseTo(1, 4);
      if (cell > 0) next += product(centroids, cell - 1, centroids, cell) / (cells - 1);
      for (let other = 0; other < cells; other++)
        all += product(centroids, cell, centroids, other) / cells ** 2;
    }
    expect(next).toBeGreaterThan(all + 0.2);
  });

  it('gives the same for the same vectors', () => {
    expect(balancedCells(vectors.slice(), dim, 50)).toEqual({ centroids, cellOf });
  });

  it('makes one cell of few vectors', () => {
    const few = balancedCells(vectors.subarray(0, 20 * dim), dim);
    expect(few.centroids).toHaveLength(dim);
    expect([...few.cellOf]).toEqual(new Array(20).fill(0));
  });

  it('bounds cells of vectors that are all equal', () => {
    const equal = balancedCells(new Float32Array(600 * dim).fill(0.25), dim, 100);
    const sizes = sizesOf(equal.cellOf, equal.centroids.length / dim);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(125);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('makes one cell, of nothing, where there are no vectors', () => {
    const none = balancedCells(new Float32Array(), dim);
    expect(none).toEqual({ centroids: new Float32Array(dim), cellOf: new Uint32Array() });
  });
});
