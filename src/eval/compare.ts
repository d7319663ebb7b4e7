/**
 * Two evaluations of the same queries: did the list that readers get become worse.
 * In: an earlier evaluation's queries and the present one's. Out: means, the paired difference, what fell most.
 * Queries are matched by their text: a file may have been reordered or have grown. Only what both judged is compared.
 */
import { type PairedDifference, pairedBootstrap } from './bootstrap';
import { decidingList, type QueryOutcome } from './evaluate';
import { mean } from './metrics';

export interface FallenQuery {
  text: string;
  before: number;
  after: number;
  outcome: QueryOutcome;
}

export interface Comparison {
  /** Queries judged both times. */
  queries: number;
  added: number;
  removed: number;
  /** Names of the deciding lists, and their mean nDCG@10 over the shared queries. */
  before: { list: string; ndcg10: number };
  after: { list: string; ndcg10: number };
  /** Above zero: better than before. */
  difference: PairedDifference;
  /** The queries that fell, the deepest fall first. */
  fallen: FallenQuery[];
}

/** Null when no query was judged both times. */
export function compareEvaluations(
  before: readonly QueryOutcome[],
  after: readonly QueryOutcome[],
): Comparison | null {
  const earlier = new Map(keyed(before));
  const pairs = keyed(after).flatMap(([key, outcome]) => {
    const old = earlier.get(key);
    return old ? [{ old, outcome }] : [];
  });
  const first = pairs[0];
  if (!first) return null;
  const values = pairs.map(({ old, outcome }) => ({
    text: outcome.text,
    before: decidingList(old.lists).metrics.ndcg10,
    after: decidingList(outcome.lists).metrics.ndcg10,
    outcome,
  }));
  const olds = values.map((value) => value.before);
  const news = values.map((value) => value.after);
  return {
    queries: pairs.length,
    added: after.length - pairs.length,
    removed: before.length - pairs.length,
    before: { list: decidingList(first.old.lists).name, ndcg10: mean(olds) },
    after: { list: decidingList(first.outcome.lists).name, ndcg10: mean(news) },
    difference: pairedBootstrap([olds], [news]),
    fallen: values
      .filter((value) => value.after < value.before)
      .sort((a, b) => a.after - a.before - (b.after - b.before)),
  };
}

/** The same text can be judged twice, under two ids; the second is then the second. */
function keyed(outcomes: readonly QueryOutcome[]): [string, QueryOutcome][] {
  const times = new Map<string, number>();
  return outcomes.map((outcome) => {
    const time = (times.get(outcome.text) ?? 0) + 1;
    times.set(outcome.text, time);
    return [`${time}\n${outcome.text}`, outcome];
  });
}
