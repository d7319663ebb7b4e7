/**
 * Sums over what a page fetched: bytes by part of nearbit, and how many requests had to wait for one another.
 * In: requests with their times. Out: numbers. Deliberately not here: how they are heard of (wire.ts).
 */

export interface WireRequest {
  path: string;
  status: number;
  /** When the page asked, before any queue. Units: milliseconds since 1970. */
  start: number;
  /** When the last byte came, or the page gave up. */
  end: number;
  /** Headers and body as received. Units: bytes. */
  bytes: number;
}

export type Part = 'engine' | 'start' | 'words' | 'cells' | 'cards' | 'other';

export interface WireSums {
  bytes: number;
  requests: number;
  rounds: number;
  parts: Record<Part, number>;
}

/** Which part of nearbit a file belongs to, by its path alone. */
export function partOf(path: string): Part {
  const kind = path.match(/\/(words|cells|cards)-[^/]*$/)?.[1];
  if (kind) return kind as Part;
  if (/\.m?js$/.test(path)) return 'engine';
  if (/\/(start\.bin|instant\.json|manifest\.json)$/.test(path)) return 'start';
  return 'other';
}

/**
 * The longest chain of requests each of which began after the one before it had ended: an upper bound of the rounds of
 * requests that depend on one another, exact where every answer takes longer than a page takes to ask for what it knows it needs.
 */
export function roundsOf(requests: readonly Pick<WireRequest, 'start' | 'end'>[]): number {
  let rounds = 0;
  let freeAt = Number.NEGATIVE_INFINITY;
  for (const { start, end } of [...requests].sort((a, b) => a.end - b.end)) {
    if (start < freeAt) continue;
    rounds++;
    freeAt = end;
  }
  return rounds;
}

export function sumsOf(requests: readonly WireRequest[]): WireSums {
  const parts: Record<Part, number> = { engine: 0, start: 0, words: 0, cells: 0, cards: 0, other: 0 };
  for (const { path, bytes } of requests) parts[partOf(path)] += bytes;
  return {
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: requests.length,
    rounds: roundsOf(requests),
    parts,
  };
}
