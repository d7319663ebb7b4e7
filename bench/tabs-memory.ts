/**
 * What a browser takes with no tab, one and three tabs of an app that keeps a live index with a model.
 * In: a server with the bench pages. Out: the proportional set sizes of all its processes together, once their garbage is
 * collected. Linux only. Files that are mapped (the browser's own program) are left out: other browsers that run share them, so
 * that they would say what else the machine does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext } from 'playwright';
import { launchBrowser } from './site';

/** How the tabs come to one model. */
export type Way = 'shared worker' | 'one tab for all';

/** Units: MB. */
export interface TabsMemory {
  empty: number;
  one: number;
  three: number;
}

declare const window: {
  bench: { open(alone: boolean): Promise<string>; ask(query: string): Promise<string> };
};

/** Until workers that have nothing left to do are gone. */
const settleMs = 25_000;
/** Until collectors have run and the kernel has its pages back. */
const collectMs = 5000;

/** Errors: where the browser shares the model in another way than was asked for. */
export async function measureTabs(origin: string, queries: readonly string[], way: Way): Promise<TabsMemory> {
  const browser = await launchBrowser();
  try {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const { id } = processInfo.find(({ type }) => type === 'browser')!;
    const settled = async () => {
      await sleep(settleMs);
      await session.send('Memory.simulatePressureNotification', { level: 'critical' });
      await sleep(collectMs);
      return processTree(id).reduce((sum, pid) => sum + ownSize(pid), 0);
    };
    const context = await browser.newContext();
    const blank = await context.newPage();
    await blank.goto(`${origin}/tabs.html`);
    const empty = await settled();
    await blank.close();
    await openTab(context, origin, queries, way);
    const one = await settled();
    for (let i = 0; i < 2; i++) await openTab(context, origin, queries, way);
    return { empty, one, three: await settled() };
  } finally {
    await browser.close();
  }
}

async function openTab(
  context: BrowserContext,
  origin: string,
  queries: readonly string[],
  way: Way,
): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${origin}/tabs.html`);
  const reason = await page.evaluate((alone) => window.bench.open(alone), way === 'one tab for all');
  if (reason.includes('one worker that all tabs share') !== (way === 'shared worker'))
    throw new Error(`Cannot measure tabs: expected a model by ${way}, received one ${reason}`);
  for (const query of queries) {
    const tier = await page.evaluate((text) => window.bench.ask(text), query);
    if (tier !== 'full') throw new Error(`Cannot measure tabs: expected full answers, received ${tier}`);
  }
}

/** A process and all that it started, however many steps away. */
function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // After the command's name, which may hold anything: state, then the parent.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => pid === root || (parents.has(pid) && isBelow(parents.get(pid)!));
  return [...parents.keys()].filter(isBelow);
}

/** Units: MB. Errors: where the kernel does not tell, as of a process that has ended. */
export const proportionalSize = (pid: number): number => sizeOf(pid, ['Pss']);

/** Without files that are mapped. Units: MB. Errors: as `proportionalSize`. */
const ownSize = (pid: number): number => sizeOf(pid, ['Pss_Anon', 'Pss_Shmem']);

function sizeOf(pid: number, names: readonly string[]): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  let kilobytes = 0;
  for (const name of names) {
    const line = text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'));
    if (!line) throw new Error(`Cannot measure memory: expected ${name} of process ${pid}, received none`);
    kilobytes += Number(line[1]);
  }
  return (kilobytes * 1024) / 1e6;
}
