/**
 * `nearbit eval`: judged queries through the search that readers run.
 * In: an index with judged queries, or a BEIR folder that is indexed in memory first. Out: metrics per list; with
 * --min-ndcg the exit code says whether the deepest list reached it. `--reference` adds a list of plain float cosines.
 */
import { resolve } from 'node:path';
import { buildIndex } from '../build/build-index';
import { NearbitError } from '../errors';
import { readCorpus, readJudgedQueries } from '../eval/beir.node';
import { type Evaluation, evaluate } from '../eval/evaluate';
import type { ListMetrics } from '../eval/metrics';
import { evaluateReference } from '../eval/reference';
import { chooseKernel } from '../kernels/choose';
import { openSearcher } from '../search/searcher';
import { memoryStore } from '../store/memory-store';
import type { Tier } from '../types';
import { readConfig } from './config';
import { openEmbeddingCache } from './embedding-cache';
import { openRunModels, type RunModels } from './model';
import { openIndexFolder } from './open-index';
import { parseCommand, parseTier } from './options';
import { createProgress } from './progress';

export const evalUsage =
  'nearbit eval (<bundle> --queries <folder|tsv> | --beir <folder>) [--tier lexical|full] [--model <folder>] [--document-model <folder>] [--reference <folder>] [--min-ndcg <x>] [--cache <dir>] [--config <file>] [--json]';

type Report = Evaluation & { reference?: ListMetrics };

export async function evalCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    evalUsage,
    {
      queries: { type: 'string' },
      beir: { type: 'string' },
      tier: { type: 'string' },
      model: { type: 'string' },
      'document-model': { type: 'string' },
      reference: { type: 'string' },
      'min-ndcg': { type: 'string' },
      cache: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    },
    args.includes('--beir') ? 0 : 1,
  );
  const tier = parseTier(values.tier);
  const minimum = parseMinimum(values['min-ndcg']);
  let report: Report;
  if (values.beir) report = await evaluateBeir(resolve(values.beir), tier, values);
  else if (values.queries)
    report = await evaluateFolder(positionals[0]!, values.queries, { ...values, tier });
  else
    throw new NearbitError('usage', {
      what: 'Cannot evaluate',
      expected: evalUsage,
      received: 'neither --queries nor --beir',
      fix: 'name the judged queries',
    });
  console.log(values.json ? JSON.stringify(report) : print(report));
  const reached = (report.lists.fused ?? report.lists.lexical)!.ndcg10;
  if (minimum !== null && reached < minimum) {
    console.error(
      `nDCG@10 is below the minimum: expected ${minimum} or more, received ${reached.toFixed(4)}`,
    );
    return 1;
  }
  return 0;
}

async function evaluateFolder(
  folder: string,
  judged: string,
  { tier, model, config }: { tier: Tier; model?: string | undefined; config?: string | undefined },
): Promise<Report> {
  const { name, queries } = await readJudgedQueries(resolve(judged));
  const index = await openIndexFolder(folder, { tier, model, config: await readConfig(config) });
  try {
    return await evaluate(name, queries, { ...index, tier });
  } finally {
    await index.close();
  }
}

async function evaluateBeir(
  folder: string,
  tier: Tier,
  values: Partial<Record<'model' | 'document-model' | 'reference' | 'cache', string | undefined>>,
): Promise<Report> {
  const { name, queries } = await readJudgedQueries(folder);
  const store = memoryStore();
  const progress = createProgress();
  const models =
    tier === 'full'
      ? await openRunModels({ model: values.model, documentModel: values['document-model'] })
      : null;
  const openCache = (run: RunModels) =>
    openEmbeddingCache(values.cache, run.identity, run.documents.card.dim);
  const cache = models && openCache(models);
  try {
    await buildIndex(readCorpus(folder), {
      store,
      encoder: models?.documents ?? null,
      ...(models && { queryEncoders: models.queryEncoders }),
      ...(cache && { cache }),
      onProgress: ({ stage, done, total }) => progress.update(stage, done, total, 'documents or passages'),
    });
    progress.end();
    const { kernel } = await chooseKernel();
    const searcher = await openSearcher({ store, kernel });
    const encoder = models?.queries ?? null;
    const report: Report = await evaluate(name, queries, { searcher, store, encoder, tier });
    if (values.reference && models) {
      const finest = await openRunModels({ model: values.reference, documentModel: undefined });
      const finestCache = openCache(finest);
      report.reference = await evaluateReference(queries, store, finest, finestCache);
      finestCache.close();
      await finest.close();
    }
    await searcher.close();
    return report;
  } finally {
    cache?.close();
    await models?.close();
  }
}

function parseMinimum(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new NearbitError('usage', {
    what: 'Cannot read --min-ndcg',
    expected: 'a number from 0 to 1',
    received: text,
    fix: 'see nearbit --help',
  });
}

function print({ dataset, tier, queries, ms, lists, reference }: Report): string {
  const head = `${dataset}: ${queries} queries, ${tier} tier, ${ms.p50.toFixed(1)} ms a query (p95 ${ms.p95.toFixed(1)})`;
  const rows = Object.entries({ ...lists, ...(reference && { reference }) }).filter(
    ([, list]) => list !== null,
  );
  const columns = Object.keys(rows[0]![1]!) as (keyof ListMetrics)[];
  return [
    head,
    ['list'.padEnd(10), ...columns.map((column) => column.padStart(9))].join(' '),
    ...rows.map(([name, list]) =>
      [name.padEnd(10), ...columns.map((column) => list![column].toFixed(4).padStart(9))].join(' '),
    ),
  ].join('\n');
}
