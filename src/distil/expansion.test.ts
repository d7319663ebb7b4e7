import { describe, expect, it } from 'vitest';
import { expandImpacts, pageVectors } from './expansion';
import type { TermImpacts } from './impacts';

const dim = 2;
/** Pages 0 to 3 lie east, 4 to 7 north; entries as they come, two a page. */
const entries = Float32Array.from(
  Array.from({ length: 16 }, (_, i) => (i < 8 ? [1, (i % 3) / 10] : [(i % 3) / 10, 1])).flat(),
);
const vectors = pageVectors(
  entries,
  Uint32Array.from({ length: 16 }, (_, i) => i >> 1),
  8,
  dim,
);
const term = (name: string, pages: number[], df = 20): TermImpacts => ({
  term: name,
  df,
  pages: Uint32Array.from(pages),
  impacts: new Uint8Array(pages.length).fill(100),
  titles: new Uint8Array(pages.length).fill(3),
});
const rows: Record<string, number[]> = { east: [2, -2], north: [-1, 1] };
const rowOf = (name: string) => (rows[name] ? Float32Array.from(rows[name]) : null);
const options = { dim, vectors, rowOf, passages: 1000 };
const expand = (impacts: TermImpacts[], more = {}) => [...expandImpacts(impacts, { ...options, ...more })];

describe('words that pages mean', () => {
  it('list them below those that hold the word and mean it, above those that hold it alone', () => {
    const [east] = expand([term('east', [1, 6])]);
    const impactOf = (page: number) => east!.impacts[east!.pages.indexOf(page)] ?? 0;
    expect([...east!.pages]).toEqual([0, 1, 2, 3, 6]);
    expect(impactOf(1)).toBeGreaterThan(impactOf(0));
    expect(impactOf(1)).toBeGreaterThan(impactOf(6));
    expect(impactOf(6)).toBe(100);
    expect([...east!.titles]).toEqual([0, 3, 0, 0, 3]);
    expect(east!.df).toBe(20);
  });

  it('take in the nearest pages alone where they may take few, and keep the best where lists are short', () => {
    const nearest = expand([term('east', [6])], { more: 1 })[0]!;
    expect(nearest.pages).toHaveLength(2);
    const kept = expand([term('east', [1, 6])], { limit: 2 })[0]!;
    expect(kept.pages).toContain(1);
    expect(kept.pages).toHaveLength(2);
  });

  it('stay as they are where they are names, pieces of names, or have no row', () => {
    const plain = [term('east', [6], 9), term('east!', [6]), term('other', [6])];
    expect(expand(plain)).toEqual(plain);
  });

  it('come in the order in which they were given, however many there are', () => {
    const many = Array.from({ length: 150 }, (_, i) => term(`term ${i}`, [i % 8]));
    const found = expand(many, { rowOf: (name: string) => rowOf(name.endsWith('7') ? 'north' : 'east') });
    expect(found.map((entry) => entry.term)).toEqual(many.map((entry) => entry.term));
    expect(found[77]!.pages).toContain(7);
    expect(found[78]!.pages).toContain(0);
  });
});

describe('vectors of pages', () => {
  it('are the mean direction of their passages less that of all pages', () => {
    for (let k = 0; k < dim; k++) {
      let sum = 0;
      for (let page = 0; page < 8; page++) sum += vectors[page * dim + k]!;
      expect(sum).toBeCloseTo(0, 5);
    }
    expect(vectors[0]!).toBeGreaterThan(0.3);
    expect(vectors[14]!).toBeLessThan(-0.3);
  });
});
