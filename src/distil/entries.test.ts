import { describe, expect, it } from 'vitest';
import { blendEntries, chooseEntries } from './entries';

/** Unit vectors by angle, in degrees. */
const turned = (...degrees: number[]) =>
  Float32Array.from(
    degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
  );

describe('chooseEntries', () => {
  const pageStart = Uint32Array.of(0, 5, 5, 6, 8);
  const embeddings = turned(0, 8, 90, 100, 50, 0, 0, 30);

  it('takes all passages where they fit', () => {
    expect([...chooseEntries(embeddings, 2, pageStart, 8)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('takes the largest number a page that fits, the first and then what is least like those chosen', () => {
    expect([...chooseEntries(embeddings, 2, pageStart, 7)]).toEqual([0, 2, 3, 4, 5, 6, 7]);
    expect([...chooseEntries(embeddings, 2, pageStart, 5)]).toEqual([0, 3, 5, 6, 7]);
  });

  it('takes the first of each page where not even those fit', () => {
    expect([...chooseEntries(embeddings, 2, pageStart, 1)]).toEqual([0, 5, 6]);
  });

  it('chooses no passage twice where all are alike', () => {
    const alike = turned(0, 0, 0, 0);
    expect([...chooseEntries(alike, 2, Uint32Array.of(0, 4), 3)]).toEqual([0, 1, 2]);
  });

  it('codes no more than 32 passages of a page', () => {
    const long = new Float32Array(600).fill(Math.SQRT1_2);
    expect(chooseEntries(long, 2, Uint32Array.of(0, 300))).toHaveLength(32);
  });

  it('knows a site without passages', () => {
    expect(chooseEntries(new Float32Array(), 2, Uint32Array.of(0))).toHaveLength(0);
  });
});

describe('blendEntries', () => {
  it('is half the passage and half the first of its page', () => {
    const embeddings = Float32Array.of(1, 0, 0, 1, 0, -1, -1, 0);
    const blended = blendEntries(embeddings, 2, Uint32Array.of(0, 2, 2, 4), Uint32Array.of(0, 1, 2, 3));
    expect([...blended]).toEqual([1, 0, 0.5, 0.5, 0, -1, -0.5, -0.5]);
  });
});
