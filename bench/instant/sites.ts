/**
 * The sites of a run: a folder of HTML, questions judged over its paths, and nearbit's index of it.
 * In: options as people write them. Out: engines to visit, queries, and lists judged as everywhere else in the repository.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeEngine } from '../../src/cli/engine';
import { type JudgedQuery, readJudgedQueries } from '../../src/eval/beir.node';
import { judgedPages, readPageIds } from '../../src/eval/judged-pages';
import { type ListMetrics, metricsPerQuery } from '../../src/eval/metrics';
import { createPageMatch } from '../../src/eval/page-match';
import { folderStore } from '../../src/store/folder-store.node';
import type { Manifest, Tier } from '../../src/types';
import { nearbitPage } from './page';
import type { Engine } from './visit';

const cli = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url));

export interface SiteOption {
  name: string;
  folder: string;
  questions: string;
  /** Null: made here. */
  index: string | null;
}

export interface BenchSite extends SiteOption {
  index: string;
  /** Folder of the scripts that its pages load. */
  engine: string;
  manifest: Manifest;
  queries: JudgedQuery[];
  /** One entry a query. Addresses that are no page of the index count as pages nobody looks for. */
  judge(lists: readonly (readonly string[])[]): ListMetrics[];
}

/** `<name>=<html folder>=<questions>[=<index>]`. Errors: what is wrong with it. */
export function readSiteOption(given: string): SiteOption {
  const [name, folder, questions, index] = given.split('=');
  if (!name || !folder || !questions || !existsSync(folder) || !existsSync(questions))
    throw new Error(
      `Cannot read --site: expected <name>=<html folder>=<questions>[=<index>], received ${given}`,
    );
  return {
    name,
    folder: resolve(folder),
    questions: resolve(questions),
    index: index ? resolve(index) : null,
  };
}

/** `scripts`: `index` or `dist`. Indexes the site with the built command line unless an index is given or lies in the cache. */
export async function openSite(option: SiteOption, scripts: string, cache: string): Promise<BenchSite> {
  const index = option.index ?? join(cache, 'indexes', option.name);
  if (!existsSync(join(index, 'manifest.json'))) {
    console.error(`Indexing ${option.name}`);
    const args = ['index', option.folder, '--out', index, '--cache', join(cache, 'embeddings')];
    execFileSync(process.execPath, [cli, ...args], { stdio: ['ignore', 2, 2] });
  }
  const store = folderStore(index);
  const manifest = await store.readManifest();
  const { queries } = await readJudgedQueries(option.questions);
  const ids = await readPageIds(store, manifest);
  const { grades } = judgedPages(queries, ids);
  const pageOf = createPageMatch(ids);
  const own = join(index, 'engine');
  const isOwn = scripts === 'index' && existsSync(own);
  if (!isOwn) await writeEngine(cache);
  return {
    ...option,
    index,
    engine: isOwn ? own : join(cache, 'engine'),
    manifest,
    queries,
    judge: (lists) =>
      metricsPerQuery(
        lists.map((list) => list.map((address) => pageOf(address) ?? address)),
        grades,
      ),
  };
}

/** nearbit over the site's index. A page of the instant tier loads the element made for it alone. */
export function nearbitEngine({ index, engine }: BenchSite, tier: Tier): Engine {
  const script = tier === 'instant' ? 'nearbit-search-instant.js' : 'nearbit-search.js';
  return {
    name: `nearbit, ${tier}`,
    html: nearbitPage(`/nearbit/engine/${script}`, tier),
    mounts: { '/nearbit/': index, '/nearbit/engine/': engine },
    lastTier: tier,
    // A model takes seconds to start, in which nothing is fetched.
    settledMs: tier === 'full' ? 30_000 : 1500,
  };
}
