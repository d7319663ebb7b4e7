/**
 * What does a search index that lives in the browser cost to fill, to open again, to ask and to keep?
 * nearbit's live index beside libraries that keep documents in the browser too: the same documents and embeddings, the same
 * work, in the same run, each on a profile on disk of its own. In: a site's pages, cut into passages. Out: rates, times, bytes.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readDocuments } from '../src/build/read-stage';
import { readSite } from '../src/cli/read-site';
import { decodeTexts } from '../src/segment/texts-block';
import { memoryStore } from '../src/store/memory-store';
import type { ManifestModel } from '../src/types';
import { type Figure, median, type Report } from './figures';
import type { SourcePassage } from './live/documents';
import { measureEncoding } from './live/encoding';
import { type Host, openHost } from './live/host';
import { measureContestant, type Run } from './live/measure';
import { figure, figuresOf, openBars, perSecond } from './live/run-figures';
import { tabFigures } from './memory.bench';
import { readyPeers, versionOf } from './peers/install';
import { readQueries, readyIndex, serveSite, site } from './site';

export const question =
  'What does a search index that lives in the browser cost to fill, to open again, to ask and to keep?';

const everyPart = ['sizes', 'model', 'memory', 'peers'] as const;
type Part = (typeof everyPart)[number];

export const options = {
  /** How many documents nearbit is filled with, with commas between. */
  n: { type: 'string', default: '1000,10000,100000' },
  /** How many each contestant gets where they are compared. */
  'peer-n': { type: 'string', default: '10000' },
  /** Of the comparison; sizes are filled once. */
  rounds: { type: 'string', default: '3' },
  /** How often each is opened again. */
  opens: { type: 'string', default: '7' },
  queries: { type: 'string', default: '60' },
  /** Encoded in each of the rounds with the model. */
  passages: { type: 'string', default: '64' },
  /** Folder of HTML whose passages are the documents. */
  site: { type: 'string', default: site },
  /** With commas between; default: all. */
  parts: { type: 'string', default: everyPart.join(',') },
  /** Parts of names of contestants, with commas between. Default: all. */
  only: { type: 'string', default: '' },
} as const;

type Values = Record<keyof typeof options, string>;

interface Peer {
  name: string;
  /** As bench/peers/persisted knows it. */
  key: string;
  packages: string[];
}

const peers: Peer[] = [
  { name: 'nearbit', key: 'nearbit', packages: [] },
  { name: 'nearbit, words alone', key: 'nearbit-words', packages: [] },
  { name: 'EntityDB', key: 'entity-db', packages: ['@babycommando/entity-db'] },
  { name: 'Orama, binary', key: 'orama', packages: ['@orama/orama', '@orama/plugin-data-persistence'] },
  { name: 'Orama, JSON', key: 'orama-json', packages: ['@orama/orama', '@orama/plugin-data-persistence'] },
  { name: 'MiniSearch', key: 'minisearch', packages: ['minisearch'] },
  {
    name: 'PGlite in IndexedDB',
    key: 'pglite-idb',
    packages: ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'],
  },
  {
    name: 'PGlite in OPFS',
    key: 'pglite-opfs',
    packages: ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'],
  },
];

const batch = 1000;

export async function run(values: Values): Promise<Report> {
  const parts = values.parts.split(',') as Part[];
  const unknown = parts.find((part) => !everyPart.includes(part));
  if (unknown)
    throw new Error(`Cannot measure: expected parts of ${everyPart.join(', ')}, received ${unknown}`);
  if (parts.includes('peers')) readyPeers();
  const passages = await readPassages(values.site);
  const indexFolder = fileURLToPath(new URL('../build/bench/nearbit', import.meta.url));
  const host = await openHost(passages, readQueries(), indexFolder);
  const figures: Figure[] = [];
  try {
    if (parts.includes('sizes')) figures.push(...(await measureSizes(host, values)));
    if (parts.includes('model')) {
      console.error('With the model');
      const manifest = readyIndex();
      figures.push(...(await encodingFigures(host, passages, manifest.model!, values)));
    }
    if (parts.includes('memory')) figures.push(...(await memoryFigures(Number(values.rounds))));
    if (parts.includes('peers')) figures.push(...(await comparePeers(host, values)));
  } finally {
    await host.close();
  }
  return {
    corpus: `${passages.length} passages of ${values.site === site ? 'examples/mdn-http' : values.site}, repeated with words exchanged; made-up embeddings of 384 dimensions; ${availableParallelism()} cores`,
    figures,
  };
}

async function encodingFigures(
  host: Host,
  passages: readonly SourcePassage[],
  card: ManifestModel,
  values: Values,
): Promise<Figure[]> {
  const plan = { passages: Number(values.passages), rounds: Number(values.rounds) };
  const { machinery, rounds } = await measureEncoding(host, passages, card, plan);
  const ratios = rounds.map(({ live, bare }) => live / bare);
  const name = 'with the model';
  return [
    figure(`${name}: runtime`, machinery, ''),
    figure(`${name}: nearbit, add to idle`, median(rounds.map(({ live }) => live)), 'passages/s'),
    figure(`${name}: bare ONNX Runtime`, median(rounds.map(({ bare }) => bare)), 'passages/s'),
    figure(`${name}: ratio by round`, ratios.map((ratio) => ratio.toFixed(3)).join(', '), ''),
    { ...figure(`${name}: ratio, median`, median(ratios), ''), atLeast: 0.9 },
  ];
}

/** As the bench of that name measures it: tabs with a live index and one model. */
async function memoryFigures(rounds: number): Promise<Figure[]> {
  readyIndex();
  const server = await serveSite();
  const queries = readQueries().slice(0, 20);
  try {
    const ways = ['shared worker', 'one tab for all'] as const;
    const figures: Figure[] = [];
    for (const way of ways) figures.push(...(await tabFigures(server.origin, queries, rounds, way)));
    return figures;
  } finally {
    await server.close();
  }
}

/** The site's passages as documents, each once. */
async function readPassages(folder: string): Promise<SourcePassage[]> {
  const store = memoryStore('bench');
  const { groups } = await readDocuments(readSite(folder, { exclude: [], base: '/', skipped: [] }), {
    store,
    maxTokens: 240,
    countTokens: (text) => Math.ceil((text.match(/\S+/g)?.length ?? 0) * 1.3),
  });
  const seen = new Set<string>();
  const passages: SourcePassage[] = [];
  for (const { texts } of groups) {
    for (const { title, passages: some } of decodeTexts(await store.readBlock('texts', texts), 'texts')) {
      for (const { text } of some) {
        if (seen.has(text) || text.length < 40) continue;
        seen.add(text);
        passages.push({ title, text });
      }
    }
  }
  return passages;
}

async function measureSizes(host: Host, values: Values): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const n of values.n.split(',').map(Number)) {
    const plan = {
      n,
      batch,
      opens: Number(values.opens),
      browserStarts: Math.ceil(Number(values.opens) / 2),
      queries: Number(values.queries),
    };
    console.error(`nearbit, ${n} documents`);
    const words = await measureContestant(host, 'nearbit-words', {
      ...plan,
      opens: 0,
      browserStarts: 0,
      queries: 0,
    });
    const run = await measureContestant(host, 'nearbit', plan);
    const name = `nearbit, ${n.toLocaleString('en')}`;
    figures.push(
      figure(`${name}: added, words alone`, perSecond(words), 'documents/s'),
      ...figuresOf(name, [run], n >= openBars.n ? openBars : null),
    );
  }
  return figures;
}

async function comparePeers(host: Host, values: Values): Promise<Figure[]> {
  const wanted = values.only.toLowerCase().split(',');
  const chosen = peers.filter(({ name }) => wanted.some((part) => name.toLowerCase().includes(part)));
  const plan = {
    n: Number(values['peer-n']),
    batch,
    opens: 3,
    browserStarts: 1,
    queries: Math.ceil(Number(values.queries) / 2),
  };
  const runs = new Map<Peer, Run[]>(chosen.map((peer) => [peer, []]));
  const failures = new Map<Peer, string>();
  for (let round = 0; round < Number(values.rounds); round++) {
    // Who comes first changes, so that a slow minute does not always meet the same.
    for (const peer of round % 2 === 0 ? chosen : chosen.toReversed()) {
      if (failures.has(peer)) continue;
      console.error(`Round ${round + 1}: ${peer.name}, ${plan.n} documents`);
      try {
        if (peer.packages.some((name) => versionOf(name) === 'absent'))
          throw new Error('npm could not install it');
        runs.get(peer)!.push(await measureContestant(host, peer.key, plan));
      } catch (error) {
        failures.set(peer, String(error instanceof Error ? error.message : error).split('\n')[0]!);
      }
    }
  }
  return chosen.flatMap((peer) => {
    const versions = peer.packages.map(versionOf).join(' + ');
    const name = `${[peer.name, versions].filter(Boolean).join(' ')}, ${plan.n.toLocaleString('en')}`;
    const failure = failures.get(peer);
    const done = runs.get(peer)!;
    return [
      ...(failure ? [figure(`${name}: failed`, failure, '')] : []),
      ...(done.length > 0 ? figuresOf(name, done, null) : []),
    ];
  });
}
