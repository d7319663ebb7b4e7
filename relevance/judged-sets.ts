/**
 * The judged sets of a run: open collections, sites with questions, and what sites ask of themselves.
 * In: folders. Out: collections to prepare, each with the sets that its queries belong to.
 * Sets over the same documents are prepared as one collection. What proxies.ts makes of a site is kept, because it reads
 * the site twice.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NearbitError } from '../src/errors';
import type { JudgedQuery } from '../src/eval/beir.node';
import { type Collection, openCollections, siteCollection } from './collections';
import { type ProxyCollection, type ProxyQuery, proxyCollections } from './proxies';

export type SetKind = 'texts' | 'questions' | 'proxy';

export interface JudgedSet {
  name: string;
  kind: SetKind;
  /** Someone looked at its figures while a constant was chosen. */
  seen: boolean;
  /** Of the collection's queries, those of this set. */
  holds(query: JudgedQuery): boolean;
}

export interface Task {
  collection: Collection;
  sets: JudgedSet[];
  /** Pages per query id that no list may hold. Complete once the collection's queries were read. */
  ignored: Map<string, string[]>;
}

/** A folder of HTML; `questions`: judged queries over it, a folder or a file. */
export interface Site {
  name: string;
  folder: string;
  questions: string | null;
}

/** The sets whose mean a table leads with. limit-small is reported beside them: its 46 documents ask for single words. */
export const five = ['scifact', 'cranfield', 'stackfaq', 'vaswani', 'cisi'];
/**
 * Looked at while the constants of the fusion were chosen. The others are unseen: scifact, xquad in de, es and zh, further
 * sites' questions and everything that a site asks of itself, if looked at, then for words alone.
 */
const seen = ['cranfield', 'cisi', 'stackfaq', 'vaswani', 'limit-small', 'xquad-en', 'mdn'];
/** Queries of each proxy set. */
const proxyLimit = 150;

/** `<name>=<html folder>[=<questions>]`. Errors: usage. */
export function parseSite(given: string): Site {
  const [name, folder, questions = null] = given.split('=');
  if (!name || !folder || !existsSync(folder)) throw unusable('<name>=<html folder>', given);
  return { name, folder: resolve(folder), questions: questions && resolve(questions) };
}

/** What a command asks for; `wanted`: names of sets, default all. Errors: usage when nothing is left. */
export function chooseTasks(options: {
  data: string | undefined;
  sites: readonly Site[];
  wanted: readonly string[] | undefined;
  cache: string;
  proxies: boolean;
}): Task[] {
  const { data, sites, wanted, cache, proxies } = options;
  const tasks = [
    ...(data ? textTasks(data) : []),
    ...sites.flatMap((site) => siteTasks(site, cache, proxies)),
  ].filter(({ sets }) => !wanted || sets.some(({ name }) => wanted.includes(name)));
  if (tasks.length === 0) throw unusable('sets that the folders hold', wanted?.join(',') ?? 'none');
  return tasks;
}

export function unusable(expected: string, received: string): NearbitError {
  return new NearbitError('usage', {
    what: 'Cannot measure relevance',
    expected,
    received,
    fix: 'name a folder of judged sets or a site',
  });
}

function textTasks(data: string): Task[] {
  return openCollections(data).map((collection) => plainTask(collection, 'texts'));
}

/** `proxies`: the site's own wordings too. */
function siteTasks({ name, folder, questions }: Site, cache: string, proxies: boolean): Task[] {
  const tasks = questions ? [plainTask(siteCollection(name, folder, questions), 'questions')] : [];
  if (!proxies) return tasks;
  const [summary, ...others] = proxyCollections(name, folder, { limit: proxyLimit });
  return [...tasks, proxyTask(name, [summary!], cache), proxyTask(name, others, cache)];
}

function plainTask(collection: Collection, kind: SetKind): Task {
  const { name } = collection;
  return {
    collection,
    sets: [{ name, kind, seen: seen.includes(name), holds: () => true }],
    ignored: new Map(),
  };
}

/** Collections over the same documents as one. Ids of queries begin with their set's name. */
function proxyTask(site: string, proxies: readonly ProxyCollection[], cache: string): Task {
  const { folder, language, documents } = proxies[0]!;
  const ignored = new Map<string, string[]>();
  const version = versionOf(folder);
  const kept = join(cache, 'proxies');
  const judged = async () => {
    const queries: JudgedQuery[] = [];
    for (const proxy of proxies) {
      for (const query of await keptQueries(proxy, join(kept, `${proxy.name}-${version}.json`))) {
        const id = `${proxy.name} ${query.id}`;
        queries.push({ ...query, id });
        ignored.set(id, query.ignored);
      }
    }
    return { name: site, queries };
  };
  const kinds = proxies.map(({ name }) => name.slice(site.length + 1)).join('-');
  return {
    collection: {
      name: `${site}-${kinds}`,
      language,
      folder,
      texts: site,
      version,
      documents,
      judged,
    },
    sets: proxies.map(({ name }) => ({
      name,
      kind: 'proxy',
      seen: false,
      holds: ({ id }) => id.startsWith(`${name} `),
    })),
    ignored,
  };
}

async function keptQueries(proxy: ProxyCollection, path: string): Promise<ProxyQuery[]> {
  if (existsSync(path)) {
    const rows: (Omit<ProxyQuery, 'grades'> & { grades: [string, number][] })[] = JSON.parse(
      readFileSync(path, 'utf8'),
    );
    return rows.map((row) => ({ ...row, grades: new Map(row.grades) }));
  }
  const { queries } = await proxy.judged();
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(queries.map((query) => ({ ...query, grades: [...query.grades] }))));
  return queries;
}

/** Changes with the sources that make proxies, with their number and with what lies directly in the site's folder. */
function versionOf(folder: string): string {
  const sum = createHash('sha256').update(`${folder}\n${proxyLimit}\n`);
  for (const file of readdirSync(import.meta.dirname).sort())
    if (/^proxies[\w-]*\.ts$/.test(file)) sum.update(readFileSync(join(import.meta.dirname, file)));
  for (const name of readdirSync(folder).sort()) sum.update(`${name}:${statSync(join(folder, name)).size}\n`);
  return sum.digest('hex').slice(0, 16);
}
