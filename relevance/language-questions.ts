/**
 * The same questions in several languages, each with its one right page.
 * In: a prepared collection. Out: its questions with the page that answers each, and their cosines over any pages.
 */
import { NearbitError } from '../src/errors';
import type { JudgedQuery } from '../src/eval/beir.node';
import { cosineTable, type ScoreTable } from './language-scores';
import type { Prepared } from './prepare';

export interface Asked extends Prepared {
  /** Page of the answer to each question, in the questions' order. */
  right: number[];
}

/** The first `questions` of a collection. Errors: data-missing where a question has another number of answers than one. */
export function askedOf(prepared: Prepared, questions: number = prepared.queries.length): Asked {
  const queries = prepared.queries.slice(0, questions);
  const queryEmbeddings = prepared.queryEmbeddings.subarray(0, queries.length * prepared.dim);
  return { ...prepared, queries, queryEmbeddings, right: rightPages(prepared.pages, queries) };
}

/** Cosines of one language's questions over another's pages. */
export function cosinesOver(asking: Asked, asked: Asked): ScoreTable {
  return cosineTable(asking.queryEmbeddings, asked.embeddings, asked.dim, asked.layout.pageStart);
}

export function rightPages(pages: readonly { id: string }[], queries: readonly JudgedQuery[]): number[] {
  const pageOf = new Map(pages.map(({ id }, page) => [id, page]));
  return queries.map(({ id, grades }) => {
    const right = [...grades].filter(([, grade]) => grade > 0).map(([document]) => pageOf.get(document));
    if (right.length !== 1 || right[0] === undefined)
      throw new NearbitError('data-missing', {
        path: `question ${id}`,
        expected: 'one right page in the collection',
        received: right.length,
      });
    return right[0];
  });
}
