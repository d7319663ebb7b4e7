/**
 * One contestant's way through the course, in a browser profile of its own: filled, closed, opened again, asked.
 * In: a host, a name, how many documents. Out: milliseconds and bytes, or what the contestant threw.
 */
import type { Filled, Opened, Way } from './course';
import { call, type Host, type Profile } from './host';

export const ways: readonly Way[] = ['words', 'meaning'];

export interface Plan {
  n: number;
  /** Documents an `add`. */
  batch: number;
  /** How often it is opened again in a page, and with a browser just started. */
  opens: number;
  browserStarts: number;
  /** Queries of each way. */
  queries: number;
}

/** Units: milliseconds, bytes. */
export interface Run {
  filled: Filled;
  /** Until the background has nothing left to do. */
  settledMs: number;
  /** What it says itself; null: it does not. */
  ownBytes: number | null;
  /** `navigator.storage.estimate`, less what it said before. */
  usageBytes: number;
  /** Files of the profile that hold it, once the browser has ended. */
  diskBytes: number;
  /** From the call of open to the first hit. */
  openPage: Record<Way, Opened[]>;
  openBrowser: Record<Way, Opened[]>;
  idle: Record<Way, number[]>;
  whileAdding: Record<Way, number[]>;
  /** What it lacks, in its own words. */
  lacks: string[];
}

/** Errors: what the contestant throws. */
export async function measureContestant(host: Host, name: string, plan: Plan): Promise<Run> {
  const profile = await host.profile();
  try {
    return await measure(profile, name, plan);
  } finally {
    await profile.close();
  }
}

async function measure(profile: Profile, name: string, plan: Plan): Promise<Run> {
  const { n, batch } = plan;
  const page = await profile.open(name);
  const lacks: Record<Way, string | null> = { words: null, meaning: null };
  for (const way of ways) lacks[way] = await call(page, 'lacks', way);
  const able = ways.filter((way) => lacks[way] === null);
  const before = await page.evaluate(() => window.liveBench.usage());
  const filled = await call(page, 'fill', 0, n, batch);
  const settledMs = await call(page, 'settle');
  const ownBytes = await call(page, 'ownBytes');
  const usageBytes = (await page.evaluate(() => window.liveBench.usage())) - before;
  const diskBytes = await profile.bytes();

  const openPage: Run['openPage'] = { words: [], meaning: [] };
  const openBrowser: Run['openBrowser'] = { words: [], meaning: [] };
  for (const way of able) {
    for (let i = 0; i < plan.browserStarts; i++) {
      await profile.restart();
      openBrowser[way].push(await openOnce(profile, name, way));
    }
    for (let i = 0; i < plan.opens; i++) openPage[way].push(await openOnce(profile, name, way));
  }
  const idle: Run['idle'] = { words: [], meaning: [] };
  const whileAdding: Run['whileAdding'] = { words: [], meaning: [] };
  const asking = await profile.open(name);
  for (const way of able) {
    // Code gets hot, blocks get read.
    await call(asking, 'search', way, 5);
    idle[way] = await call(asking, 'search', way, plan.queries);
  }
  let next = n + 1000;
  for (const way of able) {
    whileAdding[way] = await call(asking, 'searchWhileAdding', way, plan.queries, next, 20);
    next += 1_000_000;
  }
  return {
    filled,
    settledMs,
    ownBytes,
    usageBytes,
    diskBytes,
    openPage,
    openBrowser,
    idle,
    whileAdding,
    lacks: ways.flatMap((way) => lacks[way] ?? []),
  };
}

async function openOnce(profile: Profile, name: string, way: Way): Promise<Opened> {
  const page = await profile.open(name);
  const opened = await call(page, 'openToHit', way);
  await page.close();
  return opened;
}
