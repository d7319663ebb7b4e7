/**
 * Which passages of a site the instant tier codes, and what vector stands for each.
 * In: embeddings of all passages. Out: ordinals, and one vector for each: half passage, half first passage of its page, so
 * that the best product of a query with a page's vectors is the page's score (`bestAndFirst` in search/fuse.ts).
 * Farthest first: on MDN three passages a page, chosen so, keep nDCG@10 of the fused list at .523, the first three at .518, all at .531.
 */

/** Passages coded at most. MDN has three a page then. */
export const mostEntries = 40_000;

/**
 * Passages coded of a page at most: each is a text more in the page's card, too. On the documentation of Python (up to 618 a
 * page) and PostgreSQL 24 or 48 rank as well as all: fused nDCG@10 .61 to .62 against .61, .48 to .50 against .49.
 */
const mostOfPage = 32;

/**
 * Ordinals of the passages that are coded, ascending: 32 a page, or the largest number a page with which a site stays within
 * `limit`, or one. Each page's first passage is among them; then always the one least like those chosen.
 * Shapes: embeddings float32[n × dim] of length 1; pageStart u32[pages + 1].
 * Cost: dim multiplications for each passage of a page and each passage chosen of it.
 */
export function chooseEntries(
  embeddings: Float32Array,
  dim: number,
  pageStart: Uint32Array,
  limit = mostEntries,
): Uint32Array {
  const most = entriesOfPage(pageStart, limit);
  const chosen: number[] = [];
  for (let page = 0; page + 1 < pageStart.length; page++) {
    const start = pageStart[page]!;
    const n = pageStart[page + 1]! - start;
    if (n <= most) for (let i = 0; i < n; i++) chosen.push(start + i);
    else
      for (const i of farthestFirst(embeddings.subarray(start * dim, (start + n) * dim), dim, most))
        chosen.push(start + i);
  }
  return Uint32Array.from(chosen);
}

/** Largest number a page with which a site stays within `limit`. */
function entriesOfPage(pageStart: Uint32Array, limit: number): number {
  let most = 1;
  while (most < mostOfPage) {
    let total = 0;
    for (let page = 0; page + 1 < pageStart.length; page++)
      total += Math.min(most + 1, pageStart[page + 1]! - pageStart[page]!);
    if (total > limit) break;
    most++;
  }
  return most;
}

/** Row 0, then `count` − 1 more, ascending. Source: Gonzalez, Clustering to minimize the maximum intercluster distance, 1985. */
function farthestFirst(rows: Float32Array, dim: number, count: number): number[] {
  const n = rows.length / dim;
  /** Cosine with the chosen row most like it. */
  const nearest = new Float32Array(n).fill(-2);
  const chosen = [0];
  while (chosen.length < count) {
    const last = chosen.at(-1)! * dim;
    let next = 0;
    for (let i = 0; i < n; i++) {
      let cosine = 0;
      for (let d = 0; d < dim; d++) cosine += rows[i * dim + d]! * rows[last + d]!;
      nearest[i] = i * dim === last ? 2 : Math.max(nearest[i]!, cosine);
      if (nearest[i]! < nearest[next]!) next = i;
    }
    chosen.push(next);
  }
  return chosen.sort((a, b) => a - b);
}

/** Shapes: embeddings float32[n × dim], pageStart u32[pages + 1], entries u32[m] ascending → float32[m × dim], shorter than 1. */
export function blendEntries(
  embeddings: Float32Array,
  dim: number,
  pageStart: Uint32Array,
  entries: Uint32Array,
): Float32Array {
  const blended = new Float32Array(entries.length * dim);
  let page = 0;
  for (const [i, ordinal] of entries.entries()) {
    while (pageStart[page + 1]! <= ordinal) page++;
    const first = pageStart[page]! * dim;
    for (let d = 0; d < dim; d++)
      blended[i * dim + d] = (embeddings[ordinal * dim + d]! + embeddings[first + d]!) / 2;
  }
  return blended;
}
