/**
 * Query terms to postings: which terms of the dictionary answer a word of the query, and how much each is worth.
 * In: query terms and the postings at hand. Out: weighted postings for the scorer.
 */

import { pieceWeight, prefixWeight, type WeightedPostings } from './bm25';
import { pieceTerm, type TermPostings } from './postings';
import type { QueryTerm } from './query';

/** More completions of a prefix than this only blur it; the most frequent are kept. */
export const maxExpansions = 24;

/** Exact terms count in full, pieces and completions less; `postings` may hold terms nobody asked for. */
export function choosePostings(query: QueryTerm, postings: Iterable<TermPostings>): WeightedPostings[] {
  const exact = new Map<string, number>();
  for (const term of query.terms) exact.set(pieceTerm(term), pieceWeight);
  for (const term of query.terms) exact.set(term, 1);
  const chosen: WeightedPostings[] = [];
  const completions: TermPostings[] = [];
  for (const entry of postings) {
    const weight = exact.get(entry.term);
    if (weight !== undefined) chosen.push({ postings: entry, weight });
    else if (query.prefix !== null && entry.term.startsWith(query.prefix)) completions.push(entry);
  }
  completions.sort((a, b) => b.ordinals.length - a.ordinals.length || (a.term < b.term ? -1 : 1));
  for (const entry of completions.slice(0, maxExpansions)) {
    chosen.push({ postings: entry, weight: prefixWeight * (entry.term.endsWith('!') ? pieceWeight : 1) });
  }
  return chosen;
}
