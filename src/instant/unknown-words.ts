/**
 * Words of a query that no page of the index holds: what they were meant as, and what they are made of.
 * In: such words with what the dictionary has for them, the parts at hand. Out: more entries for each, rows of compounds.
 * One further round of requests at most. A file of its own, because few queries need it.
 */
import type { Analyser } from '../lexical/analyser';
import { prefixWeight } from '../lexical/bm25';
import type { ChosenTerm } from '../lexical/expand';
import type { QueryTerm } from '../lexical/query';
import { respellings } from '../lexical/spelling';
import type { WordEntry } from '../segment/instant-shape';
import type { PartsAtHand } from './parts-at-hand';
import { restOf, subWordRow } from './sub-words';

/** Words looked for that the dictionary does not hold; a query with more of them is in another language. */
const maxUnknown = 4;
/**
 * Parts read for words spelt nearly like an unknown one, beside its own: with 2, 57 % of the misspelt words of 1,900 find
 * their part, with none 37 %, with 3 63 %.
 */
const maxSpellingParts = 2;
/** The most frequent of them are meant. */
const maxSpellings = 3;
/** For all unknown words of a query together. */
const maxFurtherParts = 6;

/** A word and the entries that answer it so far; none of them stands on a page. */
export interface UnknownWord {
  query: QueryTerm;
  /** Grows. */
  chosen: ChosenTerm<WordEntry>[];
}

/** `rows`: of words that are made of others. `isLonger`: it took one round more. */
export async function findUnknown(
  words: readonly UnknownWord[],
  analysers: readonly Analyser[],
  hand: PartsAtHand,
): Promise<{ rows: Map<QueryTerm, Float32Array>; isLonger: boolean }> {
  const unknown = words.slice(0, maxUnknown);
  for (const match of unknown) match.chosen.push(...respelled(match.query, analysers, hand));
  const missing = unknown.filter(({ chosen }) => chosen.length === 0);
  const further = missing.flatMap(({ query: { word } }) => [
    ...spellingParts(word, hand),
    ...restOf(word, hand).map((rest) => hand.partOf(rest)),
  ]);
  const isLonger = await hand.fetch(further.slice(0, maxFurtherParts));
  if (isLonger) for (const match of missing) match.chosen.push(...respelled(match.query, analysers, hand));
  const rows = new Map<QueryTerm, Float32Array>();
  for (const { query, chosen } of missing) {
    const row = chosen.length === 0 && subWordRow(query.word, hand);
    if (row) rows.set(query, row);
  }
  return { rows, isLonger };
}

/** What a word that no page holds was meant as. The query's term takes those words in, to be marked. */
function respelled(
  query: QueryTerm,
  analysers: readonly Analyser[],
  hand: PartsAtHand,
): ChosenTerm<WordEntry>[] {
  const found = new Map<string, WordEntry>();
  for (const spelling of respellings(query.word, hand.letters()))
    for (const analyser of analysers) {
      const entry = hand.find(analyser.terms(spelling)[0] ?? '');
      if (entry && entry.df > 0) found.set(entry.term, entry);
    }
  return [...found.values()]
    .sort((a, b) => b.df - a.df || (a.term < b.term ? -1 : 1))
    .slice(0, maxSpellings)
    .map((entry) => {
      query.terms.push(entry.term);
      return { entry, weight: prefixWeight };
    });
}

/**
 * Where words spelt nearly so may stand. Letters added or changed are not tried: each of them leads to a part of its own,
 * and those that matter lead to where a letter left out or two exchanged lead as well.
 */
function spellingParts(word: string, hand: PartsAtHand): number[] {
  const counts = new Map<number, number>();
  for (const spelling of respellings(word, '')) {
    const part = hand.partOf(spelling);
    if (!hand.has(part)) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, maxSpellingParts)
    .map(([part]) => part);
}
