/**
 * What a hit shows of a page, cut to what fits beside a query on a slow line.
 * In: a stored page and which of its passages have codes. Out: a card.
 */
import type { Card } from '../segment/instant-shape';
import { sentences } from '../text/cut';
import type { StoredPage } from '../types';

/** A row of the box holds about two lines; of a page with many passages less of each is kept. Units: UTF-16 code units. */
const textLength = { most: 180, least: 60, ofPage: 3600 };
/** Units: UTF-16 code units. */
const descriptionLength = 120;
/** A description that begins like the page's text would be the same sentence twice. Units: UTF-16 code units. */
const sameBeginning = 40;

/** `places`: passages of the page that have codes, ascending, the first among them. */
export function makeCard(page: StoredPage, places: readonly number[]): Card {
  const { most, least, ofPage } = textLength;
  const length = Math.max(least, Math.min(most, Math.floor(ofPage / places.length)));
  return {
    id: page.id,
    url: page.url,
    title: page.title,
    description: saysMore(page) ? shorten(page.description, descriptionLength) : '',
    passages: places.map((place) => {
      const { headings, anchor, text } = page.passages[place]!;
      const shown = shorten(text, length);
      return { heading: headings.at(-1) ?? '', anchor, text: shown, isCut: shown.length < text.length };
    }),
  };
}

function saysMore({ description, passages }: StoredPage): boolean {
  return !passages[0]?.text.startsWith(description.slice(0, sameBeginning));
}

/** Whole sentences where two or more fit, else whole words; scripts without spaces are cut where they must be. */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const first = [...sentences(text)][0]!.trimEnd();
  if (first.length <= limit && first.length > limit / 2) return first;
  const cut = text.slice(0, limit + 1);
  const words = cut.replace(/\s+\S*$/, '');
  if (words.length < cut.length && words.length > limit / 2) return words.trimEnd();
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}
