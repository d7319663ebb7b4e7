/**
 * What does a search by meaning cost on the wire, and how long does a reader on a slow line wait for it?
 * In: sites with judged questions, their indexes. Out: bytes, requests, rounds, times and quality of the instant tier as
 * Chromium shows it, beside Pagefind's on the same site, server and questions, and other designs as points; a plot.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { type Panel, plot } from '../relevance/plot';
import { mean, meanOf } from '../src/eval/metrics';
import type { Figure, Report } from './figures';
import {
  type Measured,
  measureExpansion,
  measureFull,
  measureInstant,
  measurePagefind,
  measureWhole,
} from './instant/measure';
import { type BenchSite, openSite, readSiteOption } from './instant/sites';
import type { Plan } from './instant/slow';
import { slow4g } from './instant/wire';
import { readyPeers } from './peers/install';
import { launchBrowser } from './site';

export const question =
  'What does a search by meaning cost on the wire, and how long does a reader on a slow line wait?';

const build = fileURLToPath(new URL('../build/bench', import.meta.url));
const everyPart = ['wire', 'typed', 'slow', 'http2', 'phone', 'pagefind', 'whole', 'full'] as const;
type Part = (typeof everyPart)[number];

export const options = {
  /** `<name>=<html folder>=<questions>[=<index>]`, as often as there are sites. */
  site: { type: 'string', multiple: true, default: [] as string[] },
  /** An index of the first site made with `--instant expansion`. */
  expansion: { type: 'string', default: '' },
  /** Whose scripts: those in each `index`, or those of `dist`, which also serve an index without any. */
  engine: { type: 'string', default: 'index' },
  /** Queries asked on the slow line, spread over all; half as many are typed, a third asked on the slow processor. */
  sample: { type: 'string', default: '12' },
  /** How often the slow line's sample is asked. */
  rounds: { type: 'string', default: '1' },
  /** Visits under way at once, each with its own line; never more than one on the slow processor. */
  'at-once': { type: 'string', default: '3' },
  /** With commas between; default: all. */
  parts: { type: 'string', default: everyPart.join(',') },
  /** Pagefind's bundle, indexes made here, and what the whole indexes gave are kept in it. */
  cache: { type: 'string', default: join(build, 'instant') },
};

type Values = Record<Exclude<keyof typeof options, 'site'>, string> & { site: string[] };

export async function run(values: Values): Promise<Report> {
  const began = performance.now();
  if (values.site.length === 0)
    throw new Error(
      'Cannot measure: expected --site <name>=<html folder>=<questions>[=<index>], received none',
    );
  const parts = values.parts.split(',') as Part[];
  const unknown = parts.find((part) => !everyPart.includes(part));
  if (unknown)
    throw new Error(`Cannot measure: expected parts of ${everyPart.join(', ')}, received ${unknown}`);
  const cache = resolve(values.cache);
  mkdirSync(cache, { recursive: true });
  if (parts.includes('pagefind') || parts.includes('whole')) readyPeers();
  const plan: Plan = {
    sample: Number(values.sample),
    rounds: Number(values.rounds),
    atOnce: Number(values['at-once']),
    cache,
    parts: new Set(parts),
    hasBars: true,
  };
  const browser = await launchBrowser();
  const figures: Figure[] = [lineFigure()];
  const panels: Panel[] = [];
  const corpora: string[] = [];
  try {
    for (const [i, given] of values.site.entries()) {
      const site = await openSite(readSiteOption(given), values.engine, cache);
      const { pages, passages } = site.manifest.counts;
      corpora.push(`${site.name}, ${pages} pages, ${passages} passages, ${site.queries.length} questions`);
      const measured = await measureSite(
        browser,
        site,
        { ...plan, hasBars: i === 0 },
        i === 0 ? values.expansion : '',
      );
      figures.push(...measured.figures);
      panels.push(panelOf(site, measured));
    }
  } finally {
    await browser.close();
  }
  writeFileSync(
    join(build, 'instant.svg'),
    plot('Quality of the first query against the bytes it waits for', panels),
  );
  const minutes = (performance.now() - began) / 60_000;
  figures.push({ name: 'this bench', value: minutes, unit: 'minutes', cells: { minutes } });
  return { corpus: corpora.join('; '), figures };
}

async function measureSite(
  browser: Browser,
  site: BenchSite,
  plan: Plan,
  expansion: string,
): Promise<Measured> {
  const measured = await measureInstant(browser, site, plan);
  const more: Measured[] = [];
  if (expansion !== '') more.push(await measureExpansion(browser, site, resolve(expansion), plan));
  if (plan.parts.has('full')) more.push(await measureFull(browser, site, measured, plan));
  if (plan.parts.has('pagefind')) more.push(await measurePagefind(browser, site, plan));
  if (plan.parts.has('whole')) more.push(await measureWhole(site, plan));
  return {
    ...measured,
    figures: [measured, ...more].flatMap(({ figures }) => figures),
    points: [measured, ...more].flatMap(({ points }) => points),
  };
}

function lineFigure(): Figure {
  const { name, download, upload, latencyMs } = slow4g;
  const megabits = (bytes: number) => (bytes * 8) / 1e6;
  return {
    name: 'the slow line',
    value: name,
    unit: `${megabits(download)} Mbit/s down, ${megabits(upload)} up, ${latencyMs} ms to each answer (DevTools' preset)`,
    cells: { download: megabits(download), upload: megabits(upload), latencyMs },
  };
}

function panelOf({ name, queries }: BenchSite, { points }: Measured): Panel {
  return {
    title: `${name}, ${queries.length} questions`,
    x: 'kB of the first query',
    y: 'nDCG@10',
    isLogarithmic: true,
    points: points.map(({ label, bytes, perQuery, isUsual }) => ({
      label,
      x: mean(bytes) / 1000,
      y: meanOf(perQuery).ndcg10,
      isUsual,
    })),
  };
}
