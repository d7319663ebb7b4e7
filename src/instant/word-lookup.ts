/**
 * Words of a query in the instant tier's dictionary.
 * In: query terms, the dictionary's parts as they arrive. Out: for each word the entries that answer it, and its row.
 * One round of requests for words that the dictionary holds. A word it does not hold costs one more, for words spelt nearly
 * so and for the words that it may be made of. The rules are those of search/lexical-leg.ts, for the few terms at hand.
 * Deliberately not here: fetching, scores (page-words.ts), the sum of the rows.
 */
import type { Analyser } from '../lexical/analyser';
import { type ChosenTerm, chooseTerms } from '../lexical/expand';
import { pieceTerm } from '../lexical/postings';
import type { QueryTerm } from '../lexical/query';
import { isSpellable } from '../lexical/spelling';
import type { WordEntry } from '../segment/instant-shape';
import { PartsAtHand, type WordParts } from './parts-at-hand';

/** What the dictionary says to one word of the query. */
export interface WordMatch {
  /** Words that it was taken for are among its terms afterwards, to be marked. */
  query: QueryTerm;
  /** Those that pages hold; empty: no page holds the word. */
  answers: ChosenTerm<WordEntry>[];
  /** What the word means, to be added to the query's vector times `query.weight`; null: nobody knows. */
  row: Float32Array | null;
}

export interface WordLookup {
  /** In the order of the words. */
  matches: WordMatch[];
  /** Requests that had to wait for one another: 0, 1 or 2. */
  rounds: number;
}

/** Completions looked at before the most frequent are kept; parts hold fewer terms. */
const maxCompletions = 500;
/** Cost: beside the requests, milliseconds for each word that the dictionary does not hold. */
export async function lookUpWords(
  terms: readonly QueryTerm[],
  analysers: readonly Analyser[],
  parts: WordParts,
): Promise<WordLookup> {
  const hand = new PartsAtHand(parts);
  await hand.fetch(
    terms.flatMap((query) =>
      [...query.terms, ...(query.prefix === null ? [] : [query.prefix])].map((term) => hand.partOf(term)),
    ),
  );
  const found = terms.map((query) => ({ query, chosen: choose(query, hand) }));
  const unknown = found.filter(
    ({ query, chosen }) => isSpellable(query.word) && !chosen.some(({ entry }) => entry.df > 0),
  );
  // Most queries have none, and need not load what these take.
  const more =
    unknown.length === 0
      ? null
      : await (await import('./unknown-words')).findUnknown(unknown, analysers, hand);
  return {
    matches: found.map(({ query, chosen }) => ({
      query,
      answers: chosen.filter(({ entry }) => entry.df > 0),
      row: rowOf(chosen) ?? more?.rows.get(query) ?? null,
    })),
    rounds: terms.length === 0 ? 0 : more?.isLonger ? 2 : 1,
  };
}

/** Entries at hand that answer a word. A word and its piece form stand in one part. */
function choose(query: QueryTerm, hand: PartsAtHand): ChosenTerm<WordEntry>[] {
  const entries = new Map<string, WordEntry>();
  const exact = query.terms.flatMap((term) => hand.find(term) ?? []);
  const pieces = query.terms.flatMap((term) => hand.withPrefix(pieceTerm(term), 1));
  const completions = query.prefix === null ? [] : hand.withPrefix(query.prefix, maxCompletions);
  for (const entry of [...completions, ...pieces, ...exact]) entries.set(entry.term, entry);
  return chooseTerms(query, entries.values(), ({ df }) => df);
}

/** The word's own row; where it is unfinished or misspelt, the mean of those it may be, by how frequent they are. */
function rowOf(chosen: readonly ChosenTerm<WordEntry>[]): Float32Array | null {
  const best = chosen.reduce((most, { weight }) => Math.max(most, weight), 0);
  const rows = chosen.flatMap(({ entry: { row, df }, weight }) =>
    row && weight === best ? [{ row, share: Math.max(df, 1) }] : [],
  );
  if (rows.length === 0) return null;
  const total = rows.reduce((sum, { share }) => sum + share, 0);
  const mean = new Float32Array(rows[0]!.row.length);
  for (const { row, share } of rows)
    for (let i = 0; i < mean.length; i++) mean[i]! += (row[i]! * share) / total;
  return mean;
}
