/**
 * The instant tier's order of pages: what words, meaning and links give, added up as the full tier does.
 * In: scores by words, cosines of the pages whose codes are at hand. Out: pages, best first.
 * Deliberately not here: weights and curve, which are fusion's own (search/fuse.ts).
 */
import { meaningShare, type RankedPage } from '../search/fuse';
import type { InstantStart } from '../segment/instant-shape';

/** Words of the query by page. */
export interface WordScores {
  /** No page can score more; 0: no word of the query is known. */
  maximum: number;
  score(page: number): number;
}

/** Meaning by page; null: words alone. */
export interface MeaningScores {
  /** The query's mean cosine over the corpus. */
  mean: number;
  /** Cosine of a page and the place of its best passage; undefined: its codes were not read. */
  exact(page: number): { score: number; passage: number } | undefined;
}

/** Highest level of `InstantStart.linked`. */
const mostLinked = 15;

/** Ties go to the lower page number. */
export function rankInstantPages(
  pages: Iterable<number>,
  words: WordScores,
  meaning: MeaningScores | null,
  { weights, linked, meaning: stored }: Pick<InstantStart, 'weights' | 'linked' | 'meaning'>,
): RankedPage[] {
  const ranked = [...pages].map((page): RankedPage => {
    const lexical = words.maximum === 0 ? null : words.score(page) || null;
    const exact = meaning?.exact(page);
    const shares = {
      words: lexical === null ? 0 : lexical / words.maximum,
      meaning:
        meaning && exact
          ? meaningShare(exact.score, {
              weights,
              cosineMean: meaning.mean,
              cosineSd: stored!.cosineSd,
            })
          : 0,
      links: (weights.links * linked[page]!) / mostLinked,
    };
    const score = shares.words + shares.meaning + shares.links;
    const passage = { ordinal: exact?.passage ?? 0, lexical, vector: exact?.score ?? null, score };
    return { page, score, shares, passages: [passage] };
  });
  return ranked.sort((a, b) => b.score - a.score || a.page - b.page);
}
