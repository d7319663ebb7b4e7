/**
 * An evaluation as text: a table of lists, then what a person would look at next.
 * In: a report. Out: lines. Deliberately not here: the gates (eval-gates.ts).
 */
import { decidingList, type Evaluation, type QueryOutcome } from '../eval/evaluate';
import type { ListMetrics } from '../eval/metrics';
import type { SeenSplit } from '../eval/tuned-record.node';

export interface EvalReport extends Evaluation {
  /** Plain float cosines of a finer model; only with --reference. */
  reference?: ListMetrics;
  /** Only for an index that was tuned. */
  tuned?: SeenSplit;
}

/** Addresses and pages spelled out before "and N more". */
const shown = 5;

const columns = ['ndcg10', 'recall10', 'recall100', 'mrr10', 'success1', 'success5'] as const;

export function printReport(report: EvalReport): string {
  const { dataset, tier, queries, ms, lists, reference, tuned, missing } = report;
  const { name } = decidingList(lists);
  const rows: [string, ListMetrics | null][] = [
    ...Object.entries(lists),
    ['reference', reference ?? null],
    // Weights look better on the pages they were fitted to; only the other figure says what to expect.
    [`${name}, ${tuned?.seen.queries} on pages seen while tuning`, tuned?.seen.lists[name] ?? null],
    [`${name}, ${tuned?.unseen.queries} on other pages`, tuned?.unseen.lists[name] ?? null],
  ];
  const filled = rows.filter((row): row is [string, ListMetrics] => row[1] !== null);
  const width = Math.max(10, ...filled.map(([label]) => label.length));
  const lines = [
    `${dataset}: ${queries} queries, ${tier} tier, ${ms.p50.toFixed(1)} ms a query (p95 ${ms.p95.toFixed(1)})`,
    ['list'.padEnd(width), ...columns.map((column) => column.padStart(9))].join(' '),
    ...filled.map(([label, list]) =>
      [label.padEnd(width), ...columns.map((column) => list[column].toFixed(4).padStart(9))].join(' '),
    ),
  ];
  if (missing.length > 0)
    lines.push(
      `${countOf(missing.length, 'judged page is', 'judged pages are')} not in the index: ${someOf(missing)}`,
    );
  return lines.join('\n');
}

/** The queries with the lowest nDCG@10, each with what came first instead of what was wanted. */
export function printWorst(report: Evaluation, n: number): string {
  const { name } = decidingList(report.lists);
  const score = (query: QueryOutcome): number => query.lists[name]?.ndcg10 ?? 0;
  const worst = [...report.perQuery].sort((a, b) => score(a) - score(b)).slice(0, n);
  return [
    `The ${worst.length} worst queries by nDCG@10 of the ${name} list:`,
    ...worst.map((query) => `${score(query).toFixed(3)}  ${describeOutcome(query)}`),
  ].join('\n');
}

/** `"query": wanted /a (rank 3); first came /x`. */
export function describeOutcome({ text, wanted, got }: QueryOutcome): string {
  const ranks = wanted.map((id) => {
    const at = got.indexOf(id);
    return `${id} (${at < 0 ? 'not among the first ten' : `rank ${at + 1}`})`;
  });
  return `"${text}": wanted ${someOf(ranks)}; first came ${got[0] ?? 'nothing'}`;
}

export function countOf(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** With its sign, four decimals. */
export function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

export function someOf(names: readonly string[]): string {
  const more = names.length - shown;
  return names.slice(0, shown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
