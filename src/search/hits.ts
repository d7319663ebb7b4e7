/**
 * A ranked page as a reader sees it: title, best passages, marked words, the matching sentence, links, reasons.
 * In: scores and the stored page. Out: a Hit; its rank is given by the caller.
 */
import type { TermMark } from '../lexical/marks';
import type { Hit, HitPassage, Mark, StoredPage } from '../types';
import { explain, type Places } from './explanation';
import type { RankedPage } from './fuse';
import { matchingSentence, sentenceSpans } from './sentence';
import { linkTo } from './text-fragment';

export function toHit(
  ranked: RankedPage,
  page: StoredPage,
  firstOrdinal: number,
  marksOf: (text: string) => TermMark[],
  passagesPerPage: number,
  places: Places,
): Hit {
  const passages: HitPassage[] = ranked.passages.slice(0, passagesPerPage).flatMap(({ ordinal, score }) => {
    const at = ordinal - firstOrdinal;
    const passage = page.passages[at];
    if (!passage) return [];
    const { headings, anchor, text } = passage;
    const terms = marksOf(text);
    const quote = matchingSentence(text, terms);
    // Nothing marked: the reader is led to the passage's beginning.
    const [start, end] = quote ?? sentenceSpans(text)[0] ?? [0, 0];
    const link = linkTo(
      page.url,
      anchor,
      text.slice(start, end),
      textBefore(page, at) + text.slice(0, start),
    );
    const heading = headings.at(-1) ?? page.title;
    return [{ heading, headings, anchor, text, marks: terms.map(toMark), quote, link, score }];
  });
  const best = ranked.passages[0]!;
  return {
    rank: 0,
    id: page.id,
    url: page.url,
    title: page.title,
    titleMarks: marksOf(page.title).map(toMark),
    description: page.description,
    score: ranked.score,
    scores: { lexical: best.lexical, vector: best.vector, rerank: null },
    explanation: explain(ranked, places, null),
    passages,
  };
}

const toMark = ([start, end]: TermMark): Mark => [start, end];

/** What a browser finds on the page before a passage, as far as it is stored. */
function textBefore(page: StoredPage, at: number): string {
  const parts = [page.title];
  for (const { headings, text } of page.passages.slice(0, at)) parts.push(headings.at(-1) ?? '', text);
  parts.push(page.passages[at]!.headings.at(-1) ?? '');
  return `${parts.join('\n')}\n`;
}
