/**
 * The rows that the arrow keys walk, and where they lead.
 * In: hits. Out: one row per page and per passage, with stable ids and safe links. Knows nothing of the DOM.
 */
import type { Hit, HitPassage } from '../types';

/** One option of the listbox: a page (`passage` null) or one of its passages. */
export interface Row {
  /** Element id, made of what the row shows: it stays the row's own when the order changes. */
  id: string;
  hit: Hit;
  passage: HitPassage | null;
}

/** The rows of `hits` in the order of the arrow keys. */
export function rowsOf(hits: readonly Hit[]): Row[] {
  return hits.flatMap((hit) =>
    [null, ...hit.passages].map((passage, i) => ({ id: `${encodeURIComponent(hit.id)}-${i}`, hit, passage })),
  );
}

/**
 * The address of a row, or '' when it is none that a link may have (only http and https are).
 * Paths of the site are taken from `siteRoot`, so that a site may live in a folder.
 */
export function rowLink(row: Row, siteRoot: string): string {
  const link = row.passage?.link || row.hit.url;
  const relative = /^\/(?!\/)/.test(link) ? `.${link}` : link;
  if (!URL.canParse(relative, siteRoot)) return '';
  const url = new URL(relative, siteRoot);
  return /^https?:$/.test(url.protocol) ? url.href : '';
}
