/**
 * How well do other client-side searches answer the same questions over the same pages?
 * In: judged sets, as folders of texts or as a site with questions; the packages of bench/peers, installed when missing.
 * Out: a figure for each set and peer, and the whole table in build/bench/search-peers.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCollections, siteCollection } from '../relevance/collections';
import { type Prepared, prepare } from '../relevance/prepare';
import { openRunModels } from '../src/cli/model';
import type { Figure, Report } from './figures';
import { readyPeers } from './peers/install';
import { readDocuments } from './search-peers/documents';
import { type Judged, judge } from './search-peers/judge';
import { versionsOf } from './search-peers/packages';
import type { JudgedSet } from './search-peers/peer';
import { searchPeers } from './search-peers/peers';
import { tableOf } from './search-peers/table';
import { encodeThread } from './site';

export const question =
  'How well do other client-side searches answer the same questions over the same pages?';

const build = fileURLToPath(new URL('../build/bench', import.meta.url));

export const options = {
  /** Folder with the judged sets of texts. */
  data: { type: 'string', default: '' },
  /** Folder of HTML pages, and judged questions over their paths. */
  site: { type: 'string', default: '' },
  questions: { type: 'string', default: '' },
  /** Names of sets, with commas between. Default: all in English. */
  sets: { type: 'string', default: '' },
  /** Parts of names of peers, with commas between. Default: all. */
  only: { type: 'string', default: '' },
  /** Folder of the unquantized model, for the dense row. */
  reference: { type: 'string', default: '' },
  'reference-passages': { type: 'string', default: '20000' },
  /** Indexes and embeddings are kept here. */
  cache: { type: 'string', default: join(build, 'search-peers') },
} as const;

type Values = Record<keyof typeof options, string>;

export async function run(values: Values): Promise<Report> {
  readyPeers();
  const collections = collectionsOf(values);
  if (collections.length === 0)
    throw new Error('Cannot compare: expected --data or --site with --questions, received neither');
  const cache = resolve(values.cache);
  const peers = searchPeers({
    folder: values.reference,
    cache,
    mostPassages: Number(values['reference-passages']),
  }).filter(({ name }) => partsOf(values.only).some((part) => name.toLowerCase().includes(part)));
  const models = await openRunModels({ model: undefined, documentModel: undefined, script: encodeThread });
  const judged: Judged[] = [];
  try {
    for (const collection of collections) {
      let prepared: Promise<Prepared> | null = null;
      const set: JudgedSet = {
        name: collection.name,
        documents: await readDocuments(collection),
        queries: (await collection.judged()).queries,
        site: collection.folder === resolve(values.site),
        prepared: () => (prepared ??= prepare(collection, { models, cache })),
      };
      for (const peer of peers) {
        const row = await judge(peer, set);
        judged.push(row);
        console.error(`${set.name}: ${peer.name}: ${row.metrics?.ndcg10.toFixed(4) ?? row.failure}`);
      }
    }
  } finally {
    await models.close();
  }
  mkdirSync(build, { recursive: true });
  writeFileSync(join(build, 'search-peers.md'), tableOf(judged));
  const sets = [
    ...new Map(
      judged.map(({ set, pages, queries }) => [set, `${set} (${pages} pages, ${queries} queries)`]),
    ).values(),
  ];
  return { corpus: sets.join(', '), figures: judged.map(figureOf) };
}

function collectionsOf({ data, site, questions, sets }: Values) {
  const texts = data === '' ? [] : openCollections(resolve(data)).filter(({ language }) => language === 'en');
  const sites =
    site === ''
      ? []
      : [siteCollection(basename(questions).replace(/-questions$/, ''), resolve(site), resolve(questions))];
  const wanted = sets === '' ? null : sets.split(',');
  return [...texts, ...sites].filter(({ name }) => wanted?.includes(name) ?? true);
}

function partsOf(text: string): string[] {
  return text.toLowerCase().split(',');
}

function figureOf({ set, peer, packages, metrics, unanswered, queries, failure }: Judged): Figure {
  const name = `${set} · ${peer} ${versionsOf(packages)}`.trim();
  if (!metrics) return { name, value: 'not searched:', unit: failure! };
  const { ndcg10, success1, success5, mrr10, recall10 } = metrics;
  const shown = Object.entries({ success1, success5, mrr10, recall10 }).map(
    ([metric, value]) => `${metric} ${value.toFixed(3)}`,
  );
  return {
    name,
    value: ndcg10,
    unit: `nDCG@10 | ${shown.join(' | ')} | ${unanswered} of ${queries} without an answer`,
    cells: { ndcg10, success1, success5, mrr10, recall10, unanswered },
  };
}
