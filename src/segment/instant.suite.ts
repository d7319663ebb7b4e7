/**
 * A small set of the instant tier, for tests of its files and of stores.
 * In: how many parts share a file. Out: start, payloads of the parts, and the set's files.
 * Payloads are arbitrary bytes: no test of these rooms looks into them.
 */

import { startPath } from './instant-head';
import { packParts, sealPart } from './instant-part';
import type { InstantStart, PackKind } from './instant-shape';
import { encodeStart } from './instant-start';
import { storedCentroids, storedMean, storedSpread } from './instant-vectors';

/** Bytes that look random and are the same each time. */
export function noise(n: number, seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length: n }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

export interface SampleSet {
  start: InstantStart;
  payloads: Record<PackKind, Uint8Array[]>;
  files: Map<string, Uint8Array>;
}

/** `changed`: as after an edit of the site. */
export async function sampleSet(perPack: number, changed = false): Promise<SampleSet> {
  const dim = 16;
  const vector = (seed: number) => Float32Array.from(noise(dim, seed), (byte) => byte / 100 - 1.2);
  const seed = changed ? 100 : 1;
  const payloads = {
    words: Array.from({ length: 7 }, (_, i) => noise(2000 + i * 100, i + seed)),
    cells: Array.from({ length: 3 }, (_, i) => noise(4000, i + 20 + seed)),
    // Compressible, unlike the others.
    cards: Array.from({ length: 5 }, (_, i) => new TextEncoder().encode(`card ${i + seed} `.repeat(300))),
  };
  const files = new Map<string, Uint8Array>();
  const packed = async (kind: PackKind) => {
    const { files: packs, table } = packParts(kind, await Promise.all(payloads[kind].map(sealPart)), perPack);
    for (const [path, bytes] of packs) files.set(path, bytes);
    return table;
  };
  const mean = storedMean(vector(30));
  const start: InstantStart = {
    design: 'cells',
    analyser: 1,
    language: 'en',
    languages: ['en', 'de'],
    pages: 11,
    passages: 40,
    weights: { cosine: 0.06, firstPassage: 0.5, pageWords: 0.5, links: 0.15 },
    packs: { words: await packed('words'), cells: await packed('cells'), cards: await packed('cards') },
    firstTerms: ['a', 'brea', 'breat', 'c', 'käse', 'x!', '面'],
    firstPages: Uint32Array.of(0, 2, 4, 7, 10),
    linked: Uint8Array.from({ length: 11 }, (_, i) => i),
    meaning: {
      dim,
      bits: 2,
      mean,
      spread: storedSpread(vector(31).map(Math.abs)),
      cosineSd: 0.0625,
      centroids: storedCentroids(Float32Array.from([...vector(32), ...vector(33), ...vector(34)]), mean),
      cellPages: Uint32Array.of(0, 5, 5, 11),
    },
  };
  files.set(startPath, await encodeStart(start));
  return { start, payloads, files };
}
