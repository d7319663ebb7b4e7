/**
 * The table for people.
 * In: every peer on every set. Out: Markdown: nDCG@10 of each set, with the mean over those of texts; the other measures
 * after it, as means over the sets of texts and for a site of its own.
 */
import type { Judged } from './judge';
import { versionsOf } from './packages';

type Measure = keyof NonNullable<Judged['metrics']>;

const others: [Measure, string][] = [
  ['success1', 'success@1'],
  ['success5', 'success@5'],
  ['mrr10', 'MRR@10'],
  ['recall10', 'recall@10'],
];

export function tableOf(judged: readonly Judged[]): string {
  const peers = namesOf(judged, 'peer').map((peer) => judged.filter((row) => row.peer === peer));
  const sites = namesOf(
    judged.filter(({ site }) => site),
    'set',
  );
  const texts = namesOf(
    judged.filter(({ site }) => !site),
    'set',
  );
  const hasTexts = texts.length > 0;
  const first = peers.map((found) => [
    headOf(found[0]!),
    ...texts.map((set) => cellOf(found, set, 'ndcg10')),
    ...(hasTexts ? [meanOf(found, 'ndcg10')] : []),
    ...sites.map((set) => cellOf(found, set, 'ndcg10')),
  ]);
  const second = peers.map((found) => [
    headOf(found[0]!),
    ...(hasTexts ? others.map(([measure]) => meanOf(found, measure)) : []),
    ...sites.flatMap((set) => others.map(([measure]) => cellOf(found, set, measure))),
    `${found.reduce((sum, { unanswered }) => sum + unanswered, 0)}`,
  ]);
  const groups = [...(hasTexts ? ['mean'] : []), ...sites];
  const headings = groups.flatMap((group) => others.map(([, name]) => `${group} ${name}`));
  return [
    markdown([['nDCG@10', ...texts, ...(hasTexts ? ['mean'] : []), ...sites], ...first]),
    markdown([['', ...headings, 'queries without a page'], ...second]),
    ...new Set(judged.flatMap(({ set, peer, failure }) => (failure ? `${peer} on ${set}: ${failure}` : []))),
  ].join('\n');
}

function cellOf(found: readonly Judged[], set: string, measure: Measure): string {
  const metrics = found.find((row) => row.set === set)?.metrics;
  return metrics ? digits(metrics[measure]) : '–';
}

/** Over the sets of texts; none where a set is missing, as it would be a mean of other queries. */
function meanOf(found: readonly Judged[], measure: Measure): string {
  const texts = found.filter(({ site }) => !site);
  const values = texts.flatMap(({ metrics }) => metrics?.[measure] ?? []);
  if (values.length < texts.length) return '–';
  return digits(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function headOf({ peer, packages }: Judged): string {
  return `${peer} ${versionsOf(packages)}`.trim();
}

function namesOf(judged: readonly Judged[], key: 'set' | 'peer'): string[] {
  return [...new Set(judged.map((row) => row[key]))];
}

function digits(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}

function markdown([head, ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line), ''].join('\n');
}
