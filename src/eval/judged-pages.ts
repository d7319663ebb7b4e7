/**
 * Judged addresses as pages of an index.
 * In: queries with the addresses people judged. Out: grades by page id, and the addresses that no page has.
 * An address without a page stays among the grades: a page that is not there is one that readers do not find.
 */
import type { ReadableStore } from '../store/store';
import { readStoredPages } from '../store/stored-pages';
import type { Manifest } from '../types';
import type { Grades } from './metrics';
import { createPageMatch } from './page-match';

export interface JudgedText {
  id: string;
  text: string;
  grades: Grades;
}

export interface JudgedPages {
  /** In the order of the queries. */
  grades: Grades[];
  /** Relevant addresses without a page, each once, as they were written. */
  missing: string[];
}

export function judgedPages(queries: readonly JudgedText[], ids: readonly string[]): JudgedPages {
  const pageOf = createPageMatch(ids);
  const missing = new Set<string>();
  const grades = queries.map((query) => {
    const found = new Map<string, number>();
    for (const [address, grade] of query.grades) {
      const page = pageOf(address);
      if (page === null && grade > 0) missing.add(address);
      const id = page ?? address;
      // Two addresses of one page are one page, at its better grade.
      found.set(id, Math.max(grade, found.get(id) ?? grade));
    }
    return found;
  });
  return { grades, missing: [...missing] };
}

/** Ids of all pages in page order. */
export async function readPageIds(store: ReadableStore, manifest: Manifest): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of readStoredPages(store, manifest)) ids.push(id);
  return ids;
}
