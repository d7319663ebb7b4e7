/**
 * Retrieval metrics over one ranked list.
 * In: document ids in ranked order and the judged grades of one query. Out: numbers from 0 to 1.
 * Source: Järvelin & Kekäläinen 2002 (nDCG, log2 discount, gain = grade, as trec_eval's ndcg_cut); BEIR's conventions.
 */

/** Judged grade by document id; absent means not relevant. */
export type Grades = ReadonlyMap<string, number>;

const discount = (rank: number): number => 1 / Math.log2(rank + 1);

/** nDCG@k: 1 when the k first documents are the best possible ones in the best order. */
export function ndcgAtK(ranked: readonly string[], grades: Grades, k: number): number {
  const ideal = [...grades.values()]
    .filter((grade) => grade > 0)
    .sort((a, b) => b - a)
    .slice(0, k)
    .reduce((sum, grade, i) => sum + grade * discount(i + 1), 0);
  if (ideal === 0) return 0;
  const gained = ranked.slice(0, k).reduce((sum, id, i) => sum + (grades.get(id) ?? 0) * discount(i + 1), 0);
  return gained / ideal;
}

/** Share of the relevant documents that are among the first k. */
export function recallAtK(ranked: readonly string[], grades: Grades, k: number): number {
  const relevant = [...grades.values()].filter((grade) => grade > 0).length;
  if (relevant === 0) return 0;
  return ranked.slice(0, k).filter((id) => (grades.get(id) ?? 0) > 0).length / relevant;
}

/** One over the rank of the first relevant document, 0 when it is not among the first k. */
export function mrrAtK(ranked: readonly string[], grades: Grades, k: number): number {
  const at = ranked.slice(0, k).findIndex((id) => (grades.get(id) ?? 0) > 0);
  return at < 0 ? 0 : 1 / (at + 1);
}

/** 1 when a relevant document is among the first k. */
export function successAtK(ranked: readonly string[], grades: Grades, k: number): number {
  return mrrAtK(ranked, grades, k) > 0 ? 1 : 0;
}

/** One query's values, or their means over queries. */
export interface ListMetrics {
  ndcg10: number;
  recall10: number;
  recall100: number;
  mrr10: number;
  success1: number;
  success5: number;
}

export function queryMetrics(ranked: readonly string[], grades: Grades): ListMetrics {
  return {
    ndcg10: ndcgAtK(ranked, grades, 10),
    recall10: recallAtK(ranked, grades, 10),
    recall100: recallAtK(ranked, grades, 100),
    mrr10: mrrAtK(ranked, grades, 10),
    success1: successAtK(ranked, grades, 1),
    success5: successAtK(ranked, grades, 5),
  };
}

/** One entry per query: what a paired comparison needs. Shapes: one ranked list per query, in the order of `grades`. */
export function metricsPerQuery(
  lists: readonly (readonly string[])[],
  grades: readonly Grades[],
): ListMetrics[] {
  return lists.map((ranked, i) => queryMetrics(ranked, grades[i]!));
}

/** Of no value at all: 0. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Of no query at all: zeros. */
export function meanOf(perQuery: readonly ListMetrics[]): ListMetrics {
  const sum = queryMetrics([], new Map());
  const names = Object.keys(sum) as (keyof ListMetrics)[];
  for (const values of perQuery) for (const name of names) sum[name] += values[name];
  for (const name of names) sum[name] /= Math.max(1, perQuery.length);
  return sum;
}

/** Shapes: one ranked list per query, in the order of `grades`. */
export function meanMetrics(lists: readonly (readonly string[])[], grades: readonly Grades[]): ListMetrics {
  return meanOf(metricsPerQuery(lists, grades));
}

/** The value below which a share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}
