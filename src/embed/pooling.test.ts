import { describe, expect, it } from 'vitest';
import { normalise, poolEmbedding } from './pooling';

const hidden = Float32Array.of(3, 0, 1, 8, 2, 4);

describe('pooling', () => {
  it('takes the mean of all rows and scales it to length 1', () => {
    // The means are 2 and 4.
    expect(Array.from(poolEmbedding(hidden, 3, 2, 'mean'))).toEqual([
      expect.closeTo(2 / Math.sqrt(20), 6),
      expect.closeTo(4 / Math.sqrt(20), 6),
    ]);
  });

  it('takes the first row for CLS', () => {
    expect(Array.from(poolEmbedding(hidden, 3, 2, 'cls'))).toEqual([1, 0]);
  });

  it('refuses a hidden state of another shape', () => {
    expect(() => poolEmbedding(hidden, 2, 2, 'mean')).toThrow(
      expect.objectContaining({ code: 'shape-mismatch' }),
    );
    expect(() => poolEmbedding(new Float32Array(0), 0, 2, 'mean')).toThrow(
      expect.objectContaining({ code: 'shape-mismatch' }),
    );
  });

  it('leaves a zero vector zero', () => {
    expect(Array.from(normalise([0, 0]))).toEqual([0, 0]);
  });
});
