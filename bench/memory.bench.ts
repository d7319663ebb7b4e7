/**
 * How much memory does a page with nearbit take, and three tabs with one model?
 * Measured: the proportional set size of the page's renderer process (page and both workers), which the kernel keeps, in
 * steps: the empty page, words only, with the model; what Chromium's other processes take is not counted. Then, for tabs with a
 * live index, all processes of the browser (tabs-memory.ts). Linux only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { type Figure, median, type Report } from './figures';
import { describeCorpus, launchBrowser, readQueries, readyIndex, serveSite } from './site';
import { measureTabs, proportionalSize, type TabsMemory, type Way } from './tabs-memory';

export const question =
  'How much memory does a page take, without and with the model, and three tabs with one?';

const everyPart = ['page', 'tabs'] as const;

export const options = {
  rounds: { type: 'string', default: '3' },
  /** With commas between; default: both. */
  parts: { type: 'string', default: everyPart.join(',') },
} as const;

declare const window: { bench: { ask(query: string, tier: string): Promise<unknown> } };

const queriesAsked = 20;
/** Until collectors have run and the kernel has its pages back. */
const settleMs = 5000;
const sampleMs = 20;

export async function run({ rounds, parts }: Record<keyof typeof options, string>): Promise<Report> {
  const manifest = readyIndex();
  const queries = readQueries().slice(0, queriesAsked);
  const server = await serveSite();
  const wanted = everyPart.filter((part) => parts.split(',').includes(part));
  const figures: Figure[] = [];
  try {
    if (wanted.includes('page')) figures.push(...(await pageFigures(server.origin, queries, Number(rounds))));
    if (wanted.includes('tabs'))
      for (const way of ['shared worker', 'one tab for all'] as const)
        figures.push(...(await tabFigures(server.origin, queries, Number(rounds), way)));
  } finally {
    await server.close();
  }
  return {
    corpus: `${describeCorpus(manifest)}; ${queriesAsked} queries a step, ${rounds} rounds, medians`,
    figures,
  };
}

async function pageFigures(origin: string, queries: readonly string[], rounds: number): Promise<Figure[]> {
  const samples: Record<Step, number[]> = { empty: [], words: [], full: [], peak: [] };
  for (let round = 0; round < rounds; round++) {
    console.error(`Round ${round + 1} of ${rounds}`);
    const browser = await launchBrowser();
    const taken = await measure(browser, origin, queries).finally(() => browser.close());
    for (const step of Object.keys(samples) as Step[]) samples[step].push(taken[step]);
  }
  const figure = (name: string, step: Step) => ({ name, value: median(samples[step]), unit: 'MB' });
  return [
    figure('empty page', 'empty'),
    figure('words only', 'words'),
    { ...figure('model loaded', 'full'), atMost: 350 },
    figure('highest while the model loads', 'peak'),
  ];
}

/** Of the whole browser. */
export async function tabFigures(
  origin: string,
  queries: readonly string[],
  rounds: number,
  way: Way,
): Promise<Figure[]> {
  const taken: TabsMemory[] = [];
  for (let round = 0; round < rounds; round++) {
    console.error(`Tabs, ${way}: round ${round + 1} of ${rounds}`);
    taken.push(await measureTabs(origin, queries, way));
  }
  const middle = (of: (memory: TabsMemory) => number) => median(taken.map(of));
  return [
    { name: `browser with an empty page (${way})`, value: middle(({ empty }) => empty), unit: 'MB' },
    { name: `one tab (${way})`, value: middle(({ one }) => one), unit: 'MB' },
    { name: `three tabs (${way})`, value: middle(({ three }) => three), unit: 'MB' },
    {
      name: `three tabs ÷ one tab (${way})`,
      value: middle(({ one, three }) => three / one),
      unit: '×',
      atMost: 1.3,
    },
  ];
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
