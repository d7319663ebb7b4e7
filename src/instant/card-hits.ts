/**
 * Ranked pages and their cards to hits.
 * In: a ranked page, its card, marks of the query's words. Out: a Hit, as the full tier gives them.
 * Which passages are shown is decided here: those that hold most words of the query, then the one nearest in meaning.
 */
import type { TermMark } from '../lexical/marks';
import type { Places } from '../search/explanation';
import type { RankedPage } from '../search/fuse';
import { toHit } from '../search/hits';
import type { Card } from '../segment/instant-shape';
import type { Hit } from '../types';

/** What the passage nearest in meaning counts beside one that holds all words of the query. */
const nearestShare = 0.5;

/** Leaves the passages in the order shown with `ranked`. */
export function cardHit(
  ranked: RankedPage,
  card: Card,
  marksOf: (text: string) => TermMark[],
  passagesPerPage: number,
  places: Places,
): Hit {
  const nearest = ranked.passages[0]!;
  const words = card.passages.map(
    ({ heading, text }) =>
      new Set([...marksOf(heading), ...marksOf(text)].flatMap(([, , ...terms]) => terms)),
  );
  const most = Math.max(1, ...words.map(({ size }) => size));
  ranked.passages = card.passages
    .map((_, ordinal) => {
      const isNearest = nearest.vector !== null && ordinal === nearest.ordinal;
      return { ...nearest, ordinal, score: words[ordinal]!.size / most + (isNearest ? nearestShare : 0) };
    })
    .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal)
    // What neither words nor meaning point at is not worth a row of its own.
    .filter(({ score }, i) => i === 0 || score > 0);
  const page = {
    ...card,
    language: '',
    passages: card.passages.map(({ heading, anchor, text }) => ({
      headings: heading === '' ? [] : [heading],
      anchor,
      text,
    })),
  };
  const hit = toHit(ranked, page, 0, marksOf, passagesPerPage, places);
  for (const [i, passage] of hit.passages.entries())
    if (card.passages[ranked.passages[i]!.ordinal]!.isCut) passage.text += ' …';
  return hit;
}
