/**
 * What `nearbit tune` leaves beside an index's manifest: the weights, and which pages they were fitted to.
 * In: an index folder or a file. Out: the record, or null when the index is not tuned or was tuned otherwise since.
 * No reader downloads it. It names pages, not queries: the folder is published, and what people ask is not the site's to tell.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, NearbitError } from '../errors';
import { jsonShape, parseJson } from '../segment/json-shape';
import { readWeights } from '../segment/manifest';
import type { FusionWeights, ManifestModel } from '../types';
import { type Lists, meanLists, type QueryOutcome } from './evaluate';

export interface TunedRecord {
  version: string;
  weights: FusionWeights;
  /** What the index had embeddings of. Absent: not known. */
  model?: Pick<ManifestModel, 'name' | 'documentWeights'>;
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

/** A record that an author keeps, as `--weights` names it. Errors: usage. */
export async function readTunedFile(path: string): Promise<TunedRecord> {
  try {
    const shape = jsonShape(path);
    const json = shape.object(parseJson(await readFile(path), path), 'the top');
    const { weights } = readWeights(shape, json.weights);
    if (!weights) throw shape.wrong('weights', 'weights of this version', json.weights);
    const pages = shape.list(json.pages, 'pages').map((page) => shape.text(page, 'pages'));
    const { name, documentWeights } = shape.object(json.model ?? {}, 'model');
    const known = typeof name === 'string' && typeof documentWeights === 'string';
    return {
      version: shape.text(json.version, 'version'),
      weights,
      ...(known && { model: { name, documentWeights } }),
      queries: shape.count(json.queries, 'queries'),
      pages,
    };
  } catch (error) {
    throw new NearbitError(
      'usage',
      {
        what: `Cannot take the weights of ${path}`,
        expected: 'the tuned.json that nearbit tune wrote',
        received: describe(error),
        fix: 'run nearbit tune, and keep that file',
      },
      { cause: error },
    );
  }
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
