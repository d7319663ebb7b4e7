/**
 * From passages to a page (method N9): maximum, best and first passage mixed, mean of the best three.
 * In: a prepared collection. Out: MRR@10 and nDCG@10 of the page order by each, on all queries and on those whose page
 * is long. Nothing where pages have one passage.
 * Reorders the product's own candidates; the words of the page as one text and the links count as in the product.
 */
import { mean, mrrAtK, ndcgAtK } from '../../src/eval/metrics';
import { type Candidate, defaultWeights, passageScore, type RankedPage } from '../../src/search/fuse';
import { Notices } from '../../src/search/notices';
import type { Prepared } from '../prepare';
import { barred, dot, figure, type Judged, judged, meanEmbedding, type Row, relevantOf } from './row';

/** Units: passages. */
const longPage = 15;
/** Less decides nothing. */
const tolerance = 0.002;

/** Leg by leg: what a page has of its candidates' scores, the best first, and of its first passage's. */
const aggregators: Record<string, (scores: readonly number[], first: number) => number> = {
  maximum: (scores) => scores[0]!,
  'three quarters best, one first': (scores, first) => 0.75 * scores[0]! + 0.25 * first,
  'half best, half first': (scores, first) => (scores[0]! + first) / 2,
  'mean of the best three': (scores) => mean(scores.slice(0, 3)),
  'half mean of three, half first': (scores, first) => (mean(scores.slice(0, 3)) + first) / 2,
};
const standard = 'half best, half first';

export async function aggregation(prepared: Prepared): Promise<Row[]> {
  const { layout, pages } = prepared;
  if (layout.passages < 1.1 * layout.pages) return [];
  const queries = await judged(prepared);
  const passagesOf = new Map(pages.map(({ id, passages }) => [id, passages.length]));
  const long = queries.filter(({ grades }) =>
    relevantOf(grades).some((id) => (passagesOf.get(id) ?? 0) >= longPage),
  );
  return [
    ...(await compare(prepared, 'aggregators', queries)),
    ...(long.length > 0 ? await compare(prepared, `aggregators, long pages`, long) : []),
  ];
}

async function compare(prepared: Prepared, what: string, queries: readonly Judged[]): Promise<Row[]> {
  const rows = [figure(`${what}: queries`, queries.length)];
  const best = { mrr10: 0, ndcg10: 0 };
  const ours = { mrr10: 0, ndcg10: 0 };
  for (const [name, aggregate] of Object.entries(aggregators)) {
    const lists: string[][] = [];
    for (const query of queries) lists.push(await reordered(prepared, query, aggregate));
    const mrr10 = mean(lists.map((ids, i) => mrrAtK(ids, queries[i]!.grades, 10)));
    const ndcg10 = mean(lists.map((ids, i) => ndcgAtK(ids, queries[i]!.grades, 10)));
    rows.push(figure(`${what}: ${name}, MRR@10`, mrr10), figure(`${what}: ${name}, nDCG@10`, ndcg10));
    best.mrr10 = Math.max(best.mrr10, mrr10);
    best.ndcg10 = Math.max(best.ndcg10, ndcg10);
    if (name === standard) Object.assign(ours, { mrr10, ndcg10 });
  }
  for (const metric of ['mrr10', 'ndcg10'] as const) {
    const behind = best[metric] - ours[metric];
    rows.push(barred(`${what}: default behind the best, ${metric}`, behind, '≤ .002', behind <= tolerance));
  }
  return rows;
}

async function reordered(
  prepared: Prepared,
  { text, embedding, ranked }: Judged,
  aggregate: (scores: readonly number[], first: number) => number,
): Promise<string[]> {
  const { lexical, manifest, layout, pages } = prepared;
  const words = await lexical.run(text, undefined, new Notices());
  const weights = manifest.weights ?? defaultWeights;
  const context = {
    layout,
    weights,
    lexicalMaximum: words.scorer.theoreticalMaximum,
    pageWords: (page: number) => words.scorer.pageScore(page),
    cosineMean: dot(embedding, meanEmbedding(prepared)),
    cosineSd: manifest.model?.cosineSd ?? 1,
    linked: null,
  };
  const scoreOf = ({ page, passages, shares }: RankedPage) => {
    const ofLeg = (leg: 'lexical' | 'vector') => {
      const first = passages.find(({ ordinal }: Candidate) => ordinal === layout.pageStart[page])?.[leg];
      const scores = passages.flatMap(({ [leg]: score }) => score ?? []).sort((a, b) => b - a);
      return scores.length === 0 ? null : aggregate(scores, first ?? scores[0]!);
    };
    const bm25 =
      (1 - weights.pageWords) * (ofLeg('lexical') ?? 0) + weights.pageWords * words.scorer.pageScore(page);
    return passageScore(bm25, ofLeg('vector'), context) + shares.links;
  };
  return ranked
    .map((page) => ({ page, score: scoreOf(page) }))
    .sort((a, b) => b.score - a.score || a.page.page - b.page.page)
    .map(({ page: { page } }) => pages[page]!.id);
}
