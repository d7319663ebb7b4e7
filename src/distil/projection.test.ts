import { describe, expect, it } from 'vitest';
import { fitProjection, project } from './projection';
import { seededRandom } from './random';

const dim = 32;

/** Vectors that vary in `rank` directions, about a mean, and a little in all others. */
function flatVectors(n: number, rank: number, noise: number): Float32Array {
  const random = seededRandom(1);
  const some = () => random() + random() + random() - 1.5;
  const directions = Array.from({ length: rank }, () => Float32Array.from({ length: dim }, some));
  const vectors = new Float32Array(n * dim);
  for (let i = 0; i < n; i++) {
    const weights = directions.map(some);
    for (let d = 0; d < dim; d++) {
      vectors[i * dim + d] = 1 + noise * some();
      for (const [k, direction] of directions.entries()) vectors[i * dim + d]! += weights[k]! * direction[d]!;
    }
  }
  return vectors;
}

const distance = (rows: Float32Array, width: number, i: number, j: number) => {
  let squares = 0;
  for (let d = 0; d < width; d++) squares += (rows[i * width + d]! - rows[j * width + d]!) ** 2;
  return Math.sqrt(squares);
};

describe('fitProjection', () => {
  it('keeps distances within the directions in which the vectors vary', () => {
    const vectors = flatVectors(500, 6, 0.01);
    const projection = fitProjection(vectors, dim, 8);
    const small = project(vectors, projection);
    for (let i = 1; i < 50; i++)
      expect(distance(small, 8, 0, i) / distance(vectors, dim, 0, i)).toBeCloseTo(1, 2);
  });

  it('has orthogonal axes of length 1, and the projected mean', () => {
    const vectors = flatVectors(500, 12, 0.1);
    const { axes, mean } = fitProjection(vectors, dim, 8);
    for (let i = 0; i < 8; i++)
      for (let j = 0; j < 8; j++) {
        let product = 0;
        for (let d = 0; d < dim; d++) product += axes[i * dim + d]! * axes[j * dim + d]!;
        expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
      }
    const small = project(vectors, fitProjection(vectors, dim, 8));
    for (let d = 0; d < 8; d++) {
      let sum = 0;
      for (let i = 0; i < 500; i++) sum += small[i * 8 + d]!;
      expect(sum / 500).toBeCloseTo(mean[d]!, 4);
    }
  });

  it('spreads what varies over all dimensions', () => {
    const small = project(flatVectors(500, 2, 0.01), fitProjection(flatVectors(500, 2, 0.01), dim, 8));
    const spreads = Array.from({ length: 8 }, (_, d) => {
      const column = Array.from({ length: 500 }, (_, i) => small[i * 8 + d]!);
      const mean = column.reduce((a, b) => a + b) / 500;
      return Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 500);
    });
    expect(Math.min(...spreads)).toBeGreaterThan(0.1 * Math.max(...spreads));
  });

  it('gives the same for the same vectors', () => {
    const vectors = flatVectors(100, 5, 0.1);
    expect(fitProjection(vectors, dim, 16)).toEqual(fitProjection(vectors.slice(), dim, 16));
  });

  it('needs no more vectors than there are', () => {
    for (const n of [0, 1, 3]) {
      const vectors = flatVectors(n, 2, 0.1);
      const projection = fitProjection(vectors, dim, 8);
      expect([...projection.axes, ...project(vectors, projection)].every(Number.isFinite)).toBe(true);
    }
  });

  it('keeps all dimensions of a small model', () => {
    const vectors = flatVectors(60, 40, 1);
    const projection = fitProjection(vectors, dim, 192);
    expect(projection.to).toBe(dim);
    const turned = project(vectors, projection);
    expect(distance(turned, dim, 0, 1)).toBeCloseTo(distance(vectors, dim, 0, 1), 3);
  });
});
