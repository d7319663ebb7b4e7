/**
 * Does anything that resolved get lost when a worker or the whole browser is killed?
 * The long form of e2e/live-crash.spec.ts: a live index in Chromium on a profile on disk, killed at random points of adds,
 * updates, removes, embedding and compaction. In: kills, a seed. Out: kills, operations, losses; each is named on stderr.
 */
import { runCrashes } from '../e2e/crash/crashes';
import type { Figure, Report } from './figures';

export const question = 'How many documents are lost when the worker or the browser is killed in mid-write?';

export const options = {
  /** Half of them end the worker, half the browser. */
  kills: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  durability: { type: 'string', default: 'strict' },
} as const;

type Values = Record<keyof typeof options, string>;

export async function run({ kills, seed, durability }: Values): Promise<Report> {
  if (durability !== 'strict' && durability !== 'relaxed')
    throw new Error(`Cannot kill: expected --durability strict or relaxed, received ${durability}`);
  const browserKills = Math.floor(Number(kills) / 2);
  const report = await runCrashes({
    workerKills: Number(kills) - browserKills,
    browserKills,
    seed: Number(seed),
    durability,
    onKill: (line) => console.error(line),
  });
  for (const problem of [...report.lost, ...report.unreadable]) console.error(problem);
  const figure = (name: string, value: number | string, bar: Partial<Figure> = {}): Figure => ({
    name,
    value,
    unit: '',
    ...bar,
  });
  const underWay = Object.entries(report.underWay).map(
    ([kind, { held, dropped }]) => `${kind} ${held} + ${dropped}`,
  );
  return {
    corpus: `documents of 12 to 2,000 words, one or two tabs, durability ${durability}, seed ${seed}`,
    figures: [
      figure('kills of the worker', report.kills.worker),
      figure('kills of the whole browser', report.kills.browser),
      figure('operations that resolved', report.resolved),
      figure('operations killed under way (held + dropped, each as a whole)', underWay.join(', ')),
      figure('kills while passages waited for their embedding', report.whileEmbedding),
      figure('times the segments had become fewer', report.compactions),
      figure('documents lost or not as resolved', report.lost.length, { atMost: 0 }),
      figure('indexes or blocks that could not be read', report.unreadable.length, { atMost: 0 }),
    ],
  };
}
