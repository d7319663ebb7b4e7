/**
 * What is measured of each engine on one site, and the points it gives to the plot.
 * In: a browser, an open site, a plan. Out: figures and points. Deliberately not here: how a visit goes (visit.ts).
 */
import type { Browser } from 'playwright';
import { type ListMetrics, mean, meanOf } from '../../src/eval/metrics';
import type { Figure } from '../figures';
import { gainFigure, partFigure, qualityFigure, wireFigures } from './figures';
import { pagefindPage } from './page';
import { pagefindBundle } from './pagefind';
import { coldRun, sitting, spreadSample } from './runs';
import { type BenchSite, nearbitEngine } from './sites';
import { keyPauseMs, type Plan, slowFigures } from './slow';
import { type Engine, plain, type Reply } from './visit';
import { wholeIndexes } from './whole-index';

export interface Point {
  label: string;
  /** Of each first query. */
  bytes: number[];
  perQuery: ListMetrics[];
  /** What ships. */
  isUsual: boolean;
}

export interface Measured {
  figures: Figure[];
  points: Point[];
  /** Of the last step shown. */
  perQuery: ListMetrics[];
}

/** First visits of the full tier: model and runtime are the same for all queries. */
const fullVisits = 3;

const say = (text: string) => console.error(text);
const bytesOf = (replies: readonly Reply[]) => replies.map(({ wire }) => wire.bytes);

export async function measureInstant(browser: Browser, site: BenchSite, plan: Plan): Promise<Measured> {
  const { parts, atOnce, sample, hasBars } = plan;
  const bar = (value: number) => (hasBars ? value : undefined);
  const engine = nearbitEngine(site, 'instant');
  const queries = site.queries.map(({ text }) => text);
  const name = `${site.name} · nearbit instant`;
  say(`${name}: first queries`);
  const cold = await coldRun(browser, engine, queries, plain, atOnce);
  const words = site.judge(cold.first.map(({ first }) => first));
  const last = site.judge(cold.first.map(({ last }) => last));
  const figures: Figure[] = [
    ...wireFigures(`${name}, first query`, cold.first, { meanKb: bar(150), maxKb: bar(180) }),
    partFigure(`${name}, first query`, cold.first),
    ...wireFigures(`${name}, second query`, cold.second, { meanKb: bar(70) }),
    qualityFigure(`${name}, words`, words),
    qualityFigure(`${name}, last order`, last, bar(0.46)),
    gainFigure(`${name}, last order over words`, words, last, bar(0.075)),
    noticeFigure(name, [...cold.first, ...cold.second]),
  ];
  const points: Point[] = [
    {
      label: 'nearbit, words',
      bytes: cold.first.map(({ firstBytes }) => firstBytes),
      perQuery: words,
      isUsual: false,
    },
    { label: 'nearbit instant', bytes: bytesOf(cold.first), perQuery: last, isUsual: true },
  ];
  if (parts.has('wire')) {
    const all = await sitting(browser, engine, queries, plain);
    figures.push(
      ...wireFigures(`${name}, one sitting, from the second query on`, all.slice(1), { meanKb: bar(70) }),
    );
    say(`${name}: without Range`);
    const whole = { ...plain, ranges: false };
    const without = await coldRun(browser, engine, queries, whole, atOnce);
    const allWithout = await sitting(browser, engine, queries, whole);
    const same = without.first.filter(({ last }, i) => `${last}` === `${cold.first[i]!.last}`).length;
    figures.push(
      ...wireFigures(`${name}, first query without Range`, without.first, { meanKb: bar(200) }),
      partFigure(`${name}, first query without Range`, without.first),
      ...wireFigures(`${name}, second query without Range`, without.second),
      ...wireFigures(`${name}, one sitting without Range, from the second query on`, allWithout.slice(1)),
      { name: `${name}: lists equal to those with Range`, value: same, unit: `of ${queries.length}` },
    );
    points.push({
      label: 'instant without Range',
      bytes: bytesOf(without.first),
      perQuery: site.judge(without.first.map(({ last }) => last)),
      isUsual: false,
    });
  }
  if (parts.has('typed')) {
    say(`${name}: typed`);
    const typed = await coldRun(
      browser,
      engine,
      spreadSample(queries, Math.ceil(sample / 2)),
      { ...plain, keyPauseMs },
      atOnce,
    );
    figures.push(...wireFigures(`${name}, first query typed`, typed.first));
    figures.push(...wireFigures(`${name}, second query typed`, typed.second));
  }
  figures.push(...(await slowFigures(browser, engine, name, queries, plan)));
  return { figures, points, perQuery: last };
}

/** Bytes and quality alone: the same engine over another index. */
export async function measureExpansion(
  browser: Browser,
  site: BenchSite,
  index: string,
  plan: Plan,
): Promise<Measured> {
  const name = `${site.name} · nearbit expansion`;
  say(`${name}: first queries`);
  const queries = site.queries.map(({ text }) => text);
  const engine = nearbitEngine({ ...site, index }, 'instant');
  const { first, second } = await coldRun(browser, engine, queries, plain, plan.atOnce);
  const perQuery = site.judge(first.map(({ last }) => last));
  return {
    figures: [
      ...wireFigures(`${name}, first query`, first),
      partFigure(`${name}, first query`, first),
      ...wireFigures(`${name}, second query`, second),
      qualityFigure(`${name}, last order`, perQuery),
    ],
    points: [{ label: 'expansion', bytes: bytesOf(first), perQuery, isUsual: false }],
    perQuery,
  };
}

/** The tier with a transformer: what a first query waits for by the server's count, and what it gives. */
export async function measureFull(
  browser: Browser,
  site: BenchSite,
  instant: Measured,
  { hasBars }: Plan,
): Promise<Measured> {
  const name = `${site.name} · nearbit full`;
  say(`${name}`);
  const queries = site.queries.map(({ text }) => text);
  const engine = nearbitEngine(site, 'full');
  const first: Reply[] = [];
  for (const query of spreadSample(queries, fullVisits))
    first.push((await sitting(browser, engine, [query], plain))[0]!);
  const replies = await sitting(browser, engine, queries, plain);
  const perQuery = site.judge(replies.map(({ last }) => last));
  const bytes = first.map(({ servedBytes }) => servedBytes);
  const share = meanOf(instant.perQuery).ndcg10 / meanOf(perQuery).ndcg10;
  return {
    figures: [
      {
        name: `${name}, first query: kB by the server's count, mean`,
        value: mean(bytes) / 1000,
        unit: `kB of ${bytes.length} visits`,
        cells: { meanKb: mean(bytes) / 1000 },
      },
      {
        name: `${name}: queries that got the full order`,
        value: replies.filter(({ isComplete }) => isComplete).length,
        unit: `of ${replies.length}`,
      },
      qualityFigure(`${name}, last order`, perQuery),
      {
        name: `${site.name} · nearbit instant ÷ full: nDCG@10`,
        value: share,
        unit: '',
        ...(hasBars && { atLeast: 0.94 }),
      },
    ],
    points: [{ label: 'nearbit full', bytes, perQuery, isUsual: false }],
    perQuery,
  };
}

export async function measurePagefind(browser: Browser, site: BenchSite, plan: Plan): Promise<Measured> {
  const { atOnce, sample, parts } = plan;
  say(`${site.name} · Pagefind`);
  const { folder, version, files, bytes } = await pagefindBundle(site.name, site.folder, plan.cache);
  const name = `${site.name} · Pagefind ${version}`;
  const engineOf = (debounced: boolean): Engine => ({
    name,
    html: pagefindPage(debounced),
    mounts: { '/pagefind/': folder },
    lastTier: 'all',
    settledMs: 30_000,
  });
  const queries = site.queries.map(({ text }) => text);
  const cold = await coldRun(browser, engineOf(false), queries, plain, atOnce);
  const all = await sitting(browser, engineOf(false), queries, plain);
  const perQuery = site.judge(cold.first.map(({ last }) => last));
  const figures: Figure[] = [
    { name: `${name}: bundle`, value: files, unit: `files, ${Math.round(bytes / 1e6)} MB` },
    ...wireFigures(`${name}, first query`, cold.first),
    ...wireFigures(`${name}, second query`, cold.second),
    ...wireFigures(`${name}, one sitting, from the second query on`, all.slice(1)),
    qualityFigure(`${name}, ten hits`, perQuery),
    {
      name: `${name}: queries without a hit`,
      value: cold.first.filter(({ last }) => last.length === 0).length,
      unit: `of ${queries.length}`,
    },
  ];
  if (parts.has('typed')) {
    const asked = spreadSample(queries, Math.ceil(sample / 2));
    const typed = await coldRun(browser, engineOf(true), asked, { ...plain, keyPauseMs }, atOnce);
    figures.push(...wireFigures(`${name}, first query typed`, typed.first));
  }
  figures.push(...(await slowFigures(browser, engineOf(false), name, queries, plan, engineOf(true))));
  return {
    figures,
    points: [{ label: 'Pagefind', bytes: bytesOf(cold.first), perQuery, isUsual: false }],
    perQuery,
  };
}

/** Designs that load all of it at once; not run in Chromium. */
export async function measureWhole(site: BenchSite, { cache }: Plan): Promise<Measured> {
  say(`${site.name} · whole indexes`);
  const whole = await wholeIndexes(site, site.queries, cache);
  const judged = whole.map(({ lists }) => site.judge(lists));
  return {
    figures: whole.flatMap(({ name, bytes, parts }, i): Figure[] => [
      {
        name: `${site.name} · ${name}: kB`,
        value: bytes / 1000,
        unit: `kB under gzip | ${parts}`,
        cells: { kb: bytes / 1000 },
      },
      qualityFigure(`${site.name} · ${name}`, judged[i]!),
    ]),
    points: whole.map(({ name, bytes }, i) => ({
      label: name.replace(/[, ].*$/, ''),
      bytes: [bytes],
      perQuery: judged[i]!,
      isUsual: false,
    })),
    perQuery: [],
  };
}

/** What the engine said it had to leave out. */
function noticeFigure(name: string, replies: readonly Reply[]): Figure {
  const notices = [...new Set(replies.flatMap((reply) => reply.notices))];
  return { name: `${name}: notices`, value: notices.length, unit: notices.slice(0, 3).join(' | ') };
}
