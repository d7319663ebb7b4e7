/**
 * What the dot products of candidates cost, warm: int8 rows and bit planes, on nearbit's kernel and in plain TypeScript.
 * In: a test bed. Out: figures in microseconds.
 */
import type { KernelName, RowForm } from '../../src/kernels/kernel';
import type { Figure } from '../figures';
import type { DotsTask, KernelsHere } from './bed';
import type { Place } from './places';
import { usual } from './scans';
import { type Effort, msOf, onBed, takeTurns } from './turns';

const forms: { name: string; form: RowForm }[] = [
  { name: 'int8', form: { form: 'int8', dim: usual.bits } },
  { name: '4 planes', form: { form: 'planes', dim: usual.bits, planes: 4 } },
];
const candidateCounts = [50, 100, 200, 400, 1000];
/** The usual number of candidates, and what their int8 rows may take. Units: microseconds. */
const barred = { candidates: 200, atMost: 10 };

export async function timeRescoring(
  { name: place, bed }: Place,
  here: KernelsHere,
  effort: Effort,
): Promise<Figure[]> {
  const kernels: KernelName[] = here.chosen === 'portable' ? ['portable'] : [here.chosen, 'portable'];
  const figures: Figure[] = [];
  for (const { name, form } of forms) {
    for (const candidates of candidateCounts) {
      const tasks = kernels.map((kernel) => {
        const task: DotsTask = { task: 'dots', kernel, form, candidates };
        return { name: kernel as string, task };
      });
      const first = tasks[0]!.task;
      if (candidates === barred.candidates) tasks.push({ name: 'fresh', task: { ...first, fresh: true } });
      const times = await takeTurns(
        tasks.map(({ name: contestant, task }) => onBed(contestant, bed, task)),
        effort,
      );
      const figure = (what: string, contestant: string): Figure => ({
        name: `${place}, rescoring ${candidates} × ${form.dim}, ${name}: ${what}`,
        value: msOf(times, contestant) * 1000,
        unit: 'µs',
      });
      const bar = form.form === 'int8' && candidates === barred.candidates;
      figures.push({
        ...figure(`nearbit (${here.chosen})`, here.chosen),
        ...(bar && { atMost: barred.atMost }),
      });
      if (kernels.length > 1) figures.push(figure('portable', 'portable'));
      if (candidates === barred.candidates) {
        figures.push(figure('nearbit, rows copied in first', 'fresh'));
        const equal = await haveEqualDots(kernels, (kernel) => bed.dots({ ...first, kernel }));
        figures.push({
          name: `${place}, rescoring, ${name}: dot products equal to portable's`,
          value: equal ? 'yes' : 'NO',
          unit: '',
        });
      }
    }
  }
  return figures;
}

async function haveEqualDots(
  kernels: readonly KernelName[],
  dots: (kernel: KernelName) => Promise<number[]>,
): Promise<boolean> {
  const lists = await Promise.all(kernels.map(dots));
  return new Set(lists.map(String)).size === 1;
}
