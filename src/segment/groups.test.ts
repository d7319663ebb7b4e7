import { describe, expect, it } from 'vitest';
import { groupCutter } from './groups';

const bounds = { min: 1000, target: 4000, max: 16_000 };
const site = Array.from({ length: 2000 }, (_, i) => ({
  id: `/docs/page-${i}/`,
  bytes: 100 + ((i * 7919) % 900),
}));

function cut(pages: typeof site): { ids: string[]; bytes: number }[] {
  const starts = groupCutter(bounds);
  const groups: { ids: string[]; bytes: number }[] = [];
  for (const { id, bytes } of pages) {
    if (starts(id, bytes)) groups.push({ ids: [], bytes: 0 });
    groups.at(-1)!.ids.push(id);
    groups.at(-1)!.bytes += bytes;
  }
  return groups;
}

describe('groups', () => {
  it('begin with the first page and keep to their bounds', () => {
    const groups = cut(site);
    for (const { bytes } of groups.slice(0, -1)) expect(bytes).toBeGreaterThanOrEqual(bounds.min);
    for (const { bytes } of groups) expect(bytes).toBeLessThanOrEqual(bounds.max);
  });

  it('have about the target size on average', () => {
    const groups = cut(site);
    const mean = groups.reduce((sum, group) => sum + group.bytes, 0) / groups.length;
    expect(mean).toBeGreaterThan(bounds.target * 0.8);
    expect(mean).toBeLessThan(bounds.target * 1.25);
  });

  it('stay as they were except beside a page that comes or goes', () => {
    const before = new Set(cut(site).map((group) => group.ids.join()));
    const without = cut(site.filter((_, i) => i !== 1000));
    const added = cut(site.toSpliced(500, 0, { id: '/new/', bytes: 500 }));
    for (const groups of [without, added]) {
      const changed = groups.filter((group) => !before.has(group.ids.join()));
      expect(changed.length).toBeGreaterThan(0);
      expect(changed.length).toBeLessThan(12);
    }
  });

  it('give a page larger than the bound a group of its own', () => {
    const groups = cut([site[0]!, { id: '/huge/', bytes: 40_000_000 }, site[1]!]);
    expect(groups.map((group) => group.ids)).toEqual([[site[0]!.id], ['/huge/'], [site[1]!.id]]);
  });
});
