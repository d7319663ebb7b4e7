/**
 * The words of a query against all passages: the terms of a dictionary that answer them, then BM25.
 * In: the typed text. Out: a scorer of passages and pages, the query's terms, marks.
 * Reads only the posting blocks whose range of terms covers a word of the query, or words spelt nearly like it.
 */
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { Bm25Scorer, type LexicalCorpus, prefixWeight, type WeightedPostings } from '../lexical/bm25';
import { choosePostings, maxExpansions } from '../lexical/expand';
import { markTerms, type TermMark } from '../lexical/marks';
import { pieceTerm, type TermPostings } from '../lexical/postings';
import { type QueryTerm, queryTerms } from '../lexical/query';
import { isSpellable, respellings } from '../lexical/spelling';
import { analyserVersion } from '../lexical/tokens';
import type { PostingsSlice } from '../segment/postings-block';
import { normaliseText } from '../text/normalise';
import { byFrequency, type Dictionary } from './dictionary';
import { type Notices, type ReadOrNull, readOrNotice } from './notices';

/** Passages, and pages, that the leg hands to fusion. */
export const lexicalDepth = 100;
/** The most frequent of the words spelt nearly like an unknown one are meant. */
const maxSpellings = 3;
/** Each costs milliseconds; a query with more of them is in another language. */
const maxRespelled = 4;

/** One query's lexical scores. */
export interface LexicalResult {
  terms: QueryTerm[];
  /** Knows no word where the index was made with another analyser. */
  scorer: Bm25Scorer;
}

export interface LexicalLeg {
  run(
    query: string,
    language: string | undefined,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<LexicalResult>;
  /** Marks for a text shown: words that a term of the query stands for, in any language of the index. */
  marker(terms: readonly QueryTerm[]): Promise<(text: string) => TermMark[]>;
}

/** `languages`: of the corpus. `analyser`: the version of tokenisation that made the dictionary. */
export function createLexicalLeg(
  dictionary: Dictionary,
  corpus: LexicalCorpus,
  languages: readonly string[],
  analyser: number,
): LexicalLeg {
  let loaded: Promise<Analyser[]> | null = null;

  /** A query is read in every language of the index: a page in any of them may answer it. */
  function load(): Promise<Analyser[]> {
    loaded ??= Promise.all(languages.map(loadAnalyser)).catch((error) => {
      loaded = null;
      throw error;
    });
    return loaded;
  }

  /** The dictionary entries that may answer a word of the query, decoded. */
  async function postingsOf(query: QueryTerm, read: ReadOrNull): Promise<TermPostings[]> {
    const slices = new Map<string, PostingsSlice>();
    const exact = query.terms.flatMap((term) => [term, pieceTerm(term)]);
    await Promise.all(
      exact.map(async (term) => {
        const slice = await dictionary.find(term, read);
        if (slice) slices.set(term, slice);
      }),
    );
    if (query.prefix !== null) {
      // Only the completions that count are decoded: "co" begins thousands of terms.
      const most = maxExpansions + exact.length;
      for (const slice of await dictionary.completions(query.prefix, most, read))
        slices.set(slice.term, slice);
    }
    return [...slices.values()].map(decoded);
  }

  /** What a word that the index does not hold was meant as. The query's term takes those words in, to be marked. */
  async function respelled(
    query: QueryTerm,
    analysers: readonly Analyser[],
    read: ReadOrNull,
  ): Promise<WeightedPostings[]> {
    const near = await dictionary.near(query.word, read);
    const slices = new Map(near.map((slice) => [slice.term, slice]));
    const letters = new Set([...slices.keys()].join('').match(/\p{L}/gu));
    const found = new Set<PostingsSlice>();
    for (const spelling of respellings(query.word, letters)) {
      for (const analyser of analysers) {
        const slice = slices.get(analyser.terms(spelling)[0]!);
        if (slice?.df) found.add(slice);
      }
    }
    return [...found]
      .sort(byFrequency)
      .slice(0, maxSpellings)
      .map((slice) => {
        query.terms.push(slice.term);
        return { postings: decoded(slice), weight: prefixWeight };
      });
  }

  return {
    async run(query, language, notices, signal) {
      const scorer = new Bm25Scorer(corpus);
      if (analyser !== analyserVersion) {
        notices.add(
          `Words are not searched: expected an index with analyser ${analyserVersion}, received ${analyser}; index again`,
        );
        return { terms: [], scorer };
      }
      const read: ReadOrNull = (block) => readOrNotice(block, notices, signal);
      const all = await load();
      const base = language?.toLowerCase().split('-')[0];
      const chosen = all.filter((entry) => entry.language === base);
      const analysers = chosen.length > 0 ? chosen : all;
      const terms = queryTerms(normaliseText(query), analysers, {
        // A space says that the last word is finished.
        prefix: !/\s$/.test(query),
      });
      const answers = await Promise.all(
        terms.map(async (term) => choosePostings(term, await postingsOf(term, read))),
      );
      const unknown = [...terms.keys()].filter(
        (i) => answers[i]!.length === 0 && isSpellable(terms[i]!.word),
      );
      await Promise.all(
        unknown.slice(0, maxRespelled).map(async (i) => {
          answers[i] = await respelled(terms[i]!, analysers, read);
        }),
      );
      signal?.throwIfAborted();
      for (const [i, term] of terms.entries()) scorer.add(answers[i]!, term.weight);
      return { terms, scorer };
    },
    async marker(terms) {
      const analysers = await load();
      return (text) => markTerms(text, terms, analysers);
    },
  };
}

const decoded = (slice: PostingsSlice): TermPostings => ({ term: slice.term, ...slice.read() });
