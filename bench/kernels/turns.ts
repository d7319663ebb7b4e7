/**
 * Contestants take turns, round by round, so that whatever else the machine does slows all of them.
 * In: ways to spend some time and say how long one call took. Out: a time a round for each; medians, ratios within rounds.
 */
import { median } from '../figures';
import type { Native } from '../native/native';
import type { Bed, Task } from './bed';

export interface Contestant {
  name: string;
  /** Units: milliseconds a call. */
  time(budgetMs: number): Promise<number>;
}

/** `rounds`: how often each has its turn. `budgetMs`: how long a turn lasts, five calls at least. */
export interface Effort {
  rounds: number;
  budgetMs: number;
}

/** By name: a time a round. Units: milliseconds. */
export type Times = ReadonlyMap<string, readonly number[]>;

export const onBed = (name: string, bed: Bed, task: Task): Contestant => ({
  name,
  time: (budgetMs) => bed.time(task, budgetMs),
});

/** None where there is no native code. */
export function natively(native: Native | null, shape: { n: number; bits: number; k: number }): Contestant[] {
  if (!native) return [];
  let reps = 5;
  const time = async (budgetMs: number) => {
    const { ms } = await native.scan({ ...shape, reps });
    reps = Math.min(1000, Math.max(5, Math.round(budgetMs / ms)));
    return ms;
  };
  return [{ name: 'native', time }];
}

export async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, budgetMs }: Effort,
): Promise<Times> {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, time } of round % 2 === 0 ? contestants : contestants.toReversed())
      times.get(name)!.push(await time(budgetMs));
  }
  return times;
}

/** Median of the rounds. Units: milliseconds. */
export const msOf = (times: Times, name: string): number => median(times.get(name) ?? []);

/** Median of the ratios within a round. */
export function ratioOf(times: Times, name: string, yardstick: string): number {
  const below = times.get(yardstick) ?? [];
  return median((times.get(name) ?? []).map((ms, round) => ms / below[round]!));
}
