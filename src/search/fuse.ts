/**
 * Two legs into one order: passage scores, then page scores.
 * In: BM25 and cosine per candidate passage. Out: pages with their passages, best first.
 * Score of a passage: c·cosine/sd + BM25/theoretical maximum (Bruch, Gai & Ingber 2023: convex fusion with
 * a theoretical-maximum bound needs no statistics of the two lists and beats reciprocal ranks).
 * Deliberately not here: fetching, and any constant fitted to one site.
 */
import { type Layout, rangeOf } from './layout';

/**
 * Weight of the cosine in units of its spread. From .2 to .25 the means of eight judged sets move by less than .005:
 * lower suits questions in other words than the page's, higher suits paraphrases of whole sentences.
 */
export const cosineWeight = 0.22;

/**
 * A page's score is this share of its first passage's score and the rest of its best one's. A plain maximum
 * favours long pages (each further passage is one more draw); the first passage says what the page is about.
 */
export const firstPassageShare = 0.5;

export interface Candidate {
  ordinal: number;
  /** BM25; null when the leg did not run. */
  lexical: number | null;
  /** Cosine; null when the leg did not run or the passage's codes could not be read. */
  vector: number | null;
  score: number;
}

export interface RankedPage {
  page: number;
  score: number;
  /** Best first. */
  passages: Candidate[];
}

/** Score: higher is better; comparable between passages of one query only. */
export function passageScore(
  lexical: number | null,
  lexicalMaximum: number,
  vector: number | null,
  cosineSd: number,
): number {
  const fromTerms = lexical === null || lexicalMaximum === 0 ? 0 : lexical / lexicalMaximum;
  const fromMeaning = vector === null ? 0 : (cosineWeight * vector) / cosineSd;
  return fromTerms + fromMeaning;
}

/**
 * Groups candidates by page. Every page's first passage must be among the candidates of that page for its share
 * to count; where it is missing, the best passage stands for it.
 * Ties go to the lower ordinal, so that an order never depends on the runtime's sort.
 */
export function rankPages(candidates: readonly Candidate[], layout: Layout): RankedPage[] {
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
    const best = passages[0]!;
    const first = passages.find((candidate) => candidate.ordinal === layout.pageStart[page]) ?? best;
    ranked.push({
      page,
      score: (1 - firstPassageShare) * best.score + firstPassageShare * first.score,
      passages,
    });
  }
  return ranked.sort((a, b) => b.score - a.score || a.page - b.page);
}
