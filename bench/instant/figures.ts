/**
 * From replies to lines of a report: bytes, requests, rounds, times, quality.
 * In: replies of visits, metrics a query. Out: figures with their bars, the numbers under `cells` for the JSON.
 */
import { pairedBootstrap } from '../../src/eval/bootstrap';
import { type ListMetrics, mean, meanOf } from '../../src/eval/metrics';
import { type Figure, median, quantile } from '../figures';
import type { Part } from './rounds';
import type { Reply } from './visit';

export type Bars = Partial<Record<'meanKb' | 'maxKb' | 'lexicalMs' | 'lastMs', number | undefined>>;

const kb = (bytes: number): number => bytes / 1000;
const shown = (value: number, digits = 1): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits });

/** Headers and bodies received; what was sent stands beside it. */
export function wireFigures(name: string, replies: readonly Reply[], bars: Bars = {}): Figure[] {
  const of = (pick: (reply: Reply) => number) => replies.map(pick);
  const most = (pick: (reply: Reply) => number) => Math.max(...of(pick));
  const cells: Record<string, number> = {
    queries: replies.length,
    meanKb: kb(mean(of(({ wire }) => wire.bytes))),
    maxKb: kb(most(({ wire }) => wire.bytes)),
    requestKb: kb(mean(of(({ requestBytes }) => requestBytes))),
    requests: mean(of(({ wire }) => wire.requests)),
    maxRequests: most(({ wire }) => wire.requests),
    rounds: mean(of(({ wire }) => wire.rounds)),
    maxRounds: most(({ wire }) => wire.rounds),
    /** Should be nothing: what the server sent and DevTools did not hear of. */
    unheardKb: kb(mean(of(({ servedBytes, wire }) => Math.max(0, servedBytes - wire.bytes)))),
    incomplete: replies.filter(({ isComplete }) => !isComplete).length,
  };
  const { requests, maxRequests, rounds, maxRounds, requestKb, incomplete, unheardKb } = cells;
  const asides = [
    `${shown(requests!)} requests (at most ${maxRequests}) in ${shown(rounds!)} rounds (${maxRounds})`,
    `${shown(requestKb!)} kB of request headers besides`,
    ...(incomplete! > 0 ? [`${incomplete} of ${replies.length} without the last step`] : []),
    ...(unheardKb! > 0.05 ? [`${shown(unheardKb!)} kB more by the server's count`] : []),
  ];
  return [
    {
      name: `${name}: kB, mean`,
      value: cells.meanKb!,
      unit: `kB | ${asides.join(' | ')}`,
      ...(bars.meanKb !== undefined && { atMost: bars.meanKb }),
      cells,
    },
    {
      name: `${name}: kB, most`,
      value: cells.maxKb!,
      unit: 'kB',
      ...(bars.maxKb !== undefined && { atMost: bars.maxKb }),
    },
  ];
}

/** Where the bytes go. */
export function partFigure(name: string, replies: readonly Reply[]): Figure {
  const parts: Part[] = ['engine', 'start', 'words', 'cells', 'cards', 'other'];
  const cells = Object.fromEntries(
    parts.map((part) => [part, kb(mean(replies.map(({ wire }) => wire.parts[part])))]),
  );
  const firstKb = kb(mean(replies.map(({ firstBytes }) => firstBytes)));
  return {
    name: `${name}: kB by part, means`,
    value: parts.map((part) => `${part} ${shown(cells[part]!)}`).join(', '),
    unit: `(${shown(firstKb)} kB without cells had come by the first rows)`,
    cells: { ...cells, firstKb },
  };
}

/** Times from the last key to the first and to the last rows shown; those without rows count as infinite. */
export function timeFigures(name: string, replies: readonly Reply[], bars: Bars = {}): Figure[] {
  const lines: [string, (number | null)[], number | undefined][] = [
    ['first rows', replies.map(({ firstMs }) => firstMs), bars.lexicalMs],
    ['last order', replies.map(({ lastMs }) => lastMs), bars.lastMs],
  ];
  const isOneStep = replies.every(({ firstMs, lastMs }) => firstMs === lastMs);
  return lines.slice(isOneStep ? 1 : 0).map(([step, samples, atMost]) => {
    const ms = samples.map((sample) => sample ?? Number.POSITIVE_INFINITY);
    const cells = { samples: ms.length, median: median(ms), p95: quantile(ms, 0.95) };
    return {
      name: `${name}: last key to ${step}, p95`,
      value: Math.round(cells.p95),
      unit: `ms | median ${Math.round(cells.median)} | ${ms.length} queries`,
      ...(atMost !== undefined && { atMost }),
      cells,
    };
  });
}

/** Quality of what was shown. */
export function qualityFigure(name: string, perQuery: readonly ListMetrics[], atLeast?: number): Figure {
  const { ndcg10, success1, success5, mrr10, recall10 } = meanOf(perQuery);
  const cells = { ndcg10, success1, success5, mrr10, recall10 };
  const others = Object.entries(cells).slice(1);
  return {
    name: `${name}: nDCG@10`,
    value: ndcg10,
    unit: others.map(([metric, value]) => `${metric} ${value.toFixed(3)}`).join(' | '),
    ...(atLeast !== undefined && { atLeast }),
    cells,
  };
}

/** How much better `b` is than `a`, with the interval of the paired bootstrap. */
export function gainFigure(
  name: string,
  a: readonly ListMetrics[],
  b: readonly ListMetrics[],
  atLeast?: number,
): Figure {
  const values = (metrics: readonly ListMetrics[]) => [metrics.map(({ ndcg10 }) => ndcg10)];
  const { difference, low, high } = pairedBootstrap(values(a), values(b));
  return {
    name: `${name}: nDCG@10, difference`,
    value: difference,
    unit: `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`,
    ...(atLeast !== undefined && { atLeast }),
    cells: { difference, low, high },
  };
}
