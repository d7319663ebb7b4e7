/**
 * Query terms to postings: which terms of the dictionary answer a word of the query, and how much each is worth.
 * In: query terms and the postings at hand. Out: weighted postings for the scorer.
 */

import { pieceWeight, prefixWeight, type WeightedPostings } from './bm25';
import { isPieceTerm, pieceTerm, type TermPostings } from './postings';
import type { QueryTerm } from './query';

/** More completions of a prefix than this only blur it; the most frequent are kept. */
export const maxExpansions = 24;

/** A term of the dictionary that answers a word of the query. */
export interface ChosenTerm<T> {
  entry: T;
  /** Of one occurrence, above 0, at most 1. */
  weight: number;
}

/** Exact terms count in full, pieces and completions less; `entries` may hold terms nobody asked for. */
export function chooseTerms<T extends { term: string }>(
  query: QueryTerm,
  entries: Iterable<T>,
  dfOf: (entry: T) => number,
): ChosenTerm<T>[] {
  const exact = new Map<string, number>();
  for (const term of query.terms) exact.set(pieceTerm(term), pieceWeight);
  for (const term of query.terms) exact.set(term, 1);
  const chosen: ChosenTerm<T>[] = [];
  const completions: T[] = [];
  for (const entry of entries) {
    const weight = exact.get(entry.term);
    if (weight !== undefined) chosen.push({ entry, weight });
    else if (query.prefix !== null && entry.term.startsWith(query.prefix)) completions.push(entry);
  }
  completions.sort((a, b) => dfOf(b) - dfOf(a) || (a.term < b.term ? -1 : 1));
  for (const entry of completions.slice(0, maxExpansions))
    chosen.push({ entry, weight: prefixWeight * (isPieceTerm(entry.term) ? pieceWeight : 1) });
  return chosen;
}

/** The same from postings at hand. */
export function choosePostings(query: QueryTerm, postings: Iterable<TermPostings>): WeightedPostings[] {
  return chooseTerms(query, postings, ({ ordinals }) => ordinals.length).map(({ entry, weight }) => ({
    postings: entry,
    weight,
  }));
}
