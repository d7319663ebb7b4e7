/**
 * Passages' postings to pages' impacts: what each term alone gives to the words' share of a page's score.
 * In: postings by passage, the corpus, the pages' new numbers. Out: for each term its best pages with their impacts.
 * Deliberately not here: which words stand together in a passage, so an impact counts what a passage of the page holds on
 * average beside what the best one does. Lists are then about as good as the full tier's by words; questions of two words
 * lose most (.02 to .04 of nDCG@10), longer ones nothing.
 * Source: Anh & Moffat, "Pruned query evaluation using pre-computed impacts" (2006).
 */
import { type LexicalCorpus, lengthNorm, weightedFrequency } from '../lexical/bm25';
import { type TermPostings, unpackFrequency } from '../lexical/postings';
import { bestAndFirst } from '../search/fuse';
import type { WordEntry } from '../segment/instant-shape';
import { impactSteps, maxTitleTerms } from '../segment/word-part';
import type { FusionWeights } from '../types';

/** An entry of the dictionary before its row is known. */
export type TermImpacts = Omit<WordEntry, 'row'>;

export interface ImpactOptions {
  corpus: LexicalCorpus;
  weights: FusionWeights;
  /** New number of each page. Shapes: u32[pages], a permutation. */
  numberOf: Uint32Array;
  /** Pages kept of a term. Default 1024: with 512 links have too few pages to choose from, more bring nothing. */
  limit?: number;
}

const defaultLimit = 1024;

/**
 * The full tier looks for one passage that holds all words; the best passages of each word are rarely the same one. This
 * part of the best passage's share counts, for the rest what passages of the page give on average. With 1 long pages are
 * overrated (nDCG@10 on summaries of Python's documentation .49, full tier .55); with 0, where few words are asked, pages with
 * a passage about them are missed (on links of MDN .44 instead of .47).
 */
const bestPart = 0.5;

/**
 * One entry for each term, in the order given; of pages that a term gives the same to, the lower number is kept.
 * Cost: linear in postings; seconds for 3 million of them.
 */
export function* termImpacts(
  postings: Iterable<TermPostings>,
  options: ImpactOptions,
): Generator<TermImpacts, void, undefined> {
  const { corpus, numberOf, limit = defaultLimit } = options;
  const shares = new Float32Array(numberOf.length);
  const titles = new Uint8Array(numberOf.length);
  for (const { term, ordinals, frequencies } of postings) {
    const held: number[] = [];
    for (let from = 0, to = 0; from < ordinals.length; from = to) {
      const page = corpus.pageOf[ordinals[from]!]!;
      while (to < ordinals.length && corpus.pageOf[ordinals[to]!] === page) to++;
      const number = numberOf[page]!;
      held.push(number);
      shares[number] = pageShare(ordinals.subarray(from, to), frequencies.subarray(from, to), page, options);
      const isInTitle =
        ordinals[from] === corpus.pageStart[page] && unpackFrequency(frequencies[from]!).title > 0;
      titles[number] = isInTitle ? Math.min(corpus.titleLengths?.[page] ?? 0, maxTitleTerms) : 0;
    }
    const pages = bestPages(Uint32Array.from(held), shares, limit).sort();
    yield {
      term,
      df: ordinals.length,
      pages,
      impacts: Uint8Array.from(pages, (page) => impactOf(shares[page]!)),
      titles: Uint8Array.from(pages, (page) => titles[page]!),
    };
  }
}

/** Nearest step; what a page holds never counts as nothing. Range of `share`: 0 to 1. */
export function impactOf(share: number): number {
  return Math.min(Math.max(Math.round(share * impactSteps), 1), impactSteps - 1);
}

/** What a query of this one word would give to the page, over the most that it can give. Postings of one page alone. */
function pageShare(
  ordinals: Uint32Array,
  frequencies: Uint8Array,
  page: number,
  { corpus, weights }: ImpactOptions,
): number {
  let best = 0;
  let first = 0;
  let sum = 0;
  let all = 0;
  for (let i = 0; i < ordinals.length; i++) {
    const frequency = weightedFrequency[frequencies[i]!]!;
    const share = frequency / (frequency + lengthNorm(corpus.lengths[ordinals[i]!]!, corpus.averageLength));
    best = Math.max(best, share);
    all += share;
    if (ordinals[i] === corpus.pageStart[page]) first = share;
    sum += frequency;
  }
  const whole = sum / (sum + lengthNorm(corpus.pageLengths[page]!, corpus.averagePageLength));
  const average = all / (corpus.pageStart[page + 1]! - corpus.pageStart[page]!);
  const passage = bestAndFirst(bestPart * best + (1 - bestPart) * average, first, weights);
  return (1 - weights.pageWords) * passage + weights.pageWords * whole;
}

/** In no order that means anything. */
function bestPages(pages: Uint32Array, shares: Float32Array, limit: number): Uint32Array {
  if (pages.length <= limit) return pages;
  const bar = Float32Array.from(pages, (page) => shares[page]!).sort()[pages.length - limit]!;
  const above = pages.filter((page) => shares[page]! > bar);
  const level = pages.filter((page) => shares[page] === bar).sort();
  const kept = new Uint32Array(limit);
  kept.set(above);
  kept.set(level.subarray(0, limit - above.length), above.length);
  return kept;
}
