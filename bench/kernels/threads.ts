/**
 * What more threads bring: the same scanner alone and with all threads that nearbit takes here, in turns.
 * In: a test bed. Out: figures, none where there are no threads.
 */
import type { Figure } from '../figures';
import type { KernelsHere, ScannerShape } from './bed';
import type { Place } from './places';
import { usual } from './scans';
import { type Effort, msOf, onBed, ratioOf, takeTurns } from './turns';

export async function timeThreads(
  { name: place, bed }: Place,
  { chosen, threads }: KernelsHere,
  n: number,
  effort: Effort,
): Promise<Figure[]> {
  const title = `${place}, ${n.toLocaleString('en')} codes`;
  if (threads <= 1) return [{ name: `${title}: threads`, value: 'none here', unit: '' }];
  const alone: ScannerShape = { kernel: chosen, measure: 'hamming', bits: usual.bits };
  const shared: ScannerShape = { ...alone, threads };
  await bed.fill({ n, scanners: [alone, shared] });
  const scan = (shape: ScannerShape) => ({ task: 'scan', k: usual.k, ...shape }) as const;
  const times = await takeTurns(
    [onBed('alone', bed, scan(alone)), onBed('shared', bed, scan(shared))],
    effort,
  );
  const equal = (await bed.checksum(scan(alone), 8)) === (await bed.checksum(scan(shared), 8));
  return [
    { name: `${title}: ${threads} threads`, value: msOf(times, 'shared'), unit: 'ms' },
    { name: `${title}: ${threads} threads ÷ one`, value: ratioOf(times, 'shared', 'alone'), unit: '' },
    { name: `${title}: ${threads} threads, lists equal to one's`, value: equal ? 'yes' : 'NO', unit: '' },
  ];
}
