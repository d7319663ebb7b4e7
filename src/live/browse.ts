/**
 * Documents without a query: all that pass, newest first.
 * In: a corpus, the pages that pass. Out: hits with score 0 that show their first passages.
 * Deliberately not here: what passes (filter.ts).
 */
import type { RankedPage } from '../search/fuse';
import {
  type Corpus,
  defaultLimit,
  defaultPassagesPerPage,
  type QueryRun,
  readHits,
  toAnswer,
} from '../search/plan';
import type { Answer, Hit, SearchOptions } from '../types';

/** `pages`: ascending, as documents came in. Errors: AbortError. */
export async function browse(
  corpus: Corpus,
  query: string,
  pages: readonly number[],
  { limit = defaultLimit, passagesPerPage = defaultPassagesPerPage }: SearchOptions,
  run: QueryRun,
): Promise<{ answer: Answer; pages: RankedPage[]; hits: (Hit | null)[] }> {
  const { pageStart } = corpus.layout;
  const shown = pages
    .slice(Math.max(pages.length - limit, 0))
    .reverse()
    .map((page): RankedPage => {
      const first = pageStart[page]!;
      const n = Math.min(pageStart[page + 1]! - first, Math.max(passagesPerPage, 1));
      const passages = Array.from({ length: n }, (_, i) => ({
        ordinal: first + i,
        lexical: null,
        vector: null,
        score: 0,
      }));
      return { page, score: 0, shares: { words: 0, meaning: 0, links: 0 }, passages };
    });
  const hits = await readHits(corpus, shown, limit, () => [], passagesPerPage, run.notices);
  run.signal?.throwIfAborted();
  run.stage('texts');
  return { answer: toAnswer(query, 'lexical', hits, pages.length, run), pages: shown, hits };
}
