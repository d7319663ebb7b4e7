/** Pages by the cosine of their best passage: what a dense search without an index does. */
import type { Layout } from '../../src/search/layout';

/** Shapes: query float32[dim], embeddings float32[passages × dim], rows of length 1. Ties go to the earlier page. */
export function bestPassages(
  query: Float32Array,
  embeddings: Float32Array,
  { pages, pageStart }: Layout,
  limit: number,
): number[] {
  const dim = query.length;
  const scored: { page: number; best: number }[] = [];
  for (let page = 0; page < pages; page++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let ordinal = pageStart[page]!; ordinal < pageStart[page + 1]!; ordinal++) {
      let cosine = 0;
      for (let d = 0; d < dim; d++) cosine += query[d]! * embeddings[ordinal * dim + d]!;
      best = Math.max(best, cosine);
    }
    scored.push({ page, best });
  }
  scored.sort((a, b) => b.best - a.best || a.page - b.page);
  return scored.slice(0, limit).map(({ page }) => page);
}
