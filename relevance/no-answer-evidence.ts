/**
 * What is known of a query once it was searched, with all pages and without the judged ones.
 * In: a prepared collection, a query. Out: cosines, share of its words that were found, fused score.
 * The product's own constants and page score; the whole corpus instead of its candidates.
 */
import { k1 } from '../src/lexical/bm25';
import { type Candidate, defaultWeights, rankPages } from '../src/search/fuse';
import { Notices } from '../src/search/notices';
import type { Prepared } from './prepare';
import { sampleBy } from './sample';

/** What is known of one query when its hits are. */
export interface Evidence {
  /** Best cosine of each page, best first. */
  pages: Float64Array;
  /** Of every passage there is. */
  cosines: Float64Array;
  /** Best BM25 of a passage over the highest possible: of the words that the corpus holds, and of all words. */
  covered: number;
  coveredOfAll: number;
  /** Best page score of the product's fusion. */
  fused: number;
}

/** The evidence with all pages, and without the given ones. */
export async function look(
  prepared: Prepared,
  text: string,
  embedding: Float32Array,
  without?: ReadonlySet<number>,
): Promise<Evidence[]> {
  const { lexical, embeddings, dim, layout, manifest, pages } = prepared;
  const result = await lexical.run(text, undefined, new Notices());
  const all =
    result.scorer.theoreticalMaximum +
    (await missingWords(prepared, text)) * Math.log(1 + (layout.passages + 0.5) / 0.5) * (k1 + 1);
  const { cosineSd } = manifest.model!;
  let sum = 0;
  const cosines = new Float64Array(layout.passages);
  for (let row = 0; row < cosines.length; row++) {
    let dot = 0;
    for (let d = 0; d < dim; d++) dot += embedding[d]! * embeddings[row * dim + d]!;
    cosines[row] = dot;
    sum += dot;
  }
  const cosineMean = sum / Math.max(1, cosines.length);
  return [new Set<number>(), ...(without ? [without] : [])].map((out) => {
    const left: Candidate[] = [];
    const best: number[] = [];
    let words = 0;
    for (let page = 0; page < pages.length; page++) {
      if (out.has(page)) continue;
      let nearest = -1;
      for (let row = layout.pageStart[page]!; row < layout.pageStart[page + 1]!; row++) {
        const [score, cosine] = [result.scorer.score(row), cosines[row]!];
        left.push({ ordinal: row, lexical: score, vector: cosine, score: 0 });
        if (cosine > nearest) nearest = cosine;
        if (score > words) words = score;
      }
      best.push(nearest);
    }
    const ranked = rankPages(left, {
      layout,
      weights: defaultWeights,
      lexicalMaximum: result.scorer.theoreticalMaximum,
      pageWords: (page) => result.scorer.pageScore(page),
      cosineMean,
      cosineSd,
      linked: null,
    });
    return {
      pages: Float64Array.from(best).sort().reverse(),
      cosines: Float64Array.from(left, ({ vector }) => vector!),
      covered: result.scorer.theoreticalMaximum > 0 ? words / result.scorer.theoreticalMaximum : 0,
      coveredOfAll: all > 0 ? words / all : 0,
      fused: ranked[0]?.score ?? 0,
    };
  });
}

/** Words of the query that stand nowhere in the corpus. */
async function missingWords({ lexical }: Prepared, text: string): Promise<number> {
  let missing = 0;
  for (const word of new Set(text.split(/\s+/))) {
    const { terms, scorer } = await lexical.run(`${word} `, undefined, new Notices());
    if (terms.length > 0 && scorer.theoreticalMaximum === 0) missing++;
  }
  return missing;
}

/** Pages of the index that answer the query. */
export function judgedPages({ pages, queries }: Prepared, query: number): Set<number> {
  const plain = (id: string) => id.replace(/(^|\/)index\.html?$/, '$1').replace(/(.)\/$/, '$1');
  const judged = new Set(
    [...queries[query]!.grades].filter(([, grade]) => grade > 0).map(([id]) => plain(id)),
  );
  return new Set([...pages.keys()].filter((page) => judged.has(plain(pages[page]!.id))));
}

export function rowOf({ queryEmbeddings, dim }: Prepared, query: number): Float32Array {
  return queryEmbeddings.subarray(query * dim, (query + 1) * dim);
}

/** The first `n` queries by hash. */
export function chosen({ queries }: Prepared, n: number): number[] {
  return sampleBy(queries.keys(), n, (i) => queries[i]!.text);
}
