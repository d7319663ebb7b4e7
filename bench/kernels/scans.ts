/**
 * What a scan costs beside the plain read of the same bytes, beside native code and beside the other kernels, and what a
 * filter and a table query add to it; one thread.
 * In: a test bed, native code where there is any. Out: figures with their bars.
 */
import type { KernelName } from '../../src/kernels/kernel';
import type { Figure } from '../figures';
import type { Native } from '../native/native';
import type { KernelsHere, ScannerShape, ScanTask } from './bed';
import type { Place } from './places';
import { type Effort, msOf, natively, onBed, ratioOf, type Times, takeTurns } from './turns';

/** Codes as wide as those of the usual model. */
export const usual = { bits: 384, k: 10 };

/** Two bits a dimension, in two planes. */
const twoPlanes = 2 * usual.bits;

/** What the ratios may be at most, by the number of codes. */
const bars: Record<number, { read: number; native: number }> = {
  100000: { read: 3.0, native: 2.5 },
  1000000: { read: 1.5, native: 1.75 },
  5000000: { read: 1.3, native: 1.4 },
};
const portableBar = 10;
const tablesBar = 1.4;
/** For a bitmap that leaves out nothing; one that leaves out rows shall cost no more. */
export const bitmapBar = 1.1;

/** Queries whose lists are compared. */
const checkedQueries = 8;

export async function timeScans(
  { name: place, bed }: Place,
  here: KernelsHere,
  native: Native | null,
  n: number,
  effort: Effort,
): Promise<Figure[]> {
  const title = `${place}, ${n.toLocaleString('en')} codes`;
  const hamming = (kernel: KernelName): ScannerShape => ({ kernel, measure: 'hamming', bits: usual.bits });
  const tables = (kernel: KernelName): ScannerShape => ({ kernel, measure: 'tables', bits: usual.bits });
  const scan = (shape: ScannerShape): ScanTask => ({ task: 'scan', k: usual.k, ...shape });
  const nearbit = scan(hamming(here.chosen));
  // Portable tables are compared once, where they are still quick.
  const compared = n <= 100_000 ? here.names.map(tables) : [];
  const chosenTables = tables(here.chosen);
  const scanners = [...here.names.map(hamming), ...compared];
  if (!compared.some(({ kernel }) => kernel === here.chosen)) scanners.push(chosenTables);
  await bed.fill({ n, scanners, readBits: usual.bits });

  const answer = await native?.scan({ n, ...usual, reps: checkedQueries });
  const checks = [
    await check(
      `${title}: lists equal to ${answer ? 'native' : 'portable'}, Hamming`,
      here.names,
      (kernel) => bed.checksum(scan(hamming(kernel)), checkedQueries),
      answer?.checksum,
    ),
    ...(compared.length > 0
      ? [
          await check(`${title}: lists equal to portable, tables`, here.names, (kernel) =>
            bed.checksum(scan(tables(kernel)), checkedQueries),
          ),
        ]
      : []),
  ];

  const times = await takeTurns(
    [
      ...natively(native, { n, ...usual }),
      onBed('plain read', bed, { task: 'read' }),
      ...here.names.map((kernel) => onBed(kernel, bed, scan(hamming(kernel)))),
      onBed('tables', bed, scan(chosenTables)),
      onBed('filter', bed, { ...nearbit, filter: 1 }),
      onBed('tombstones', bed, { ...nearbit, tombstones: true }),
    ],
    effort,
  );
  const ms = (what: string, contestant: string): Figure => ({
    name: `${title}: ${what}`,
    value: msOf(times, contestant),
    unit: 'ms',
  });
  const ratio = ratiosUnder(title, times);
  const bar = bars[n];
  return [
    ms('plain read', 'plain read'),
    ...(answer ? [ms(`native, ${answer.instructions}`, 'native')] : []),
    ...here.names.map((kernel) => ms(kernel === here.chosen ? `nearbit (${kernel})` : kernel, kernel)),
    ...ratio('nearbit ÷ plain read', here.chosen, 'plain read', bar?.read),
    // The bar is for the fastest that a CPU can do.
    ...ratio(
      `nearbit ÷ native${answer?.instructions === 'AVX-512' ? '' : ' (no AVX-512 here, no bar)'}`,
      here.chosen,
      'native',
      answer?.instructions === 'AVX-512' ? bar?.native : undefined,
    ),
    ...here.names
      .filter((kernel) => kernel !== 'portable')
      .flatMap((kernel) =>
        ratio(`portable ÷ ${kernel}`, 'portable', kernel, kernel === 'wasm' ? portableBar : undefined),
      ),
    ms('nearbit, tables', 'tables'),
    ...ratio('tables ÷ Hamming', 'tables', here.chosen, tablesBar),
    ...ratio('filter of all ones ÷ no filter', 'filter', here.chosen, bitmapBar),
    ...ratio('tombstones, none set ÷ no tombstones', 'tombstones', here.chosen, bitmapBar),
    ...checks,
  ];
}

/** Two-bit codes: the same tables over twice the bytes, beside the Hamming scan of the first plane and of both. */
export async function timeTwoPlanes(
  { name: place, bed }: Place,
  { chosen: kernel }: KernelsHere,
  n: number,
  effort: Effort,
): Promise<Figure[]> {
  const title = `${place}, ${n.toLocaleString('en')} codes of two planes`;
  const one: ScannerShape = { kernel, measure: 'hamming', bits: usual.bits };
  const both: ScannerShape = { kernel, measure: 'hamming', bits: twoPlanes };
  const tables: ScannerShape = { kernel, measure: 'tables', bits: twoPlanes };
  await bed.fill({ n, scanners: [one, both, tables] });
  const contestants = Object.entries({ one, both, tables }).map(([name, shape]) =>
    onBed(name, bed, { task: 'scan', k: usual.k, ...shape }),
  );
  const times = await takeTurns(contestants, effort);
  const ratio = ratiosUnder(title, times);
  return [
    { name: `${title}: tables`, value: msOf(times, 'tables'), unit: 'ms' },
    ...ratio('tables ÷ Hamming of the first plane', 'tables', 'one'),
    ...ratio('tables ÷ Hamming of both planes', 'tables', 'both'),
  ];
}

/** No figure where one of the two was not there. */
function ratiosUnder(title: string, times: Times) {
  return (what: string, contestant: string, yardstick: string, atMost?: number): Figure[] => {
    const value = ratioOf(times, contestant, yardstick);
    if (Number.isNaN(value)) return [];
    return [{ name: `${title}: ${what}`, value, unit: '', ...(atMost !== undefined && { atMost }) }];
  };
}

/** Compares checksums, with the first kernel's where nothing better is known. */
async function check(
  name: string,
  kernels: readonly KernelName[],
  checksum: (kernel: KernelName) => Promise<number>,
  expected?: number,
): Promise<Figure> {
  const received: number[] = [];
  for (const kernel of kernels) received.push(await checksum(kernel));
  const truth = expected ?? received[0];
  const unlike = kernels.filter((_, i) => received[i] !== truth);
  const value = unlike.length === 0 ? `yes: ${kernels.join(', ')}` : `NO: ${unlike.join(', ')}`;
  return { name, value, unit: '' };
}
