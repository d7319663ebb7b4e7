/**
 * Texts to features: which rows add up to a text's embedding, and with which weights.
 * In: texts, the terms that have rows, the analysers of the index. Out: sparse rows, a column a term.
 * The reader does the same with what somebody types (`queryTerms`): one function, so that what is fitted is what is asked.
 */
import type { Analyser } from '../lexical/analyser';
import { pieceTerm } from '../lexical/postings';
import { queryTerms } from '../lexical/query';
import { normaliseText } from '../text/normalise';
import type { SparseRows } from './sparse';

/** `terms` in any order; columns are their places. A text without a known word has an empty row. */
export function featuresOf(
  texts: Iterable<string>,
  terms: readonly string[],
  analysers: readonly Analyser[],
): SparseRows {
  const places = new Map(terms.map((term, i) => [term, i]));
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  for (const text of texts) {
    const sums = new Map<number, number>();
    for (const { terms: spellings, weight } of queryTerms(normaliseText(text), analysers)) {
      // A spelling that is only a piece of names means what the word would.
      const known = spellings.flatMap((term) => places.get(term) ?? places.get(pieceTerm(term)) ?? []);
      for (const place of known) sums.set(place, (sums.get(place) ?? 0) + weight / known.length);
    }
    for (const [place, value] of [...sums].sort((a, b) => a[0] - b[0])) {
      columns.push(place);
      values.push(value);
    }
    starts.push(columns.length);
  }
  return {
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(columns),
    values: Float32Array.from(values),
  };
}
