/**
 * One question in many wordings (methods N7 and N12): queries that ask for the same pages are one thread.
 * In: a prepared collection. Out: hit@1 and MRR@10 per thread, and how the worst wording fares. Nothing where a set has
 * no two wordings of a question.
 */
import type { ListMetrics } from '../../src/eval/metrics';
import { mean } from '../../src/eval/metrics';
import type { Leg } from '../../src/search/rank-by';
import type { Prepared } from '../prepare';
import { barred, figure, type Judged, judged, legs, type Row, relevantOf } from './row';

/** Fewer wordings say little of the worst. */
const manyWordings = 8;
/** Fewer threads than this are chance. */
const fewestThreads = 20;

export async function threads(prepared: Prepared): Promise<Row[]> {
  const byPages = new Map<string, Judged[]>();
  for (const query of await judged(prepared)) {
    const key = relevantOf(query.grades).sort().join('\n');
    byPages.set(key, [...(byPages.get(key) ?? []), query]);
  }
  const several = [...byPages.values()].filter(({ length }) => length > 1);
  // Where most queries stand alone, those that do not are no set of wordings.
  if (several.length < byPages.size / 2) return [];
  const many = several.filter(({ length }) => length >= manyWordings);
  return [
    ...(several.length >= fewestThreads ? entries(several) : []),
    ...(many.length >= fewestThreads ? wordings(many) : []),
  ];
}

function entries(all: readonly Judged[][]): Row[] {
  const of = (leg: Leg, metric: keyof ListMetrics) =>
    mean(all.map((thread) => mean(values(thread, leg, metric))));
  const [words, meaning, both] = legs.map((leg) => of(leg, 'success1')) as [number, number, number];
  return [
    figure('threads: number', all.length),
    figure('threads: hit@1 by words', words),
    figure('threads: hit@1 by meaning', meaning),
    figure('threads: hit@1', both),
    barred('threads: hit@1 over words', both - words, '≥ .10', both - words >= 0.1),
    barred('threads: hit@1 over meaning', both - meaning, '≥ −.005', both - meaning >= -0.005),
    ...legs.map((leg) => figure(`threads: ${leg} MRR@10`, of(leg, 'mrr10'))),
  ];
}

function wordings(all: readonly Judged[][]): Row[] {
  const worst = (leg: Leg) => mean(all.map((thread) => Math.min(...values(thread, leg, 'success1'))));
  const spread = (leg: Leg) => mean(all.map((thread) => deviation(values(thread, leg, 'mrr10'))));
  return [
    figure(`wordings: threads with ${manyWordings} or more`, all.length),
    ...legs.map((leg) =>
      leg === 'fused'
        ? barred('wordings: worst hit@1', worst(leg), 'by words or more', worst(leg) >= worst('lexical'))
        : figure(`wordings: worst hit@1, ${leg}`, worst(leg)),
    ),
    ...legs.map((leg) => figure(`wordings: spread of MRR@10, ${leg}`, spread(leg))),
  ];
}

function values(thread: readonly Judged[], leg: Leg, metric: keyof ListMetrics): number[] {
  return thread.map(({ lists }) => lists[leg][metric]);
}

function deviation(of: readonly number[]): number {
  const middle = mean(of);
  return Math.sqrt(mean(of.map((value) => (value - middle) ** 2)));
}
