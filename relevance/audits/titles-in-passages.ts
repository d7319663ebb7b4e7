/**
 * What a passage's title and headings do for its embedding (method N8), without embedding a corpus twice.
 * In: a prepared collection. Out: how often the right passage is nearer to the query than a wrong one, with the trail
 * before both and without it.
 * Right: the nearest passage of a relevant page. Wrong: the first passage of the best page by words that is not relevant,
 * which neither kind of embedding has chosen. Bare texts are embedded like queries: the same where a model has no
 * prefixes. An indication only: the wrong passage is one of thousands.
 */

import { mean } from '../../src/eval/metrics';
import { rankBy } from '../../src/search/rank-by';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { dot, figure, judged, type Row, relevantOf, rowOf } from './row';

const mostQueries = 80;

export async function titlesInPassages(prepared: Prepared): Promise<Row[]> {
  const { pages, layout, embeddings, searcher } = prepared;
  const pageOf = new Map(pages.map(({ id }, page) => [id, page]));
  const texts = pages.flatMap(({ passages }) => passages.map(({ text }) => text));
  if (!pages.some(({ title }) => title !== '')) return [];
  const pairs: { embedding: Float32Array; right: number; wrong: number }[] = [];
  for (const query of sampleBy(await judged(prepared), mostQueries, ({ text }) => `title ${text}`)) {
    const { text, embedding, grades } = query;
    const cosine = (ordinal: number) => dot(embedding, rowOf(prepared, embeddings, ordinal));
    const passages = relevantOf(grades).flatMap((id) => {
      const page = pageOf.get(id);
      if (page === undefined) return [];
      const [from, to] = [layout.pageStart[page]!, layout.pageStart[page + 1]!];
      return Array.from({ length: to - from }, (_, i) => from + i);
    });
    const byWords = await rankBy(searcher, 'lexical', text, null);
    const wrongPage = byWords.find(({ page }) => !((grades.get(pages[page]!.id) ?? 0) > 0));
    if (passages.length === 0 || !wrongPage) continue;
    const right = passages.reduce((best, ordinal) => (cosine(ordinal) > cosine(best) ? ordinal : best));
    pairs.push({ embedding, right, wrong: layout.pageStart[wrongPage.page]! });
  }
  const bare = await prepared.embedQueries(
    pairs.flatMap(({ right, wrong }) => [texts[right]!, texts[wrong]!]),
  );
  const withTrail = pairs.map(
    ({ embedding, right, wrong }) =>
      dot(embedding, rowOf(prepared, embeddings, right)) - dot(embedding, rowOf(prepared, embeddings, wrong)),
  );
  const without = pairs.map(
    ({ embedding }, i) =>
      dot(embedding, rowOf(prepared, bare, 2 * i)) - dot(embedding, rowOf(prepared, bare, 2 * i + 1)),
  );
  const nearer = (margins: readonly number[]) => mean(margins.map((margin) => (margin > 0 ? 1 : 0)));
  return [
    figure('titles in passages: queries', pairs.length),
    figure('titles in passages: right one nearer, with title and headings', nearer(withTrail)),
    figure('titles in passages: right one nearer, bare', nearer(without)),
    figure('titles in passages: margin of cosine, with title and headings', mean(withTrail)),
    figure('titles in passages: margin of cosine, bare', mean(without)),
  ];
}
