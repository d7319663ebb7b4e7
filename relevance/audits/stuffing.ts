/**
 * A page stuffed with a query's words (method N6): how often it comes among the first three.
 * In: a prepared collection. Out: share of queries, for words repeated ten times, once, and not at all.
 * The page is one of the set that shares no word with the query, drawn by hash; the query is put between its words. It is
 * scored by the product's formulas without being indexed, as a page of one passage that nothing links to. Its text is
 * embedded like a query, which differs from a passage only where a model has prefixes.
 */
import { b, k1 } from '../../src/lexical/bm25';
import { defaultWeights, rankPages } from '../../src/search/fuse';
import { Notices } from '../../src/search/notices';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { barred, dot, figure, type Judged, judged, meanEmbedding, type Row, rowOf } from './row';

const mostQueries = 80;
/** Of the page's own text; what follows a model would cut. Units: words. */
const ownWords = 80;
const triedPages = 50;

export async function stuffing(prepared: Prepared): Promise<Row[]> {
  const sample = sampleBy(await judged(prepared), mostQueries, ({ text }) => `stuffed ${text}`);
  const rows: Row[] = [];
  for (const times of [10, 1, 0]) {
    const share = await intruders(prepared, sample, times);
    const name = `stuffing: words ${times} times, share among the first three`;
    rows.push(times === 10 ? barred(name, share, '≤ .10', share <= 0.1) : figure(name, share));
  }
  return rows;
}

async function intruders(prepared: Prepared, sample: readonly Judged[], times: number): Promise<number> {
  const pages: string[] = [];
  for (const query of sample) pages.push(stuffed(await unrelatedText(prepared, query), query.text, times));
  const embeddings = await prepared.embedQueries(pages);
  let entered = 0;
  for (const [i, query] of sample.entries()) {
    const third = query.ranked[2]?.score ?? 0;
    const score = await scoreOf(prepared, query, pages[i]!, rowOf(prepared, embeddings, i), times);
    if (score > third) entered++;
  }
  return entered / sample.length;
}

/** A first passage that shares no word with the query, or the fewest. */
async function unrelatedText(prepared: Prepared, { text, grades }: Judged): Promise<string> {
  const { pages, lexical } = prepared;
  const result = await lexical.run(`${text} `, undefined, new Notices());
  const drawn = sampleBy(
    sampleOf(pages.length, text).filter((page) => !grades.has(pages[page]!.id)),
    triedPages,
    (page) => `${text} ${pages[page]!.id}`,
  );
  const least = Math.min(...drawn.map((page) => result.scorer.pageScore(page)));
  const page = drawn.find((candidate) => result.scorer.pageScore(candidate) === least)!;
  return pages[page]!.passages[0]!.text;
}

/** Hashing every page of a large set for every query would take minutes: a stretch that begins by hash will do. */
function sampleOf(pages: number, text: string): number[] {
  const [first] = sampleBy(Array.from({ length: Math.min(pages, 100) }).keys(), 1, (i) => `${text} ${i}`);
  const step = Math.max(1, Math.floor(pages / 100));
  return Array.from({ length: Math.min(pages, 100) }, (_, i) => (first! + i * step) % pages);
}

function stuffed(text: string, query: string, times: number): string {
  const words = text.split(/\s+/).slice(0, ownWords);
  const parts = Array.from({ length: times }, (_, i) => {
    const [from, to] = [i, i + 1].map((part) => Math.floor((part * words.length) / times));
    return `${query} ${words.slice(from, to).join(' ')}`;
  });
  return times === 0 ? words.join(' ') : parts.join(' ');
}

async function scoreOf(
  prepared: Prepared,
  query: Judged,
  text: string,
  embedding: Float32Array,
  times: number,
): Promise<number> {
  const { lexical, manifest, layout } = prepared;
  const { scorer } = await lexical.run(query.text, undefined, new Notices());
  // All its words stand there equally often, and none of the query's words is the page's own: one fraction for all.
  const length = text.split(/\s+/).length;
  const { averageLength } = manifest.lexical;
  const words = (average: number) =>
    (scorer.theoreticalMaximum * times) / (times + k1 * (1 - b + (b * length) / average) || 1);
  const perPage = layout.passages / layout.pages;
  const [page] = rankPages(
    [{ ordinal: 0, lexical: words(averageLength), vector: dot(query.embedding, embedding), score: 0 }],
    {
      layout,
      weights: manifest.weights ?? defaultWeights,
      lexicalMaximum: scorer.theoreticalMaximum,
      pageWords: () => words(averageLength * perPage),
      cosineMean: dot(query.embedding, meanEmbedding(prepared)),
      cosineSd: manifest.model?.cosineSd ?? 1,
      linked: null,
    },
  );
  return page!.score;
}
