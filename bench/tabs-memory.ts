/**
 * What a browser takes with no tab, one and three tabs of an app that keeps a live index with a model.
 * In: a server with the bench pages. Out: the proportional set sizes of all its processes together. Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext } from 'playwright';
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

/** Until collectors have run and workers that have nothing left to do are gone. */
const settleMs = 25_000;

/** Errors: where the browser shares the model in another way than was asked for. */
export async function measureTabs(origin: string, queries: readonly string[], way: Way): Promise<TabsMemory> {
  const browser = await launchBrowser();
  try {
    const pid = await browserProcess(browser);
    const settled = async () => {
      await sleep(settleMs);
      return processTree(pid).reduce((sum, process) => sum + proportionalSize(process), 0);
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

async function browserProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')!.id;
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
export function proportionalSize(pid: number): number {
  const kilobytes = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+) kB/m)?.[1];
  if (!kilobytes) throw new Error(`Cannot measure memory: expected a Pss of process ${pid}, received none`);
  return (Number(kilobytes) * 1024) / 1e6;
}
