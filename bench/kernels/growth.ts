/**
 * How the cost of a scan grows: with the number of codes, their width, k, and the share of rows that a filter lets pass.
 * In: a test bed, native code where there is any. Out: series for the plot, the same as a table.
 */
import type { Figure } from '../figures';
import type { Native } from '../native/native';
import type { KernelsHere, ScanTask } from './bed';
import type { Place } from './places';
import type { Panel } from './plot';
import { bitmapBar, usual } from './scans';
import { type Effort, msOf, natively, onBed, ratioOf, takeTurns } from './turns';

export interface Ranges {
  sizes: readonly number[];
  bits: readonly number[];
  ks: readonly number[];
  /** Shares of rows that a filter lets pass. */
  shares: readonly number[];
  /** Codes where something else than their number grows. */
  n: number;
}

const count = (n: number) => (n < 1_000_000 ? `${n / 1000}k` : `${n / 1_000_000}M`);
const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;

/** Empty panels, in the order of the plot. */
export function growthPanels({ n }: Ranges): Panel[] {
  const rest = `${usual.bits} bits`;
  return [
    { title: `Codes held (${rest}, k = ${usual.k})`, axis: 'codes', points: [] },
    { title: `Width (${count(n)} codes, k = ${usual.k})`, axis: 'bits', points: [] },
    { title: `Neighbours asked for (${count(n)} codes, ${rest})`, axis: 'k', points: [] },
    {
      title: `Filter (${count(n)} codes, ${rest}, k = ${usual.k})`,
      axis: 'rows that pass',
      falling: true,
      points: [],
    },
  ];
}

/** Adds this place's series to the panels. Out: what each filter costs beside none. */
export async function timeGrowth(
  { name: place, bed }: Place,
  here: KernelsHere,
  native: Native | null,
  ranges: Ranges,
  effort: Effort,
  panels: readonly Panel[],
): Promise<Figure[]> {
  const [sizes, widths, ks, shares] = panels as [Panel, Panel, Panel, Panel];
  const scan = (bits: number, k: number): ScanTask => ({
    task: 'scan',
    kernel: here.chosen,
    measure: 'hamming',
    bits,
    k,
  });
  const fill = (n: number, bits: number) => bed.fill({ n, scanners: [scan(bits, usual.k)], readBits: bits });
  /** nearbit, the plain read and native code in turns. */
  const timePoint = async (n: number, bits: number, k: number) => {
    const nearbit = onBed('nearbit', bed, scan(bits, k));
    const read = onBed('plain read', bed, { task: 'read' });
    const times = await takeTurns([nearbit, read, ...natively(native, { n, bits, k })], effort);
    return Object.fromEntries([...times.keys()].map((name) => [seriesName(place, name), msOf(times, name)]));
  };

  for (const n of ranges.sizes) {
    await fill(n, usual.bits);
    addPoint(sizes, n, count(n), await timePoint(n, usual.bits, usual.k));
  }
  for (const bits of ranges.bits) {
    await fill(ranges.n, bits);
    addPoint(widths, bits, `${bits}`, await timePoint(ranges.n, bits, usual.k));
  }
  await fill(ranges.n, usual.bits);
  for (const k of ranges.ks) addPoint(ks, k, `${k}`, await timePoint(ranges.n, usual.bits, k));

  const unfiltered = scan(usual.bits, usual.k);
  const times = await takeTurns(
    [
      onBed('none', bed, unfiltered),
      ...ranges.shares.map((filter) => onBed(percent(filter), bed, { ...unfiltered, filter })),
    ],
    effort,
  );
  return ranges.shares.map((share) => {
    const label = percent(share);
    addPoint(shares, share, label, { [seriesName(place, 'nearbit')]: msOf(times, label) });
    return {
      name: `${place}, ${count(ranges.n)} codes: filter that lets ${label} pass ÷ no filter`,
      value: ratioOf(times, label, 'none'),
      unit: '',
      atMost: bitmapBar,
    };
  });
}

/** Series that the point has already stay as they are. */
function addPoint({ points }: Panel, at: number, label: string, ms: Record<string, number>): void {
  const point = points.find((one) => one.at === at);
  if (point) point.ms = { ...point.ms, ...ms, ...point.ms };
  else points.push({ at, label, ms });
}

/** Native code is the same everywhere: the first place's turns count. */
const seriesName = (place: string, contestant: string) =>
  contestant === 'native' ? 'native' : `${contestant}, ${place}`;

/** One figure a point; `cells` holds the numbers. */
export function growthFigures(panels: readonly Panel[]): Figure[] {
  return panels.flatMap(({ title, axis, points }) =>
    points.map(({ label, ms }) => ({
      name: `growth, ${title}: ${label} ${axis}`,
      value: Object.entries(ms)
        .map(([series, time]) => `${series} ${format(time)}`)
        .join(' · '),
      unit: 'ms',
      cells: ms,
    })),
  );
}

/** The same as a Markdown table. */
export function growthTable(panels: readonly Panel[]): string {
  const series = [...new Set(panels.flatMap(({ points }) => points.flatMap(({ ms }) => Object.keys(ms))))];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['what grows', 'at', ...series]),
    row(['---', '---:', ...series.map(() => '---:')]),
    ...panels.flatMap(({ title, axis, points }) =>
      points.map(({ label, ms }) =>
        row([title, `${label} ${axis}`, ...series.map((name) => (name in ms ? format(ms[name]!) : ''))]),
      ),
    ),
  ].join('\n');
}

const format = (ms: number) => ms.toLocaleString('en', { maximumSignificantDigits: 3 });
