/**
 * A ranked page as a reader sees it: title, best passages, marked words, links.
 * In: scores and the stored page. Out: a Hit; its rank is given by the caller.
 */
import type { Hit, HitPassage, Mark, StoredPage } from '../types';
import type { RankedPage } from './fuse';
import { linkTo } from './text-fragment';

export function toHit(
  ranked: RankedPage,
  page: StoredPage,
  firstOrdinal: number,
  marksOf: (text: string) => Mark[],
  passagesPerPage: number,
): Hit {
  const passages: HitPassage[] = ranked.passages.slice(0, passagesPerPage).flatMap(({ ordinal, score }) => {
    const passage = page.passages[ordinal - firstOrdinal];
    if (!passage) return [];
    const { headings, anchor, text } = passage;
    const marks = marksOf(text);
    const heading = headings.at(-1) ?? page.title;
    return [{ heading, headings, anchor, text, marks, link: linkTo(page.url, anchor, text, marks), score }];
  });
  const best = ranked.passages[0]!;
  return {
    rank: 0,
    id: page.id,
    url: page.url,
    title: page.title,
    titleMarks: marksOf(page.title),
    description: page.description,
    score: ranked.score,
    scores: { lexical: best.lexical, vector: best.vector, rerank: null },
    passages,
  };
}
