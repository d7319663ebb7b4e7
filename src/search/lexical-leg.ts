/**
 * The words of a query against all passages: the posting blocks that hold them, then BM25.
 * In: the typed text. Out: scores by ordinal, the best ordinals, the highest score possible, marks.
 * Reads only the posting blocks whose range of terms covers a word of the query, or words spelt nearly like it.
 */
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import {
  Bm25Scorer,
  describeCorpus,
  type LexicalCorpus,
  prefixWeight,
  type WeightedPostings,
} from '../lexical/bm25';
import { choosePostings, maxExpansions } from '../lexical/expand';
import { markTerms, type TermMark } from '../lexical/marks';
import { pieceTerm, type TermPostings } from '../lexical/postings';
import { type QueryTerm, queryTerms } from '../lexical/query';
import { isSpellable, respellings } from '../lexical/spelling';
import { analyserVersion } from '../lexical/tokens';
import { blockPath } from '../segment/block';
import { lengthOf, type PagesBlock } from '../segment/pages-block';
import {
  openPostings,
  type PostingsBlock,
  type PostingsSlice,
  postingsRefOf,
  postingsRefsWithPrefix,
} from '../segment/postings-block';
import type { ReadableStore } from '../store/store';
import { normaliseText } from '../text/normalise';
import type { Manifest, PostingsRef } from '../types';
import { BlockCache } from './block-cache';
import type { Layout } from './layout';
import { type Notices, readOrNotice } from './notices';

/** Passages, and pages, that the leg hands to fusion. */
export const lexicalDepth = 100;
/** Posting blocks kept inflated. */
const postingsBudgetBytes = 8 * 2 ** 20;
/** A short beginning of a word spans many blocks; the first ones stand for it until more is typed. */
const maxPrefixBlocks = 4;
/** Completions looked at before the most frequent are kept. */
const maxCompletions = 2000;
/** Blocks in which words spelt nearly like an unknown one are looked for; its own is read anyway. */
const maxSpellingBlocks = 3;
/** The most frequent of them are meant. */
const maxSpellings = 3;
/** Each costs milliseconds; a query with more of them is in another language. */
const maxRespelled = 4;

/** One query's lexical scores. */
export interface LexicalResult {
  terms: QueryTerm[];
  /** No passage and no page can score more. 0: no word of the query is in the index. */
  maximum: number;
  /** BM25; 0: the passage holds no word of the query. */
  score(ordinal: number): number;
  /** BM25 of the page as one text. */
  pageScore(page: number): number;
  /** The `k` best passages, and the best passage of each of the `k` best pages. */
  candidates(k: number): Set<number>;
}

export class LexicalLeg {
  readonly #store: ReadableStore;
  readonly #manifest: Manifest;
  readonly #corpus: LexicalCorpus;
  readonly #blocks = new BlockCache<PostingsBlock>(postingsBudgetBytes);
  #analysers: Promise<Analyser[]> | null = null;

  constructor(
    store: ReadableStore,
    manifest: Manifest,
    pages: Pick<PagesBlock, 'lengths' | 'titleLengths'>,
    layout: Layout,
  ) {
    this.#store = store;
    this.#manifest = manifest;
    const lengths = Float32Array.from(pages.lengths, lengthOf);
    const { averageLength } = manifest.lexical;
    this.#corpus = describeCorpus(lengths, averageLength, layout.pageStart, pages.titleLengths);
  }

  /** A query is read in every language of the index: a page in any of them may answer it. */
  #load(): Promise<Analyser[]> {
    this.#analysers ??= Promise.all(this.#manifest.languages.map(loadAnalyser)).catch((error) => {
      this.#analysers = null;
      throw error;
    });
    return this.#analysers;
  }

  async run(
    query: string,
    language: string | undefined,
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<LexicalResult> {
    const scorer = new Bm25Scorer(this.#corpus);
    const result = (terms: QueryTerm[]): LexicalResult => ({
      terms,
      maximum: scorer.theoreticalMaximum,
      score: (ordinal) => scorer.score(ordinal),
      pageScore: (page) => scorer.pageScore(page),
      candidates: (k) => new Set([...scorer.topPassages(k), ...scorer.topPages(k)]),
    });
    const { analyser } = this.#manifest.lexical;
    if (analyser !== analyserVersion) {
      notices.add(
        `Words are not searched: expected an index with analyser ${analyserVersion}, received ${analyser}; index again`,
      );
      return result([]);
    }
    const all = await this.#load();
    const base = language?.toLowerCase().split('-')[0];
    const chosen = all.filter((entry) => entry.language === base);
    const analysers = chosen.length > 0 ? chosen : all;
    const terms = queryTerms(normaliseText(query), analysers, {
      // A space says that the last word is finished.
      prefix: !/\s$/.test(query),
    });
    const answers = await Promise.all(
      terms.map(async (term) => choosePostings(term, await this.#postings(term, notices, signal))),
    );
    const unknown = [...terms.keys()].filter((i) => answers[i]!.length === 0 && isSpellable(terms[i]!.word));
    await Promise.all(
      unknown.slice(0, maxRespelled).map(async (i) => {
        answers[i] = await this.#respelled(terms[i]!, analysers, notices, signal);
      }),
    );
    signal?.throwIfAborted();
    for (const [i, term] of terms.entries()) scorer.add(answers[i]!, term.weight);
    return result(terms);
  }

  /** Marks for a text shown: words that a term of the query stands for, in any language of the index. */
  async marker(terms: readonly QueryTerm[]): Promise<(text: string) => TermMark[]> {
    const analysers = await this.#load();
    return (text) => markTerms(text, terms, analysers);
  }

  /** The dictionary entries that may answer a word of the query, decoded. */
  async #postings(query: QueryTerm, notices: Notices, signal?: AbortSignal): Promise<TermPostings[]> {
    const refs = this.#manifest.postings;
    const slices = new Map<string, PostingsSlice>();
    const exact = query.terms.flatMap((term) => [term, pieceTerm(term)]);
    await Promise.all(
      exact.map(async (term) => {
        const ref = postingsRefOf(refs, term);
        const slice = ref && (await this.#block(ref, notices, signal))?.find(term);
        if (slice) slices.set(term, slice);
      }),
    );
    if (query.prefix !== null) {
      const { prefix } = query;
      const blocks = await Promise.all(
        postingsRefsWithPrefix(refs, prefix)
          .slice(0, maxPrefixBlocks)
          .map((ref) => this.#block(ref, notices, signal)),
      );
      const completions = blocks.flatMap((block) => block?.withPrefix(prefix, maxCompletions) ?? []);
      // Only the completions that count are decoded: "co" begins thousands of terms.
      completions.sort((a, b) => b.df - a.df || (a.term < b.term ? -1 : 1));
      for (const slice of completions.slice(0, maxExpansions + exact.length)) slices.set(slice.term, slice);
    }
    return [...slices.values()].map((slice) => ({ term: slice.term, ...slice.read() }));
  }

  /** What a word that the index does not hold was meant as. The query's term takes those words in, to be marked. */
  async #respelled(
    query: QueryTerm,
    analysers: readonly Analyser[],
    notices: Notices,
    signal?: AbortSignal,
  ): Promise<WeightedPostings[]> {
    const { word } = query;
    const places = new Map<PostingsRef, number>();
    // Other letters come to much the same places as those of the word.
    for (const spelling of respellings(word, word)) {
      const ref = postingsRefOf(this.#manifest.postings, spelling);
      if (ref) places.set(ref, (places.get(ref) ?? 0) + 1);
    }
    const refs = [...places].sort((a, b) => b[1] - a[1]).slice(0, maxSpellingBlocks);
    const blocks = await Promise.all(refs.map(([ref]) => this.#block(ref, notices, signal)));
    const slices = new Map(
      blocks.flatMap(
        (block) => block?.withPrefix(word[0]!, block.n).map((slice) => [slice.term, slice] as const) ?? [],
      ),
    );
    const letters = new Set([...slices.keys()].join('').match(/\p{L}/gu));
    const found = new Set<PostingsSlice>();
    for (const spelling of respellings(word, letters)) {
      for (const analyser of analysers) {
        const slice = slices.get(analyser.terms(spelling)[0]!);
        if (slice) found.add(slice);
      }
    }
    return [...found]
      .sort((a, b) => b.df - a.df || (a.term < b.term ? -1 : 1))
      .slice(0, maxSpellings)
      .map((slice) => {
        query.terms.push(slice.term);
        return { postings: { term: slice.term, ...slice.read() }, weight: prefixWeight };
      });
  }

  #block(ref: PostingsRef, notices: Notices, signal?: AbortSignal): Promise<PostingsBlock | null> {
    const { passages } = this.#manifest.counts;
    const read = this.#blocks.get(ref.hash, ref.bytes * 2, async () =>
      openPostings(await this.#store.readBlock('postings', ref), blockPath('postings', ref), passages),
    );
    return readOrNotice(read, notices, signal);
  }
}
