/**
 * What the crash test writes: small operations, each told by its number alone, and what must hold after them.
 * In: numbers. Out: documents as the page hands them over, and the reference that the test keeps in Node. Used on both sides.
 */
import type { LiveDocument } from '../../src/live/live-types';

/** Number of the operation that wrote each part; a part's text follows from it. */
export interface Written {
  title: number;
  text: number;
}
export type Documents = Map<string, Written>;

export interface Operation {
  /** Rises by one within a tab, over all its lives. */
  number: number;
  kind: 'add' | 'update' | 'remove' | 'clear';
  ids: string[];
}

const words =
  'harbour compass lantern granite orchard velvet thunder pepper saffron glacier meadow copper violin cactus marble falcon'.split(
    ' ',
  );
const idsPerTab = 24;
const longEvery = 9;

/** Ids that a tab writes; no other tab does. */
export function idsOf(tab: number): string[] {
  return Array.from({ length: idsPerTab }, (_, i) => `tab${tab}-note${i}`);
}

/** Numbers from 0 up to 1, the same for the same seeds. */
export function randomOf(...seeds: readonly number[]): () => number {
  let state = seeds.reduce((sum, seed) => Math.imul(sum ^ seed, 0x9e3779b1) + 0x7f4a7c15, 0x2545f491) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The next operation of a tab. `clear` empties the other tabs as well, so that only a tab alone may do it. */
export function nextOperation(
  seed: number,
  tab: number,
  number: number,
  documents: Documents,
  isAlone: boolean,
): Operation {
  const random = randomOf(seed, tab, number);
  const own = idsOf(tab);
  const known = own.filter((id) => documents.has(id));
  const some = (from: readonly string[], most: number): string[] =>
    [...from].sort(() => random() - 0.5).slice(0, 1 + Math.floor(random() * most));
  const roll = random();
  if (isAlone && roll > 0.985) return { number, kind: 'clear', ids: [] };
  if (known.length > 4 && roll < 0.25) return { number, kind: 'update', ids: some(known, 4) };
  if (known.length > 4 && roll < 0.45) return { number, kind: 'remove', ids: some(known, 4) };
  return { number, kind: 'add', ids: some(own, 6) };
}

/** What holds when an operation is done. */
export function applyOperation(before: Documents, { number, kind, ids }: Operation): Documents {
  if (kind === 'clear') return new Map();
  const after: Documents = new Map(before);
  for (const id of ids) {
    if (kind === 'remove') after.delete(id);
    else after.set(id, { title: kind === 'add' ? number : before.get(id)!.title, text: number });
  }
  return after;
}

export function documentsOf({ number, kind, ids }: Operation): LiveDocument[] {
  return ids.map((id) => ({
    id,
    ...(kind === 'add' && { title: titleOf(id, number) }),
    text: textOf(id, number),
    fields: { number, tab: id.split('-')[0]! },
  }));
}

export function titleOf(id: string, number: number): string {
  return `${id} as of ${number}`;
}

/** A word that no other text has. */
export function markOf(id: string, number: number): string {
  return `mark${number}${id.replace('-', 'in')}`;
}

/** Begins with its mark. Every ninth or so is long: its blocks take longer to write. */
export function textOf(id: string, number: number): string {
  const random = randomOf(number, Number(id.match(/\d+$/)![0]));
  const length = number % longEvery === 0 ? 2000 : 12 + Math.floor(random() * 40);
  const rest = Array.from({ length }, () => words[Math.floor(random() * words.length)]!);
  return [markOf(id, number), ...rest].join(' ');
}
