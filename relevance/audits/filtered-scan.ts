/**
 * A scan that may return some passages only (method I2): the same ordinals as brute force, at every selectivity.
 * In: a prepared collection. Out: share of scans with equal ordinals, per kernel; selections by chance, and by folder of the
 * address where pages have folders.
 */
import { encodeQuery, scanTables } from '../../src/codes';
import type { Bitmap, Kernel } from '../../src/kernels/kernel';
import { portableKernel } from '../../src/kernels/portable';
import { loadWasmKernels } from '../../src/kernels/wasm/loader';
import { scanDepth } from '../../src/search/vector-leg';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { barred, figure, judged, type Row, randomOf } from './row';
import { type StoredCodes, storedCodes } from './stored-codes';

const mostQueries = 10;
const selectivities = [0.0001, 0.001, 0.01, 0.1, 0.5, 1];
const mostFolders = 5;
const deepestFolder = 5;

export async function filteredScan(prepared: Prepared): Promise<Row[]> {
  const stored = await storedCodes(prepared);
  if (!stored) return [];
  const queries = sampleBy(await judged(prepared), mostQueries, ({ text }) => `filter ${text}`);
  const tables = queries.map(({ embedding }) => scanTables(encodeQuery(stored.frame, embedding), 1));
  const filters = [...byChance(prepared), ...byFolder(prepared)];
  const distances = tables.map((table) => distancesOf(table, stored));
  const rows = [figure('filtered scan: selections', filters.length)];
  for (const kernel of await kernels()) {
    const scanner = kernel.createScanner({
      codeBytes: stored.codeBytes,
      measure: 'tables',
      capacity: prepared.layout.passages,
    });
    scanner.append(stored.codes);
    let equal = 0;
    for (const filter of filters)
      for (const [i, table] of tables.entries()) {
        const { ordinals } = await scanner.scan(table, scanDepth, { filter });
        const expected = bruteForce(distances[i]!, filter);
        if (ordinals.length === expected.length && expected.every((ordinal, j) => ordinal === ordinals[j]))
          equal++;
      }
    scanner.close();
    const share = equal / (filters.length * tables.length);
    rows.push(barred(`filtered scan: ${kernel.name}, scans equal to brute force`, share, '1', share === 1));
  }
  return rows;
}

async function kernels(): Promise<Kernel[]> {
  const loaded = Object.values(await loadWasmKernels(null));
  return [...loaded.flatMap(({ kernel }) => kernel ?? []), portableKernel];
}

function distancesOf(table: Uint8Array, { codes, codeBytes }: StoredCodes): Uint16Array {
  const distances = new Uint16Array(codes.length / codeBytes);
  for (let row = 0; row < distances.length; row++)
    for (let i = 0; i < codeBytes; i++) {
      const byte = codes[row * codeBytes + i]!;
      distances[row]! += table[i * 32 + (byte >> 4)]! + table[i * 32 + 16 + (byte & 15)]!;
    }
  return distances;
}

/** Nearest first, ties to the lower ordinal. */
function bruteForce(distances: Uint16Array, filter: Bitmap): number[] {
  const allowed: number[] = [];
  for (let i = 0; i < distances.length; i++) if ((filter[i >> 5]! >>> (i & 31)) & 1) allowed.push(i);
  return allowed.sort((a, b) => distances[a]! - distances[b]! || a - b).slice(0, scanDepth);
}

function byChance({ layout, name }: Prepared): Bitmap[] {
  return selectivities.map((selectivity) => {
    const random = randomOf(`${name} ${selectivity}`);
    return bitmapOf(layout.passages, () => random() < selectivity);
  });
}

/** The largest folders, at the first depth at which there are several. */
function byFolder({ pages, layout }: Prepared): Bitmap[] {
  let folders = new Map<string, Set<number>>();
  for (let depth = 1; depth <= deepestFolder && folders.size < mostFolders; depth++) {
    folders = new Map();
    for (const [page, { id }] of pages.entries()) {
      const names = id.split('/').filter((name) => name !== '');
      if (names.length <= depth) continue;
      const folder = names.slice(0, depth).join('/');
      folders.set(folder, (folders.get(folder) ?? new Set()).add(page));
    }
  }
  const pageOf = pages.flatMap(({ passages }, page) => passages.map(() => page));
  return [...folders.values()]
    .sort((a, b) => b.size - a.size)
    .slice(0, mostFolders)
    .map((held) => bitmapOf(layout.passages, (ordinal) => held.has(pageOf[ordinal]!)));
}

function bitmapOf(n: number, isIn: (ordinal: number) => boolean): Bitmap {
  const bitmap = new Uint32Array(Math.ceil(n / 32));
  for (let i = 0; i < n; i++) if (isIn(i)) bitmap[i >> 5]! |= 1 << (i & 31);
  return bitmap;
}
