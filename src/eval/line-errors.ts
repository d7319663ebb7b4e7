/**
 * What is wrong with a file of queries, all of it at once: whoever corrects a file wants every line, not the first.
 * In: line numbers with what was expected there and found. Out: one NearbitError that names the first few.
 */
import { NearbitError } from '../errors';

/** Lines spelled out; the rest is counted. */
const shown = 5;

export interface LineError {
  line: number;
  expected: string;
  received: string;
}

/** Errors: data-missing when there is at least one. */
export function refuseLines(path: string, errors: readonly LineError[]): void {
  const [first, ...others] = [...errors].sort((a, b) => a.line - b.line);
  if (!first) return;
  const listed = others
    .slice(0, shown - 1)
    .map(({ line, expected, received }) => `; line ${line}: expected ${expected}, received ${received}`);
  const left = others.length - listed.length;
  throw new NearbitError('data-missing', {
    path: `${path}, line ${first.line}`,
    expected: first.expected,
    received: `${first.received}${listed.join('')}${left > 0 ? `; and ${left} more lines` : ''}`,
  });
}
