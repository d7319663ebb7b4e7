/**
 * What the runs of one contestant come to.
 * In: runs of the same plan. Out: figures, medians over all of them.
 */
import { type Figure, median, quantile } from '../figures';
import type { Opened } from './course';
import { type Run, ways } from './measure';

/** From the call of openIndex to the first hit, at this many documents. Units: milliseconds. */
export const openBars = { n: 100_000, words: 150, meaning: 400 };

/** `bars`: what it is held against. */
export function figuresOf(name: string, runs: readonly Run[], bars: typeof openBars | null): Figure[] {
  const of = (pick: (run: Run) => number) => median(runs.map(pick));
  const all = <T>(pick: (run: Run) => T[]): T[] => runs.flatMap(pick);
  const msOf = (list: readonly Opened[]) => median(list.map(({ ms }) => ms));
  const perPassage = (pick: (run: Run) => number) => of((run) => pick(run) / run.filled.documents);
  const figures = [
    figure(`${name}: added`, of(perSecond), 'documents/s'),
    figure(`${name}: one more document, stored`, median(all(({ filled }) => filled.oneMore)), 'ms'),
    figure(
      `${name}: until the background is done`,
      of(({ settledMs }) => settledMs),
      'ms',
    ),
    figure(
      `${name}: disk`,
      perPassage(({ diskBytes }) => diskBytes),
      'bytes/passage',
    ),
    figure(
      `${name}: storage.estimate`,
      perPassage(({ usageBytes }) => usageBytes),
      'bytes/passage',
    ),
  ];
  if (runs.every(({ ownBytes }) => ownBytes !== null))
    figures.push(
      figure(
        `${name}: blocks`,
        perPassage(({ ownBytes }) => ownBytes!),
        'bytes/passage',
      ),
    );
  for (const way of ways) {
    const reopened = all(({ openPage }) => openPage[way]);
    if (reopened.length === 0) continue;
    figures.push(
      {
        ...figure(`${name}: open to first hit by ${way}`, msOf(reopened), 'ms'),
        ...(bars && { atMost: bars[way] }),
      },
      figure(
        `${name}: the same, browser just started`,
        msOf(all(({ openBrowser }) => openBrowser[way])),
        'ms',
      ),
      ...stagesOf(`${name}: where that time goes (page), medians`, reopened),
      ...both(
        `${name}: search by ${way}`,
        all(({ idle }) => idle[way]),
      ),
      ...both(
        `${name}: search by ${way} while adding`,
        all(({ whileAdding }) => whileAdding[way]),
      ),
    );
  }
  for (const lack of new Set(runs.flatMap(({ lacks }) => lacks)))
    figures.push(figure(`${name}: lacks`, lack, ''));
  return figures;
}

/** Until it was open, and the stages of the first answer. */
function stagesOf(name: string, opened: readonly Opened[]): Figure[] {
  const stages = opened.map((one) => one.stages).filter((one) => one !== null);
  if (stages.length === 0) return [];
  const cells: Record<string, number> = { opening: median(opened.map(({ openMs }) => openMs)) };
  for (const stage of new Set(stages.flatMap((one) => Object.keys(one)))) {
    const samples = stages.flatMap((one) => one[stage] ?? []);
    cells[stage === 'total' ? 'answer' : stage] = median(samples);
  }
  const value = Object.entries(cells).map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`);
  return [{ name, value: value.join(', '), unit: 'ms', cells }];
}

export function perSecond({ filled }: Run): number {
  return (filled.documents / filled.ms) * 1000;
}

function both(name: string, samples: readonly number[]): Figure[] {
  if (samples.length === 0) return [];
  const [p50, p95] = [median(samples), quantile(samples, 0.95)];
  return [
    {
      name: `${name}, p50 / p95`,
      value: `${p50.toFixed(1)} / ${p95.toFixed(1)}`,
      unit: 'ms',
      cells: { p50, p95 },
    },
  ];
}

export function figure(name: string, value: number | string, unit: string): Figure {
  return { name, value, unit };
}
