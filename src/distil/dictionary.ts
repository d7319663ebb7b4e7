/**
 * Which terms get a row, and how people write them.
 * In: the terms of the index with their counts, the model's own words, texts of the site. Out: terms in order, each with the
 * word that stands for it.
 * A row is kept for what the site says three times, and for common words that it does not say: people ask with them.
 */
import type { Analyser } from '../lexical/analyser';
import { isPieceTerm } from '../lexical/postings';
import { textRuns } from '../lexical/tokens';

/** What is seen less often may be a typing error, and little can be fitted to it. */
const fewestPassages = 3;
/** More would be rare words in languages the site does not speak. */
const mostVocabulary = 12_000;

export interface RowTerms {
  /** In UTF-16 code unit order. */
  terms: string[];
  /** The commonest spelling of each in the texts, to be encoded alone; the term itself where they do not hold it. */
  words: string[];
  /** Passages of the site that hold each. */
  frequencies: Uint32Array;
}

/** `held`: passages that hold each term of the index; `texts` in any language of the index. */
export function chooseRowTerms(
  held: ReadonlyMap<string, number>,
  vocabulary: readonly string[],
  texts: Iterable<string>,
  analysers: readonly Analyser[],
): RowTerms {
  const words = new Map<string, string>();
  for (const word of vocabulary.slice(0, mostVocabulary)) {
    for (const analyser of analysers) {
      const term = analyser.terms(word)[0];
      // Vocabularies begin with the commonest words.
      if (term !== undefined && !words.has(term)) words.set(term, word);
    }
  }
  const terms = new Set(words.keys());
  for (const [term, passages] of held) if (passages >= fewestPassages && !isPieceTerm(term)) terms.add(term);
  const spellings = countSpellings(texts, analysers, terms);
  const sorted = [...terms].sort();
  return {
    terms: sorted,
    words: sorted.map((term) => spellings.get(term) ?? words.get(term) ?? term),
    frequencies: Uint32Array.from(sorted, (term) => held.get(term) ?? 0),
  };
}

function countSpellings(
  texts: Iterable<string>,
  analysers: readonly Analyser[],
  terms: ReadonlySet<string>,
): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const text of texts) {
    for (const [run] of textRuns(text)) {
      for (const analyser of analysers) {
        for (const { term, kind, start, end } of analyser.runTerms(run)) {
          if (!terms.has(term)) continue;
          const spelling = kind === 'whole' ? run : run.slice(start, end);
          const known = counts.get(term);
          if (known) known.set(spelling, (known.get(spelling) ?? 0) + 1);
          else counts.set(term, new Map([[spelling, 1]]));
        }
      }
    }
  }
  const commonest = (spellings: Map<string, number>) =>
    [...spellings].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0];
  return new Map([...counts].map(([term, spellings]) => [term, commonest(spellings)]));
}
