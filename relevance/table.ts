/**
 * A run as tables for people.
 * In: measured sets, bars. Out: text: nDCG@10 by set and list, the other metrics of both legs and the default, every
 * list's difference to the default, the bars.
 * Means are over sets, not queries, so that a large set does not outvote a small one.
 */
import { type PairedDifference, pairedBootstrap } from '../src/eval/bootstrap';
import type { ListMetrics } from '../src/eval/metrics';
import type { Bar } from './bars';
import { five, type SetKind } from './judged-sets';
import { type ListName, type ListTimes, listNames, lists } from './lists';

export interface MeasuredSet {
  name: string;
  kind: SetKind;
  language: string;
  seen: boolean;
  queries: number;
  pages: number;
  passages: number;
  /** Judged addresses that no page has. */
  missing: number;
  lists: Record<ListName, ListMetrics>;
  /** nDCG@10 of every query: what a paired comparison needs. */
  perQuery: Record<ListName, number[]>;
  ms: ListTimes;
}

/** Lists against the default, over a group of sets. */
export interface Comparison {
  group: string;
  sets: string[];
  ndcg10: Record<ListName, number>;
  /** List − default. */
  against: Record<ListName, PairedDifference>;
}

/** Ends of an interval move by about a thirtieth of its width from seed to seed. */
const resamples = 2000;

export function groupsOf(sets: readonly MeasuredSet[]): { name: string; sets: MeasuredSet[] }[] {
  const judged = sets.filter(({ kind }) => kind !== 'proxy');
  const groups = [
    { name: 'the five', sets: sets.filter(({ name }) => five.includes(name)) },
    { name: 'all but proxies', sets: judged },
    { name: 'seen while fitting', sets: judged.filter(({ seen }) => seen) },
    { name: 'unseen', sets: judged.filter(({ seen }) => !seen) },
    { name: 'proxies', sets: sets.filter(({ kind }) => kind === 'proxy') },
  ];
  return groups.filter((group) => group.sets.length > 0);
}

export function compareLists(sets: readonly MeasuredSet[]): Comparison[] {
  return groupsOf(sets).map(({ name: group, sets: of }) => ({
    group,
    sets: of.map(({ name }) => name),
    ndcg10: perList((list) => of.reduce((sum, set) => sum + set.lists[list].ndcg10 / of.length, 0)),
    against: perList((list) =>
      pairedBootstrap(
        of.map(({ perQuery }) => perQuery.fused),
        of.map(({ perQuery }) => perQuery[list]),
        { resamples },
      ),
    ),
  }));
}

export function perList<T>(value: (list: ListName) => T): Record<ListName, T> {
  return Object.fromEntries(listNames.map((list) => [list, value(list)])) as Record<ListName, T>;
}

export function qualityTable(sets: readonly MeasuredSet[], comparisons: readonly Comparison[]): string {
  const rows = sets.map(({ name, seen, queries, lists: measured }) => [
    seen ? `${name} *` : name,
    String(queries),
    ...listNames.map((list) => digits(measured[list].ndcg10)),
  ]);
  const means = comparisons.map(({ group, sets: of, ndcg10 }) => [
    `mean, ${group}`,
    `${of.length} sets`,
    ...listNames.map((list) => digits(ndcg10[list])),
  ]);
  return `nDCG@10 (* seen while fitting)\n${columns([['set', 'queries', ...listNames], ...rows, ...means])}`;
}

export function metricsTable(sets: readonly MeasuredSet[]): string {
  const shown = [
    ['R@10', 'recall10'],
    ['R@100', 'recall100'],
    ['s@1', 'success1'],
    ['s@5', 'success5'],
    ['MRR@10', 'mrr10'],
  ] as const;
  const legs = ['lexical', 'vector', 'fused'] as const;
  const head = [
    'set',
    ...legs.flatMap((leg) => shown.map(([name]) => `${leg} ${name}`)),
    'lexical ms',
    'full ms',
  ];
  const rows = sets.map(({ name, lists: measured, ms }) => [
    name,
    ...legs.flatMap((leg) => shown.map(([, key]) => digits(measured[leg][key]))),
    ms.lexical.p50.toFixed(1),
    ms.full.p50.toFixed(1),
  ]);
  return `other metrics, and the median query's time in Node with its encoding\n${columns([head, ...rows])}`;
}

export function differencesTable(comparisons: readonly Comparison[]): string {
  const others = listNames.filter((list) => list !== 'fused');
  const head = ['list', ...comparisons.map(({ group }) => group), 'what it is'];
  const rows = others.map((list) => [
    list,
    ...comparisons.map(({ against }) => interval(against[list])),
    lists[list],
  ]);
  return `list − default in nDCG@10, with the 95 % interval of a paired bootstrap\n${columns([head, ...rows])}`;
}

export function barsTable(bars: readonly Bar[]): string {
  const rows = bars.map(({ name, value, atLeast, met, note }) => [
    met ? 'met' : 'MISSED',
    value.toFixed(4),
    `≥ ${atLeast}`,
    name,
    note && `(${note})`,
  ]);
  return `bars\n${columns(rows, [false, true, true, false, false])}`;
}

export function interval({ difference, low, high }: PairedDifference): string {
  return `${signed(difference)} [${signed(low)} ${signed(high)}]`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${digits(Math.abs(value))}`;
}

export function digits(value: number): string {
  return value.toFixed(4).replace(/^0/, '');
}

/** `right`: columns of numbers. Default: all but the first. */
export function columns(rows: readonly string[][], right?: readonly boolean[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => ((right?.[i] ?? i > 0) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
