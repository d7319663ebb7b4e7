/**
 * Where a passage stands: ordinal → page → group of pages.
 * In: the pages block and the groups of a manifest or of a segment. Out: lookups by binary search.
 * Deliberately not here: texts and codes; this is arithmetic on counts.
 */
import { FormatError } from '../errors';
import type { Manifest } from '../types';

/** Shapes: all arrays are one longer than what they count; entry i is where i begins. */
export interface Layout {
  pages: number;
  passages: number;
  /** First passage ordinal of each page. */
  pageStart: Uint32Array;
  /** First page of each group. */
  groupStart: Uint32Array;
}

/** Errors: FormatError format-corrupt when the pages block and the manifest count differently. */
export function createLayout(
  manifest: Pick<Manifest, 'counts' | 'groups'>,
  passagesPerPage: Uint32Array,
): Layout {
  const pageStart = new Uint32Array(passagesPerPage.length + 1);
  for (let page = 0; page < passagesPerPage.length; page++)
    pageStart[page + 1] = pageStart[page]! + passagesPerPage[page]!;
  const groupStart = new Uint32Array(manifest.groups.length + 1);
  manifest.groups.forEach((group, i) => {
    groupStart[i + 1] = groupStart[i]! + group.pages;
  });
  const layout = {
    pages: passagesPerPage.length,
    passages: pageStart[passagesPerPage.length]!,
    pageStart,
    groupStart,
  };
  if (
    layout.pages !== manifest.counts.pages ||
    layout.passages !== manifest.counts.passages ||
    groupStart[manifest.groups.length] !== layout.pages
  )
    throw new FormatError('format-corrupt', {
      path: 'the pages block',
      expected: `${manifest.counts.pages} pages with ${manifest.counts.passages} passages`,
      received: `${layout.pages} pages with ${layout.passages} passages`,
    });
  return layout;
}

/** A page is judged by its first passage too, so every candidate's page brings that one along. */
export function withFirstPassages(ordinals: Iterable<number>, { pageStart }: Layout): number[] {
  const all = new Set(ordinals);
  for (const ordinal of [...all]) all.add(pageStart[rangeOf(pageStart, ordinal)]!);
  return [...all];
}

/** The last i with starts[i] ≤ value: the page of an ordinal, the group of a page. */
export function rangeOf(starts: Uint32Array, value: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
