/**
 * Judged queries for any site, without people: the pipeline measured where nothing was tuned.
 * In: a folder of HTML. Out: collections of queries made of the site's own words.
 * `summary`: a page's first sentence asks for it, taken out of the page. `links`: what other pages say where they link
 * to it. `terms`: entries of the site's own index. Proxies, not people: compare pipelines by them, not sites.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readSite } from '../src/cli/read-site';
import type { JudgedQuery } from '../src/eval/beir.node';
import { type Analyser, loadAnalyser } from '../src/lexical/analyser';
import type { SourceDocument } from '../src/types';
import type { Collection } from './collections';
import { linkQueries, type PageQuery } from './proxies-links';
import { isIndexPage, readSitePages, type SitePage } from './proxies-page';
import { type Summary, summaryOf, withoutSentence } from './proxies-summary';
import { termQueries } from './proxies-terms';
import { runsOf } from './proxies-wording';
import { sampleBy } from './sample';

/** A query whose linking pages hold its words: leave those out of the ranking before a metric reads it. */
export interface ProxyQuery extends JudgedQuery {
  ignored: string[];
}

export interface ProxyCollection extends Collection {
  judged(): Promise<{ name: string; queries: ProxyQuery[] }>;
}

export interface ProxyOptions {
  /** Queries a set. Default 300. */
  limit?: number;
}

/** Sets that a site has nothing for hold no query. Cost: two readings of the site, shared by the three. */
export function proxyCollections(
  name: string,
  folder: string,
  options: ProxyOptions = {},
): ProxyCollection[] {
  const { limit = 300 } = options;
  let read: Promise<Site> | null = null;
  const site = (): Promise<Site> => {
    read ??= readWhole(folder, limit);
    return read;
  };
  const collection = (
    kind: string,
    documents: Collection['documents'],
    queries: (site: Site) => PageQuery[],
  ) => ({
    name: `${name}-${kind}`,
    language: 'en',
    folder,
    documents,
    judged: async () => ({ name: `${name}-${kind}`, queries: judge(queries(await site())) }),
  });
  const whole = () => documentsOf(folder);
  const summaries = async function* (): AsyncGenerator<SourceDocument> {
    const { taken } = await site();
    for await (const document of documentsOf(folder)) {
      const summary = taken.get(document.id);
      yield (summary && withoutSentence(document, summary.sentence)) ?? document;
    }
  };
  const inOrder = (queries: PageQuery[]) => sampleBy(queries, limit, ({ text }) => text);
  return [
    collection('summary', summaries, ({ taken }) =>
      [...taken].map(([id, { query }]) => ({ text: query, targets: [id], ignored: [], form: 'description' })),
    ),
    collection('links', whole, ({ analyser, pages }) => inOrder(linkQueries(analyser, pages))),
    collection('terms', whole, ({ analyser, pages }) => inOrder(termQueries(analyser, pages))),
  ];
}

interface Site {
  analyser: Analyser;
  pages: Map<string, SitePage>;
  /** By page. */
  taken: Map<string, Summary>;
}

async function readWhole(folder: string, limit: number): Promise<Site> {
  const analyser = await loadAnalyser('en');
  const pages = new Map<string, SitePage>();
  const summaries: [string, Summary][] = [];
  for await (const page of readSitePages(folder)) {
    // Only an index is walked again.
    pages.set(page.id, isIndexPage(page.id) ? page : { ...page, tree: [] });
    const summary = isIndexPage(page.id) ? null : summaryOf(analyser, page.title, page.lead);
    if (summary) summaries.push([page.id, summary]);
  }
  const candidates = new Map(sampleBy(summaries, 2 * limit, ([id]) => id));
  const unfit = await unfitSummaries(folder, candidates);
  const taken = new Map([...candidates].filter(([id]) => !unfit.has(id)).slice(0, limit));
  return { analyser, pages, taken };
}

/** Pages whose sentence other pages repeat (then it asks for them as well), or whose own document does not hold it. */
async function unfitSummaries(folder: string, summaries: ReadonlyMap<string, Summary>): Promise<Set<string>> {
  const length = 4;
  const askers = new Map<string, string[]>();
  const needed = new Map<string, number>();
  for (const [id, { query }] of summaries) {
    const runs = new Set(runsOf(query, length));
    needed.set(id, Math.max(1, runs.size / 2));
    for (const run of runs) askers.set(run, [...(askers.get(run) ?? []), id]);
  }
  const unfit = new Set<string>();
  for await (const document of documentsOf(folder)) {
    const text = document.sections.flatMap(({ blocks }) => blocks).join(' ');
    const counts = new Map<string, number>();
    for (const run of new Set(runsOf(text, length)))
      for (const id of askers.get(run) ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [id, count] of counts) if (id !== document.id && count >= needed.get(id)!) unfit.add(id);
    const own = summaries.get(document.id);
    if (own && withoutSentence(document, own.sentence) === null) unfit.add(document.id);
  }
  return unfit;
}

async function* documentsOf(folder: string): AsyncGenerator<SourceDocument> {
  for await (const document of readSite(folder, {
    exclude: [join(folder, 'nearbit')],
    base: '/',
    skipped: [],
  }))
    if (!isIndexPage(document.id)) yield document;
}

function judge(queries: readonly PageQuery[]): ProxyQuery[] {
  return queries.map(({ text, targets, ignored }) => ({
    id: createHash('sha256').update(text).digest('hex').slice(0, 8),
    text,
    grades: new Map(targets.map((target) => [target, 1])),
    ignored,
  }));
}

/** `node … proxies.ts NAME FOLDER`: prints counts and some queries of each set. */
export async function main([name = 'site', folder = '.', shown = '20']: string[]): Promise<void> {
  for (const { name: set, judged } of proxyCollections(name, folder)) {
    const { queries } = await judged();
    console.log(`${set}: ${queries.length} queries`);
    for (const { text, grades, ignored } of sampleBy(queries, Number(shown), ({ id }) => `shown ${id}`))
      console.log(
        `  ${text}  →  ${[...grades.keys()].join(' ')}${ignored.length > 0 ? `  (said by ${ignored[0]})` : ''}`,
      );
  }
}
