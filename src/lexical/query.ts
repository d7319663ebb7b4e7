/**
 * A query to the terms that score passages.
 * In: the typed text and an analyser per language of the index. Out: at most 32 query terms.
 * Deliberately not here: which terms the dictionary holds (expand.ts), scores (bm25.ts), typing errors (spelling.ts).
 */

import type { Analyser, Term } from './analyser';
import { pieceWeight } from './bm25';
import { isSingleUnspaced, runTokens, type Token, textRuns } from './tokens';

/** One word of the query. */
export interface QueryTerm {
  /** The word as each analyser writes it, without duplicates; a passage needs one of them. */
  terms: string[];
  /** 1, or `pieceWeight` for a part of a camelCase word. */
  weight: number;
  /** Dictionary terms that begin so answer too, at `prefixWeight`; null: none do. */
  prefix: string | null;
  /** Folded, as typed; '' for what is not a word of its own. */
  word: string;
}

export interface QueryTermOptions {
  /** The last word may be unfinished: match it as a prefix as well, unless something follows it. Default false. */
  prefix?: boolean;
}

/** Bounds the work of a query of any length; what comes after is ignored. Units: distinct query terms. */
export const maxQueryTerms = 32;
/** Nobody types more; keeps a pasted book cheap. Units: UTF-16 code units. */
const maxQueryLength = 1024;
/** A single letter begins too many terms to say anything. Units: UTF-16 code units. */
const minPrefixLength = 2;

/** Stop words are left out, unless the query holds nothing else. Expects a text in NFC. */
export function queryTerms(
  text: string,
  analysers: readonly Analyser[],
  options: QueryTermOptions = {},
): QueryTerm[] {
  if (analysers.length === 0) return [];
  const content = new Map<string, QueryTerm>();
  const stops = new Map<string, QueryTerm>();
  for (const { 0: run, index: start } of textRuns(text.slice(0, maxQueryLength))) {
    const unfinished = options.prefix === true && start + run.length === text.length;
    const spellings = analysers.map((analyser) => analyser.runTerms(run));
    const tokens = runTokens(run);
    const lastWord = tokens.findLastIndex((token) => token.kind === 'word');
    for (const [i, token] of tokens.entries()) {
      const folded = analysers[0]!.fold(token.text);
      const typed = {
        prefix: isPrefix(token, unfinished && (i === lastWord || token.kind === 'whole')) ? folded : null,
        word: token.kind === 'word' ? folded : '',
      };
      const variants = spellings.map((terms) => terms[i]!);
      // A stop word of any language of the index is one: elsewhere it is rare, and would outweigh what was meant.
      if (variants.every((variant) => variant.kind !== 'stop')) collect(content, variants, token, typed);
      else if (token.kind === 'word') collect(stops, variants, token, typed);
      if (content.size === maxQueryTerms) return [...content.values()];
    }
  }
  return [...(content.size > 0 ? content : stops).values()];
}

function collect(
  into: Map<string, QueryTerm>,
  variants: Term[],
  token: Token,
  typed: Pick<QueryTerm, 'prefix' | 'word'>,
): void {
  const terms = [...new Set(variants.map((variant) => variant.term))];
  const key = terms.join(' ');
  const weight = token.kind === 'piece' ? pieceWeight : 1;
  const known = into.get(key);
  if (known) {
    known.weight = Math.max(known.weight, weight);
    known.prefix ??= typed.prefix;
  } else if (into.size < maxQueryTerms) into.set(key, { terms, weight, ...typed });
}

function isPrefix({ text }: Token, unfinished: boolean): boolean {
  return isSingleUnspaced(text) || (unfinished && text.length >= minPrefixLength);
}
