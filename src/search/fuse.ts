/**
 * Two legs into one order of pages.
 * In: BM25 and cosine per candidate passage, BM25 and links per page. Out: pages with their passages, best first.
 * Each leg scores the page; the page's score is words/theoretical maximum + c·(cosine above average/sd)^1.5 + links.
 * Source: Bruch, Gai & Ingber 2023 (adding scores beats reciprocal ranks, and a theoretical maximum needs no statistics of
 * the list); Craswell et al. 2005 (evidence that does not depend on the query).
 * Deliberately not here: fetching, and any constant fitted to one site.
 */
import { knowsLanguage } from '../embed/known-language';
import type { FusionWeights, Manifest } from '../types';
import { type Layout, rangeOf } from './layout';

/**
 * A near paraphrase stands out more than its cosine does. With a straight line no weight suits both paraphrased questions
 * (stackfaq) and facts that only words tell apart (limit-small).
 */
const cosinePower = 1.5;

/** Used where no owner has fitted them to queries of the site. `npm run relevance` prints what each is worth. */
export const defaultWeights: FusionWeights = {
  // From .05 to .08 the means over judged sets move by less than .005: lower suits single facts, higher paraphrases.
  cosine: 0.065,
  // A plain maximum favours long pages (each further passage is one more draw); the first says what a page is about.
  firstPassage: 0.5,
  // The words of a question seldom stand in one passage; but a long page holds any words somewhere.
  pageWords: 0.5,
  // What the rest of the site links to is what people look for.
  links: 0.2,
};

/**
 * Weight of the cosine in an index whose main language its model was not made for: words decide, meaning breaks ties.
 * On xquad-r in German, Spanish and Chinese with all-MiniLM-L6-v2 the fused list stays at or above that of words alone.
 */
export const foreignCosineWeight = 0.006;

/** Those of an index to which none were fitted. */
export function usualWeights(index: Pick<Manifest, 'model' | 'language'>): FusionWeights {
  return isForeign(index) ? { ...defaultWeights, cosine: foreignCosineWeight } : defaultWeights;
}

/** The model was not made for the language of the index. */
export function isForeign({ model, language }: Pick<Manifest, 'model' | 'language'>): boolean {
  return model !== null && !knowsLanguage(model, language);
}

/** A page's score by one leg. */
export function bestAndFirst(best: number, first: number, { firstPassage }: FusionWeights): number {
  return (1 - firstPassage) * best + firstPassage * first;
}

export interface Candidate {
  ordinal: number;
  /** BM25; null when the leg did not run. */
  lexical: number | null;
  /** Cosine; null when the leg did not run or the passage's codes could not be read. */
  vector: number | null;
  /** Orders the passages of one page. */
  score: number;
}

/** What each leg gave to a page's score; they add up to it. */
export interface PageShares {
  words: number;
  meaning: number;
  links: number;
}

export interface RankedPage {
  page: number;
  score: number;
  shares: PageShares;
  /** Best first. */
  passages: Candidate[];
}

/** What fusion knows of a query and a corpus beside the candidates. */
export interface FusionContext {
  layout: Layout;
  weights: FusionWeights;
  /** The highest BM25 there can be; 0: no word of the query is in the index. */
  lexicalMaximum: number;
  /** BM25 of a page as one text. */
  pageWords(page: number): number;
  /** The query's mean cosine over the corpus. */
  cosineMean: number;
  /** Spread of the model's cosines, the unit in which they are read. */
  cosineSd: number;
  /** How much the rest of the site links to a page, 0 to 1; null: links say nothing here. */
  linked: ((page: number) => number) | null;
}

/** Orders the passages of one page; higher is better. */
export function passageScore(lexical: number | null, vector: number | null, context: FusionContext): number {
  return ofWords(lexical ?? 0, context) + (vector === null ? 0 : meaningShare(vector, context));
}

function ofWords(bm25: number, { lexicalMaximum }: FusionContext): number {
  return lexicalMaximum === 0 ? 0 : bm25 / lexicalMaximum;
}

/** What a cosine gives to a page's score. */
export function meaningShare(
  cosine: number,
  { cosineMean, cosineSd, weights }: Pick<FusionContext, 'cosineMean' | 'cosineSd' | 'weights'>,
): number {
  return weights.cosine * Math.max(0, (cosine - cosineMean) / cosineSd) ** cosinePower;
}

/**
 * Groups candidates by page and scores the pages. A page's first passage must be among its candidates to count; where
 * it is missing, or its codes could not be read, the best passage stands for it.
 * Ties go to the lower ordinal, so that an order never depends on the runtime's sort.
 */
export function rankPages(candidates: readonly Candidate[], context: FusionContext): RankedPage[] {
  const { layout, weights } = context;
  const pages = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const page = rangeOf(layout.pageStart, candidate.ordinal);
    const list = pages.get(page);
    if (list) list.push(candidate);
    else pages.set(page, [candidate]);
  }
  const ranked: RankedPage[] = [];
  for (const [page, passages] of pages) {
    passages.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
    const first = passages.find(({ ordinal }) => ordinal === layout.pageStart[page]);
    const ofLeg = (leg: 'lexical' | 'vector'): number | null => {
      const scores = passages.flatMap(({ [leg]: score }) => score ?? []);
      if (scores.length === 0) return null;
      const best = Math.max(...scores);
      return bestAndFirst(best, first?.[leg] ?? best, weights);
    };
    const bm25 = ofLeg('lexical');
    const cosine = ofLeg('vector');
    const shares = {
      words:
        bm25 === null
          ? 0
          : ofWords((1 - weights.pageWords) * bm25 + weights.pageWords * context.pageWords(page), context),
      meaning: cosine === null ? 0 : meaningShare(cosine, context),
      links: weights.links * (context.linked?.(page) ?? 0),
    };
    ranked.push({ page, score: shares.words + shares.meaning + shares.links, shares, passages });
  }
  return ranked.sort((a, b) => b.score - a.score || a.page - b.page);
}
