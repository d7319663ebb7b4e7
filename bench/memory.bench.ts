/**
 * How much memory does a page with nearbit take?
 * Measured: the proportional set size of the page's renderer process (page and both workers), which the kernel keeps, in
 * steps: the empty page, words only, with the model. What Chromium's other processes take is not counted. Linux only.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { median, type Report } from './figures';
import { describeCorpus, launchBrowser, readQueries, readyIndex, serveSite } from './site';

export const question = 'How much memory does a page take, without and with the model?';

export const options = { rounds: { type: 'string', default: '3' } } as const;

declare const window: { bench: { ask(query: string, tier: string): Promise<unknown> } };

const queriesAsked = 20;
/** Until collectors have run and the kernel has its pages back. */
const settleMs = 5000;
const sampleMs = 20;

export async function run({ rounds }: { rounds: string }): Promise<Report> {
  const manifest = readyIndex();
  const queries = readQueries().slice(0, queriesAsked);
  const server = await serveSite();
  const samples: Record<Step, number[]> = { empty: [], words: [], full: [], peak: [] };
  try {
    for (let round = 0; round < Number(rounds); round++) {
      console.error(`Round ${round + 1} of ${rounds}`);
      const browser = await launchBrowser();
      const taken = await measure(browser, server.origin, queries).finally(() => browser.close());
      for (const step of Object.keys(samples) as Step[]) samples[step].push(taken[step]);
    }
  } finally {
    await server.close();
  }
  const figure = (name: string, step: Step) => ({ name, value: median(samples[step]), unit: 'MB' });
  return {
    corpus: `${describeCorpus(manifest)}; ${queriesAsked} queries a step, ${rounds} rounds, medians`,
    figures: [
      figure('empty page', 'empty'),
      figure('words only', 'words'),
      { ...figure('model loaded', 'full'), atMost: 350 },
      figure('highest while the model loads', 'peak'),
    ],
  };
}

type Step = 'empty' | 'words' | 'full' | 'peak';

async function measure(
  browser: Browser,
  origin: string,
  queries: readonly string[],
): Promise<Record<Step, number>> {
  const page = await browser.newPage();
  await page.goto(`${origin}/element.html`);
  await sleep(settleMs);
  const renderer = await rendererOf(browser, page);
  const settled = async () => {
    await sleep(settleMs);
    return proportionalSize(renderer);
  };
  const empty = await settled();
  await ask(page, queries, 'lexical');
  const words = await settled();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, proportionalSize(renderer));
  }, sampleMs);
  await ask(page, queries, 'full');
  clearInterval(watch);
  return { empty, words, full: await settled(), peak };
}

async function ask(page: Page, queries: readonly string[], tier: string): Promise<void> {
  for (const query of queries)
    await page.evaluate(([text, deepest]) => window.bench.ask(text, deepest), [query, tier] as const);
}

/** The process of the page: the renderer that is busiest while the page, idle before, computes. */
async function rendererOf(browser: Browser, page: Page): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const renderers = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer');
  };
  const before = new Map((await renderers()).map(({ id, cpuTime }) => [id, cpuTime]));
  await page.evaluate(() => {
    const end = performance.now() + 500;
    while (performance.now() < end);
  });
  const worked = (await renderers()).map(({ id, cpuTime }) => ({
    id,
    seconds: cpuTime - (before.get(id) ?? 0),
  }));
  await session.detach();
  return worked.reduce((most, one) => (one.seconds > most.seconds ? one : most)).id;
}

/** Units: MB. Errors: where the kernel does not tell. */
function proportionalSize(pid: number): number {
  const kilobytes = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+) kB/m)?.[1];
  if (!kilobytes) throw new Error(`Cannot measure memory: expected a Pss of process ${pid}, received none`);
  return (Number(kilobytes) * 1024) / 1e6;
}
