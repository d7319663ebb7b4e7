/**
 * How near is the scan to the limit of the machine?
 * Every kernel takes turns with a plain read of the same bytes (WASM) and with native code (compiled here), in Chromium and in
 * this process; then what tables, filters, rescoring and threads cost, how the cost grows, and how long peers take.
 * Out: figures; kernels/growth.svg (build/bench/growth.svg when quick) and build/bench/growth.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figure, Report } from './figures';
import { growthFigures, growthPanels, growthTable, type Ranges, timeGrowth } from './kernels/growth';
import { openPlace, type Place, type PlaceName } from './kernels/places';
import { plotPanels } from './kernels/plot';
import { timeRescoring } from './kernels/rescoring';
import { timeScans, timeTwoPlanes, usual } from './kernels/scans';
import { timeThreads } from './kernels/threads';
import type { Effort } from './kernels/turns';
import { machine } from './machine.mjs';
import { type Native, openNative } from './native/native';

export const question =
  'How near is the scan to the limit of the machine, to native code, and how far from its peers?';

export const options = {
  /** Where kernels run: chromium, node or both. */
  where: { type: 'string', default: 'both' },
  /** 100,000 codes and few rounds: whether all of it works, not how fast. */
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '7' },
  /** yes or no. Default: yes, except when quick. */
  peers: { type: 'string' },
} as const;

interface Values {
  where: string;
  quick: boolean;
  rounds: string;
  peers?: string;
}

const places: Record<string, PlaceName[]> = {
  chromium: ['Chromium'],
  node: ['Node'],
  both: ['Chromium', 'Node'],
};

const full = {
  sizes: [100_000, 1_000_000, 5_000_000],
  threadSizes: [1_000_000, 5_000_000],
  ranges: {
    n: 1_000_000,
    sizes: [1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 10_000),
    bits: Array.from({ length: 16 }, (_, i) => 64 * (i + 1)),
    ks: [1, 3, 10, 30, 100, 300, 1000],
    shares: [1, 0.5, 0.2, 0.1, 0.01, 0.001, 0.0001],
  } satisfies Ranges,
  budgetMs: 60,
};

const quick: typeof full = {
  sizes: [100_000],
  threadSizes: [100_000],
  ranges: { ...full.ranges, n: 100_000, sizes: [10_000, 100_000], bits: [64, 384, 1024] },
  budgetMs: 10,
};

export async function run(values: Values): Promise<Report> {
  const names = places[values.where];
  if (!names)
    throw new Error(`Cannot time kernels: expected --where chromium, node or both, received ${values.where}`);
  const plan = values.quick ? quick : full;
  const effort = { rounds: values.quick ? 2 : Number(values.rounds), budgetMs: plan.budgetMs };
  const opened = openNative();
  const native = 'scan' in opened ? opened : null;
  const figures: Figure[] = [];
  if ('reason' in opened) figures.push({ name: 'native', value: `none: ${opened.reason}`, unit: '' });
  const panels = growthPanels(plan.ranges);
  try {
    for (const name of names) {
      const place = await openPlace(name);
      try {
        figures.push(...(await timePlace(place, native, plan, effort, panels)));
      } finally {
        await place.close();
      }
    }
  } finally {
    await native?.close();
  }
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const { cpu, chromium, node } = machine();
  const title = `Time of one scan on one thread (${cpu}, ${chromium}, Node ${node})`;
  writeFileSync(
    path(values.quick ? '../build/bench/growth.svg' : './kernels/growth.svg'),
    plotPanels(title, panels),
  );
  writeFileSync(path('../build/bench/growth.md'), `${growthTable(panels)}\n`);
  figures.push(...growthFigures(panels));
  if ((values.peers ?? (values.quick ? 'no' : 'yes')) !== 'no')
    figures.push(...(await timePeers(values.quick)));
  return {
    corpus: `random codes of ${usual.bits} bits, k = ${usual.k}, 64 queries, ${effort.rounds} rounds, medians; one thread unless a row says otherwise`,
    figures,
  };
}

async function timePlace(
  place: Place,
  native: Native | null,
  plan: typeof full,
  effort: Effort,
  panels: ReturnType<typeof growthPanels>,
): Promise<Figure[]> {
  const { name, bed } = place;
  const here = await bed.kernels();
  const refused = here.refused.map(({ kernel, reason }) => `${kernel}: ${reason}`).join('; ');
  const figures: Figure[] = [
    { name: `${name}: kernel taken`, value: `${here.chosen} (${here.reason})`, unit: '' },
    { name: `${name}: kernels refused`, value: refused || 'none', unit: '' },
  ];
  for (const n of plan.sizes) {
    console.error(`${name}: scans of ${n} codes`);
    figures.push(...(await timeScans(place, here, native, n, effort)));
  }
  console.error(`${name}: codes of two planes`);
  for (const n of plan.sizes) figures.push(...(await timeTwoPlanes(place, here, n, effort)));
  console.error(`${name}: rescoring`);
  figures.push(...(await timeRescoring(place, here, effort)));
  console.error(`${name}: threads`);
  for (const n of plan.threadSizes) figures.push(...(await timeThreads(place, here, n, effort)));
  console.error(`${name}: growth`);
  // A point here or there may be off: the curve shows it.
  const few = { ...effort, rounds: Math.min(effort.rounds, 3) };
  figures.push(...(await timeGrowth(place, here, native, plan.ranges, few, panels)));
  return figures;
}

/** As `npm run bench -- peers` does it. Imported only here: the peers are many packages, installed when missing. */
async function timePeers(isQuick: boolean): Promise<Figure[]> {
  const { options: defaults, runPeers } = await import('./peers.bench');
  const n = isQuick ? '10000' : defaults.n.default;
  return runPeers({ n, 'n-slow-build': defaults['n-slow-build'].default, only: defaults.only.default });
}
