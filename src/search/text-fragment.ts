/**
 * A link that opens a page at the words a hit shows.
 * In: the page's URL, the anchor, the passage's text and its marks. Out: URL with `#anchor:~:text=…`.
 * Source: WICG Scroll to Text Fragment (a directive must match inside one block of the page).
 */
import type { Mark } from '../types';

/** Enough words to be unique on most pages, few enough to survive small edits of the page. */
const fragmentWords = 8;

/** The line (one block of the page) with the most marked characters; the first one on a tie. */
function bestLine(text: string, marks: readonly Mark[]): string {
  let best = '';
  let bestMarked = -1;
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    let marked = 0;
    for (const [from, to] of marks) if (from >= start && to <= end) marked += to - from;
    if (marked > bestMarked && line.trim() !== '') {
      best = line;
      bestMarked = marked;
    }
    start = end + 1;
  }
  return best;
}

/** `-` and `,` have a meaning inside a text directive, beyond what encodeURIComponent covers. */
function encodeDirective(text: string): string {
  return encodeURIComponent(text).replace(/-/g, '%2D');
}

/** Lone surrogates, which no URL can carry, are left out of the directive. */
export function linkTo(url: string, anchor: string | null, text: string, marks: readonly Mark[]): string {
  const base = url.split('#')[0] ?? '';
  const fragment = anchor === null ? '' : encodeURIComponent(anchor);
  const line = bestLine(text, marks).replace(/\p{Surrogate}/gu, '');
  const words = line.trim().split(/\s+/).slice(0, fragmentWords).join(' ');
  if (words === '') return fragment === '' ? base : `${base}#${fragment}`;
  return `${base}#${fragment}:~:text=${encodeDirective(words)}`;
}
