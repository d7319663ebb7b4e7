/**
 * How long does a reader wait?
 * Warm: at the library (searchSteps) and at the search box (a key pressed → rows in the page); full hits are held against
 * bare ONNX Runtime on the same query in the same page, in turns. Cold: a first and a second visit, with bytes by server log.
 * The server is on this machine: cold times hold no network.
 */
import type { Browser, BrowserContext, Page } from 'playwright';
import type { LoggedRequest, StaticServer } from '../e2e/static-server';
import { nodeModelFolder } from '../src/embed/node-encoder.node';
import { readTokenizer } from '../src/embed/tokenizer';
import type { Manifest } from '../src/types';
import { type Figure, median, quantiles, type Report } from './figures';
import { describeCorpus, launchBrowser, model, readQueries, readyIndex, serveSite } from './site';

export const question = 'How long does a reader in Chromium wait for hits?';

export const options = {
  rounds: { type: 'string', default: '3' },
  /** Between two keys. 100 is 120 words a minute. Units: milliseconds. */
  'key-pause': { type: 'string', default: '100' },
  /** Of how many queries one is typed. */
  'type-every': { type: 'string', default: '3' },
} as const;

type Values = Record<keyof typeof options, string>;

interface Timing {
  bare: number;
  lexical: number;
  full: number;
  stages: Record<string, number>;
}

interface Key {
  pressedAt: number;
  lexical: number | null;
  full: number | null;
}

/** What the bench pages offer. */
interface BenchPage {
  bench: {
    open(): Promise<{ runtime: string; weights: string }>;
    time(query: string, ids: number[]): Promise<Timing>;
    ask(query: string, tier: string): Promise<{ lexical: number; full: number | null }>;
    answered(tier: string): Promise<number>;
    takeKeys(): Key[];
  };
}
declare const window: BenchPage;

/** Queries asked before anything is timed: code gets hot, blocks get read. */
const warmUp = 15;

export async function run(values: Values): Promise<Report> {
  const manifest = readyIndex();
  const queries = readQueries();
  const server = await serveSite();
  const browser = await launchBrowser();
  try {
    const rounds = Number(values.rounds);
    console.error('First and second visits');
    const cold = await timeVisits(browser, server, queries, rounds);
    const page = await browser.newPage();
    console.error('Library');
    const library = await timeLibrary(page, server, queries, manifest, rounds);
    console.error('Search box');
    const every = Number(values['type-every']);
    const typed = queries.filter((_, i) => i % every === 0);
    const keys = await timeTyping(page, server, typed, Number(values['key-pause']), library.bare);
    return {
      corpus: `${describeCorpus(manifest)}; ${queries.length} queries × ${rounds}, ${typed.length} typed key by key`,
      figures: [...library.figures, ...keys, ...cold],
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function timeLibrary(
  page: Page,
  server: StaticServer,
  queries: readonly string[],
  { model: card }: Manifest,
  rounds: number,
): Promise<{ figures: Figure[]; bare: Map<string, number> }> {
  const tokenizer = await readTokenizer(nodeModelFolder(model));
  const time = (query: string): Promise<Timing> =>
    page.evaluate(([text, ids]) => window.bench.time(text, ids), [
      query,
      tokenizer.encode(card!.queryPrefix + query, card!.maxTokens),
    ] as const);
  await page.goto(`${server.origin}/client.html`);
  const { runtime, weights } = await page.evaluate(() => window.bench.open());
  for (const query of queries.slice(0, warmUp)) await time(query);
  const timings: Timing[] = [];
  const bare = new Map<string, number[]>(queries.map((query) => [query, []]));
  for (let round = 0; round < rounds; round++)
    for (const query of queries) {
      const timing = await time(query);
      timings.push(timing);
      bare.get(query)!.push(timing.bare);
    }
  const stages = Object.keys(timings[0]!.stages).map(
    (stage) => `${stage} ${median(timings.map((timing) => timing.stages[stage]!)).toFixed(1)}`,
  );
  const of = (pick: (timing: Timing) => number) => timings.map(pick);
  return {
    bare: new Map([...bare].map(([query, samples]) => [query, median(samples)])),
    figures: [
      { name: 'runtime', value: `${runtime}, ${weights}`, unit: '' },
      ...quantiles(
        'bare ONNX Runtime',
        of(({ bare: ms }) => ms),
      ),
      ...quantiles(
        'library: call to lexical answer',
        of(({ lexical }) => lexical),
        16,
      ),
      ...quantiles(
        'library: call to full answer',
        of(({ full }) => full),
      ),
      ...quantiles(
        'library: full answer over bare',
        of(({ full, bare: ms }) => full - ms),
        50,
      ),
      { name: 'library: stages of a full answer, medians', value: stages.join(', '), unit: 'ms' },
    ],
  };
}

/** Types as a person would; the page is warm, and its model loaded. `bare`: by query, from the same session. */
async function timeTyping(
  page: Page,
  server: StaticServer,
  queries: readonly string[],
  pauseMs: number,
  bare: ReadonlyMap<string, number>,
): Promise<Figure[]> {
  const box = page.getByRole('combobox');
  const lexical: number[] = [];
  const over: number[] = [];
  let superseded = 0;
  await page.goto(`${server.origin}/element.html`);
  for (const query of queries.slice(0, warmUp))
    await page.evaluate((text) => window.bench.ask(text, 'full'), query);
  for (const query of queries) {
    await box.fill('');
    await page.evaluate(() => window.bench.takeKeys());
    await box.pressSequentially(query, { delay: pauseMs });
    await page.evaluate(() => window.bench.answered('full'));
    const keys = await page.evaluate(() => window.bench.takeKeys());
    for (const key of keys) {
      if (key.lexical === null) superseded++;
      else lexical.push(key.lexical - key.pressedAt);
    }
    const last = keys.at(-1)!;
    over.push(last.full! - last.pressedAt - bare.get(query)!);
  }
  return [
    ...quantiles('box: key to lexical rows', lexical, 16),
    {
      name: 'box: keys whose rows a newer key overtook',
      value: superseded,
      unit: `of ${superseded + lexical.length}`,
    },
    ...quantiles('box: last key to full rows over bare', over, 50),
  ];
}

/** Each round is a new profile: a visit for words only, one in full, and that reader's second visit. */
async function timeVisits(
  browser: Browser,
  server: StaticServer,
  queries: readonly string[],
  rounds: number,
): Promise<Figure[]> {
  const words: Visit[] = [];
  const first: Visit[] = [];
  const second: Visit[] = [];
  for (let round = 0; round < rounds; round++) {
    const query = queries[round]!;
    const reader = await browser.newContext();
    const wordReader = await browser.newContext();
    words.push(await visit(wordReader, server, query, 'lexical'));
    first.push(await visit(reader, server, query, 'full'));
    second.push(await visit(reader, server, query, 'full'));
    await reader.close();
    await wordReader.close();
  }
  return [
    ...visitFigures('first visit, words only', words),
    ...visitFigures('first visit, full', first),
    ...visitFigures('second visit, full', second),
  ];
}

interface Visit {
  lexical: number;
  full: number | null;
  requests: LoggedRequest[];
}

async function visit(
  context: BrowserContext,
  server: StaticServer,
  query: string,
  tier: string,
): Promise<Visit> {
  const page = await context.newPage();
  server.requests.length = 0;
  await page.goto(`${server.origin}/element.html`);
  const times = await page.evaluate(([text, deepest]) => window.bench.ask(text, deepest), [
    query,
    tier,
  ] as const);
  // What is kept on the device is written behind the answer.
  await page.waitForTimeout(1000);
  await page.close();
  return { ...times, requests: [...server.requests] };
}

function visitFigures(name: string, visits: readonly Visit[]): Figure[] {
  const { requests } = visits[0]!;
  const of = (wanted: (path: string) => boolean) => {
    const some = requests.filter(({ path }) => path.startsWith('/nearbit/') && wanted(path));
    const bytes = some.reduce((sum, request) => sum + request.bytes, 0);
    return `${(bytes / 1e3).toLocaleString('en', { maximumFractionDigits: 1 })} in ${some.length} requests`;
  };
  const full = visits.flatMap((one) => one.full ?? []);
  const isScript = (path: string) => path.includes('/engine/');
  const isAsset = (path: string) => path.endsWith('.asset');
  return [
    {
      name: `${name}: page start to lexical rows, median`,
      value: median(visits.map((one) => one.lexical)),
      unit: 'ms',
    },
    ...(full.length > 0
      ? [{ name: `${name}: page start to full rows, median`, value: median(full), unit: 'ms' }]
      : []),
    { name: `${name}: scripts`, value: of(isScript), unit: '(kB)' },
    { name: `${name}: model and runtime`, value: of(isAsset), unit: '(kB)' },
    {
      name: `${name}: rest of the index`,
      value: of((path) => !isScript(path) && !isAsset(path)),
      unit: '(kB)',
    },
  ];
}
