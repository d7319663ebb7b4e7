/**
 * Where the words of a query stand in a text.
 * In: a text as shown, the query's terms, the analysers they came from. Out: marks for bold type.
 */

import type { Mark } from '../types';
import type { Analyser, Term } from './analyser';
import type { QueryTerm } from './query';
import { textRuns } from './tokens';

/** Sorted, not overlapping and not touching; offsets in `text` itself. */
export function markTerms(text: string, query: readonly QueryTerm[], analysers: readonly Analyser[]): Mark[] {
  // Pieces of a name typed in the query are left out: marking every "stop" for stopPropagation would be noise.
  const full = query.filter(({ weight }) => weight === 1);
  const terms = new Set(full.flatMap((term) => term.terms));
  const prefixes = full.flatMap(({ prefix }) => (prefix === null ? [] : [prefix]));
  if (terms.size === 0) return [];
  const matches = (term: Term) =>
    terms.has(term.term) || prefixes.some((prefix) => term.term.startsWith(prefix));
  const found: Mark[] = [];
  for (const { 0: run, index: start } of textRuns(text)) {
    for (const analyser of analysers) {
      for (const term of analyser.runTerms(run)) {
        if (matches(term)) found.push([start + term.start, start + term.end]);
      }
    }
  }
  return merge(found);
}

function merge(found: Mark[]): Mark[] {
  const marks: Mark[] = [];
  for (const [start, end] of found.sort((a, b) => a[0] - b[0])) {
    const last = marks.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else marks.push([start, end]);
  }
  return marks;
}
