/**
 * The worst tenth of the queries (method N6): what an average hides.
 * In: a prepared collection. Out: mean nDCG@10 of each leg's worst tenth, and the share of queries without any relevant
 * page among the first ten.
 */
import { mean } from '../../src/eval/metrics';
import type { Prepared } from '../prepare';
import { figure, judged, legs, type Row } from './row';

export async function worstTenth(prepared: Prepared): Promise<Row[]> {
  const queries = await judged(prepared);
  return legs.flatMap((leg) => {
    const values = queries.map(({ lists }) => lists[leg].ndcg10).sort((a, b) => a - b);
    const worst = mean(values.slice(0, Math.ceil(values.length / 10)));
    return [
      figure(`worst tenth: ${leg} nDCG@10, of ${mean(values).toFixed(3)}`, worst),
      figure(`worst tenth: ${leg} queries with nothing`, mean(values.map((value) => (value > 0 ? 0 : 1)))),
    ];
  });
}
