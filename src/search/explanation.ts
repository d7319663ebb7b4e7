/**
 * Why a page stands where it does: its place were each leg alone, and what moved it from there.
 * In: the pages of an answer with what each leg gave to their scores. Out: one explanation a hit, in numbers and one word.
 * Deliberately not here: sentences about it (whoever shows it writes them, in the reader's language).
 */
import type { Explanation } from '../types';
import type { RankedPage } from './fuse';

/** Places from 1, by page of an answer. */
export type Places = Record<'words' | 'meaning' | 'fused' | 'unlinked', Map<RankedPage, number>>;

/** Cost: sorts the pages four times. */
export function placesOf(ranked: readonly RankedPage[]): Places {
  // Ties keep the answer's order.
  const by = (share: (page: RankedPage) => number) =>
    new Map([...ranked].sort((a, b) => share(b) - share(a)).map((page, i) => [page, i + 1]));
  return {
    words: by(({ shares }) => shares.words),
    meaning: by(({ shares }) => shares.meaning),
    fused: by(({ score }) => score),
    unlinked: by(({ score, shares }) => score - shares.links),
  };
}

/** `rerank`: the hit's score, null when no reranking ran. */
export function explain(page: RankedPage, places: Places, rerank: number | null): Explanation {
  const { shares, passages } = page;
  const place = (of: 'words' | 'meaning') => (shares[of] === 0 ? null : places[of].get(page)!);
  const words = place('words');
  const meaning = place('meaning');
  const ahead = (meaning ?? Infinity) - (words ?? Infinity);
  const lifted = places.fused.get(page)! < places.unlinked.get(page)!;
  return {
    lexical: { score: passages[0]!.lexical, rank: words },
    vector: { score: passages[0]!.vector, rank: meaning },
    shares,
    moved:
      rerank !== null ? 'reranked' : lifted ? 'links' : ahead > 0 ? 'words' : ahead < 0 ? 'meaning' : 'both',
  };
}
