/**
 * Figures that this repository says of itself, and how far a run is from them.
 * In: a file of nDCG@10 by set and list, measured sets. Out: a bar on the largest difference; the file's next contents.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Bar } from './bars';
import type { DialRow } from './dial';
import { listNames } from './lists';
import { type MeasuredSet, perList } from './table';

/** How near a run must come to them. */
const publishedTolerance = 0.001;

export interface Published {
  /** nDCG@10 by set and list. */
  ndcg10: Record<string, Record<string, number>>;
  dial: Record<string, DialRow[]>;
}

/** Nothing where the file is missing. */
export function readPublished(path: string): Published {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { ndcg10: {}, dial: {} };
}

/** What a file says after a run: sets and dials that the run lacks stay. */
export function withRun(
  published: Published,
  sets: readonly MeasuredSet[],
  dials: ReadonlyMap<string, DialRow[]>,
): Published {
  const round = (value: number) => Number(value.toFixed(4));
  const ndcg10 = { ...published.ndcg10 };
  for (const { name, lists: measured } of sets)
    ndcg10[name] = perList((list) => round(measured[list].ndcg10));
  const rounded = [...dials].map(([name, rows]): [string, DialRow[]] => [
    name,
    rows.map((row) => ({
      ...row,
      ndcg10: round(row.ndcg10),
      ratio: round(row.ratio),
      recall100: round(row.recall100),
      ov10: round(row.ov10),
    })),
  ]);
  return { ndcg10, dial: { ...published.dial, ...Object.fromEntries(rounded) } };
}

/** The largest difference to what the repository says of itself. */
export function publishedBar(sets: readonly MeasuredSet[], { ndcg10 }: Published): Bar[] {
  const off = sets.flatMap(({ name, lists: measured }) =>
    listNames.flatMap((list) => {
      const said = ndcg10[name]?.[list];
      return said === undefined
        ? []
        : [{ what: `${list} on ${name}`, by: -Math.abs(measured[list].ndcg10 - said) }];
    }),
  );
  const [worst] = off.sort((a, b) => a.by - b.by);
  if (!worst) return [];
  const met = worst.by >= -publishedTolerance;
  return [
    {
      name: 'published nDCG@10, farthest off',
      value: worst.by,
      atLeast: -publishedTolerance,
      met,
      note: worst.what,
    },
  ];
}
