/**
 * What `nearbit tune` leaves beside an index's manifest: which pages the weights were fitted to.
 * In: an index folder. Out: the record, or null when the index is not tuned or was tuned otherwise since.
 * No reader downloads it. It names pages, not queries: the folder is published, and what people ask is not the site's to tell.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FusionWeights } from '../types';
import { type Lists, meanLists, type QueryOutcome } from './evaluate';

export interface TunedRecord {
  version: string;
  weights: FusionWeights;
  queries: number;
  /** Ids of the pages that the queries wanted. */
  pages: string[];
}

/** Metrics of the queries whose pages the weights were fitted to, and of the others. */
export interface SeenSplit {
  seen: { queries: number; lists: Lists };
  unseen: { queries: number; lists: Lists };
}

const fileName = 'tuned.json';

export async function writeTunedRecord(folder: string, record: TunedRecord): Promise<void> {
  await writeFile(join(folder, fileName), `${JSON.stringify(record, null, 1)}\n`);
}

/** Null where there is none, where it cannot be read, and where the index has other weights than it tells of. */
export async function readTunedRecord(
  folder: string,
  weights: FusionWeights | undefined,
): Promise<TunedRecord | null> {
  if (!weights) return null;
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => null);
  if (text === null) return null;
  let record: Partial<TunedRecord> | null;
  try {
    record = JSON.parse(text);
  } catch {
    return null;
  }
  const fitted = record?.weights;
  const names = Object.keys(weights) as (keyof FusionWeights)[];
  if (!Array.isArray(record?.pages) || !names.every((name) => fitted?.[name] === weights[name])) return null;
  return record as TunedRecord;
}

/** A query is seen when a page it wants was one that the weights were fitted to. */
export function splitBySeen(perQuery: readonly QueryOutcome[], { pages }: TunedRecord): SeenSplit {
  const fitted = new Set(pages);
  const isSeen = ({ wanted }: QueryOutcome): boolean => wanted.some((page) => fitted.has(page));
  const seen = perQuery.filter(isSeen);
  const unseen = perQuery.filter((query) => !isSeen(query));
  return {
    seen: { queries: seen.length, lists: meanLists(seen) },
    unseen: { queries: unseen.length, lists: meanLists(unseen) },
  };
}
