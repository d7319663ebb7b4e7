/**
 * What a site's CI asks of an evaluation: a minimum, and no fall since the last one.
 * In: a report, the options. Out: what failed and what to say of it.
 * The tolerance alone decides, so that a gate is predictable; the interval tells whether the fall is more than chance.
 */
import { readFile } from 'node:fs/promises';
import { describe, NearbitError } from '../errors';
import { excludesZero } from '../eval/bootstrap';
import { compareEvaluations } from '../eval/compare';
import { decidingList, type Evaluation, type QueryOutcome } from '../eval/evaluate';
import { countOf, describeOutcome, signed } from './eval-report';

export interface GateVerdict {
  ok: boolean;
  /** Lines to print, whichever way it went. */
  says: string;
}

/** Fallen queries named. */
const shown = 5;

export function minimumGate(report: Evaluation, minimum: number): GateVerdict {
  const { ndcg10 } = decidingList(report.lists).metrics;
  const ok = ndcg10 >= minimum;
  return {
    ok,
    says: ok
      ? ''
      : `nDCG@10 is below the minimum: expected ${minimum} or more, received ${ndcg10.toFixed(4)}`,
  };
}

/** Errors: usage when both evaluations share no query. */
export function noWorseGate(
  report: Evaluation,
  last: { path: string; perQuery: readonly QueryOutcome[] },
  tolerance: number,
): GateVerdict {
  const compared = compareEvaluations(last.perQuery, report.perQuery);
  if (!compared)
    throw unreadable(
      last.path,
      'a report on the same queries',
      `${countOf(last.perQuery.length, 'query', 'queries')} of other texts`,
    );
  const { before, after, difference, fallen, queries, added, removed } = compared;
  const ok = after.ndcg10 >= before.ndcg10 - tolerance;
  const interval = `paired bootstrap interval [${signed(difference.low)}, ${signed(difference.high)}]`;
  const lines = [
    `nDCG@10 over ${countOf(queries, 'shared query', 'shared queries')}${changed(added, removed)}: ${before.ndcg10.toFixed(4)} (${before.list}) before, ${after.ndcg10.toFixed(4)} (${after.list}) now, ${signed(difference.difference)}`,
    `${difference.better} better, ${difference.worse} worse; the 95 % ${interval} ${excludesZero(difference) ? 'excludes zero' : 'includes zero: it may be chance'}`,
  ];
  if (!ok) {
    lines.unshift(
      `nDCG@10 fell: expected a fall of ${tolerance} at most, received ${(-difference.difference).toFixed(4)}`,
    );
    lines.push(
      'Fell most:',
      ...fallen
        .slice(0, shown)
        .map(
          (query) =>
            `${query.before.toFixed(3)} → ${query.after.toFixed(3)}  ${describeOutcome(query.outcome)}`,
        ),
    );
  }
  return { ok, says: lines.join('\n') };
}

/** The queries of an earlier `--json` or `--save`. Errors: usage when there is none to read. */
export async function readLastReport(
  path: string,
): Promise<{ path: string; perQuery: readonly QueryOutcome[] }> {
  let report: Partial<Evaluation> | null;
  try {
    report = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw unreadable(path, 'a report of nearbit eval --save', describe(error), error);
  }
  const perQuery = report?.perQuery;
  if (!Array.isArray(perQuery) || !perQuery.every(isOutcome))
    throw unreadable(path, 'a report of nearbit eval --save with its queries', 'other JSON');
  return { path, perQuery };
}

function isOutcome(value: unknown): value is QueryOutcome {
  const { text, lists } = (value ?? {}) as Partial<QueryOutcome>;
  return (
    typeof text === 'string' &&
    typeof lists === 'object' &&
    lists !== null &&
    Object.values(lists).some((list) => typeof list?.ndcg10 === 'number')
  );
}

function changed(added: number, removed: number): string {
  const parts = [added > 0 && `${added} new`, removed > 0 && `${removed} gone`].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

function unreadable(path: string, expected: string, received: string, cause?: unknown): NearbitError {
  const values = { what: `Cannot compare with ${path}`, expected, received, fix: 'see nearbit --help' };
  return new NearbitError('usage', values, { cause });
}
