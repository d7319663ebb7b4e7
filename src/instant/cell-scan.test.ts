import { describe, expect, it } from 'vitest';
import { encodeLevels, levelBytes } from '../codes/levels';
import type { Cell, InstantMeaning } from '../segment/instant-shape';
import { chooseCells, scanCells } from './cell-scan';

const dim = 32;
const cells = 30;
const pagesPerCell = 4;

/** Directions of the cells: one dimension each. */
const axis = (d: number, size = 1) => Float32Array.from({ length: dim }, (_, i) => (i === d ? size : 0));
const mixed = (...parts: Float32Array[]) =>
  axis(0, 0).map((_, d) => parts.reduce((sum, x) => sum + x[d]!, 0));
const unit = (x: Float32Array) => x.map((value) => value / Math.hypot(...x));

function meaningOf(n = cells): InstantMeaning {
  const centroids = new Float32Array(n * dim);
  for (let cell = 0; cell < n; cell++) centroids.set(axis(cell), cell * dim);
  return {
    dim,
    bits: 2,
    mean: axis(31, 0.5),
    spread: new Float32Array(dim).fill(0.2),
    cosineSd: 0.1,
    centroids,
    cellPages: Uint32Array.from({ length: n + 1 }, (_, cell) => cell * pagesPerCell),
  };
}

/** Entries as [page, place, vector less the mean]. */
function cellWith(...entries: [page: number, place: number, vector: Float32Array][]): Cell {
  const vectors = Float32Array.from(entries.flatMap(([, , vector]) => [...vector]));
  return {
    pages: Uint32Array.from(entries, ([page]) => page),
    passages: Uint8Array.from(entries, ([, place]) => place),
    ...encodeLevels(vectors, meaningOf().spread, 2),
  };
}

describe('chooseCells', () => {
  const meaning = meaningOf();

  it('takes the cells of the leading pages, then those nearest to the query', () => {
    const query = unit(mixed(axis(3), axis(20, 0.8), axis(9, 0.6)));
    const chosen = chooseCells(query, meaning, [7 * pagesPerCell + 1, 9 * pagesPerCell]);
    expect(chosen.slice(0, 4)).toEqual([7, 9, 3, 20]);
    expect(new Set(chosen).size).toBe(8);
  });

  it('goes by the query alone where no page leads', () => {
    expect(chooseCells(unit(mixed(axis(3), axis(20, 0.8))), meaning, []).slice(0, 2)).toEqual([3, 20]);
  });

  it('moves the query towards the leading pages', () => {
    const near = { ...meaning, centroids: meaning.centroids.slice() };
    // Cell 11 lies between the query and the leading page's cell, cell 12 as near to the query alone.
    near.centroids.set(unit(mixed(axis(3, 0.6), axis(7, 0.8))), 11 * dim);
    near.centroids.set(unit(mixed(axis(3, 0.6), axis(30, 0.8))), 12 * dim);
    expect(chooseCells(axis(3), near, [7 * pagesPerCell]).slice(0, 3)).toEqual([7, 3, 11]);
  });

  it('takes all cells of a small site', () => {
    expect(chooseCells(axis(3), meaningOf(12), [5])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('scanCells', () => {
  const meaning = meaningOf();

  it('scores pages by their best entry, and says which it was', () => {
    const scores = scanCells(
      axis(3),
      new Map([
        [0, cellWith([0, 0, axis(5)], [0, 2, axis(3)], [1, 0, axis(3, -1)])],
        [1, cellWith([0, 1, mixed(axis(3, 0.4), axis(4, 0.4))])],
      ]),
      meaning,
      [],
    );
    expect([...scores.pages]).toEqual([0, 1]);
    expect(scores.mean).toBe(0);
    expect(scores.exact(0)!.passage).toBe(2);
    expect(scores.exact(0)!.score).toBeGreaterThan(0.8);
    expect(scores.exact(1)!.score).toBeLessThan(-0.8);
    expect(scores.exact(7)).toBeUndefined();
  });

  it('adds the query’s mean cosine to every score', () => {
    const query = unit(mixed(axis(3), axis(31)));
    const scores = scanCells(query, new Map([[0, cellWith([0, 0, axis(8, 0)])]]), meaning, []);
    expect(scores.mean).toBeCloseTo(0.5 * Math.SQRT1_2, 5);
    // What has no direction is as near as the mean.
    expect(scores.exact(0)!.score).toBeCloseTo(scores.mean, 5);
  });

  it('moves the query towards the first passages of the leading pages, where their cells are there', () => {
    const read = new Map([
      [0, cellWith([0, 0, axis(9)], [0, 1, axis(10)])],
      [1, cellWith([4, 0, mixed(axis(9, 0.5), axis(3, 0.5))], [5, 0, mixed(axis(10, 0.5), axis(3, 0.5))])],
    ]);
    const gap = (leading: number[]) => {
      const scores = scanCells(axis(3), read, meaning, leading);
      return scores.exact(4)!.score - scores.exact(5)!.score;
    };
    expect(gap([])).toBeCloseTo(0, 2);
    expect(gap([0])).toBeGreaterThan(0.05);
    // Page 40's cell was not fetched; page 0 alone leads.
    expect(gap([0, 40])).toBeCloseTo(gap([0]), 5);
    expect(gap([40])).toBeCloseTo(0, 2);
  });

  it('knows no page where no cell could be read', () => {
    const scores = scanCells(axis(3), new Map(), meaning, [1, 2]);
    expect([...scores.pages]).toEqual([]);
    expect(scores.exact(1)).toBeUndefined();
  });

  it('reads codes of one bit', () => {
    const { codes, lengths } = encodeLevels(axis(3), meaning.spread, 1);
    expect(codes).toHaveLength(levelBytes(dim, 1));
    const cell = { pages: Uint32Array.of(0), passages: Uint8Array.of(0), codes, lengths };
    const scores = scanCells(axis(3), new Map([[0, cell]]), { ...meaning, bits: 1 }, []);
    expect(scores.exact(0)!.score).toBeCloseTo(1, 1);
  });
});
