/**
 * Many visits: every query as somebody's first one, some on a slow line, all of them in one sitting.
 * In: an engine, queries, conditions. Out: visits in the order of the queries.
 */
import type { Browser } from 'playwright';
import { type Conditions, type Engine, type Reply, type Visit, visit } from './visit';

/** Of a visit that comes to no end, on a machine that is busy with others: it is made anew, with nothing kept. */
const attempts = 3;

export interface ColdRun {
  /** The first query of each visit. */
  first: Reply[];
  /** The next query, in the same page. */
  second: Reply[];
  loadMs: number[];
}

/** Each query in a browser of its own that has nothing in its cache, and the one after it in the list right behind it. */
export async function coldRun(
  browser: Browser,
  engine: Engine,
  queries: readonly string[],
  conditions: Conditions,
  atOnce: number,
): Promise<ColdRun> {
  const visits = await inLanes(queries, atOnce, (query, i) =>
    visitAnew(browser, engine, [query, queries[(i + 1) % queries.length]!], conditions),
  );
  return {
    first: visits.map(({ replies }) => replies[0]!),
    second: visits.map(({ replies }) => replies[1]!),
    loadMs: visits.map(({ loadMs }) => loadMs),
  };
}

/** All queries in one page. */
export async function sitting(
  browser: Browser,
  engine: Engine,
  queries: readonly string[],
  conditions: Conditions,
): Promise<Reply[]> {
  return (await visitAnew(browser, engine, queries, conditions)).replies;
}

async function visitAnew(...visited: Parameters<typeof visit>): Promise<Visit> {
  for (let attempt = 1; ; attempt++)
    try {
      return await visit(...visited);
    } catch (error) {
      if (attempt === attempts) throw error;
      console.error(`A visit failed and is made anew: ${String(error).split('\n')[0]}`);
    }
}

/** `n` of them, evenly spread; all where there are no more. */
export function spreadSample<T>(items: readonly T[], n: number): T[] {
  if (items.length <= n) return [...items];
  return Array.from({ length: n }, (_, i) => items[Math.floor((i * items.length) / n)]!);
}

/** Results in the order of the items; `atOnce` of them under way. */
async function inLanes<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, i: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!, i);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
