/**
 * Where the words of a query stand in a text.
 * In: a text as shown, the query's terms, the analysers they came from. Out: marks for bold type.
 */

import type { Analyser, Term } from './analyser';
import type { QueryTerm } from './query';
import { textRuns } from './tokens';

/** Where a text holds words of a query, and which ones (positions among its words of weight 1). */
export type TermMark = [start: number, end: number, ...terms: number[]];

/** Sorted, not overlapping and not touching; offsets in `text` itself. */
export function markTerms(
  text: string,
  query: readonly QueryTerm[],
  analysers: readonly Analyser[],
): TermMark[] {
  // Pieces of a name typed in the query are left out: marking every "stop" for stopPropagation would be noise.
  const full = query.filter(({ weight }) => weight === 1);
  const words = new Map(full.flatMap(({ terms }, i) => terms.map((term) => [term, i])));
  if (words.size === 0) return [];
  const wordOf = ({ term }: Term) =>
    words.get(term) ?? full.findIndex(({ prefix }) => prefix !== null && term.startsWith(prefix));
  const found: TermMark[] = [];
  for (const { 0: run, index: start } of textRuns(text)) {
    for (const analyser of analysers) {
      for (const term of analyser.runTerms(run)) {
        const word = wordOf(term);
        if (word >= 0) found.push([start + term.start, start + term.end, word]);
      }
    }
  }
  return merge(found);
}

function merge(found: TermMark[]): TermMark[] {
  const marks: TermMark[] = [];
  for (const mark of found.sort((a, b) => a[0] - b[0])) {
    const last = marks.at(-1);
    if (last && mark[0] <= last[1]) {
      last[1] = Math.max(last[1], mark[1]);
      last.push(...mark.slice(2));
    } else marks.push(mark);
  }
  return marks;
}
