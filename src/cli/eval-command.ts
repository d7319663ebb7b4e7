/**
 * `nearbit eval`: judged queries through the search that readers run.
 * In: an index with judged queries, or a BEIR folder that is indexed in memory first. Out: metrics per list; with gates
 * the exit code says whether the list that readers get passed them. `--reference` adds a list of plain float cosines.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildIndex } from '../build/build-index';
import { instantStage } from '../build/instant-stage';
import { NearbitError } from '../errors';
import { readCorpus, readJudgedQueries } from '../eval/beir.node';
import { evaluate } from '../eval/evaluate';
import { evaluateInstant } from '../eval/evaluate-instant';
import { type JudgedText, readPageIds } from '../eval/judged-pages';
import { evaluateReference } from '../eval/reference';
import { readTunedRecord, splitBySeen } from '../eval/tuned-record.node';
import { openInstant } from '../instant/searcher';
import { chooseKernel } from '../kernels/choose';
import type { Reranker } from '../rerank/reranker';
import { openSearcher } from '../search/searcher';
import { folderStore } from '../store/folder-store.node';
import { openInstantFolder } from '../store/instant-files-folder.node';
import { memoryStore } from '../store/memory-store';
import type { Tier } from '../types';
import { openCommandReranker } from './command-reranker';
import { readConfig } from './config';
import { openEmbeddingCache } from './embedding-cache';
import { type GateVerdict, minimumGate, noWorseGate, readLastReport } from './eval-gates';
import { type EvalReport, printReport, printWorst } from './eval-report';
import { openRunModels, type RunModels, vocabularyOf } from './model';
import { openIndexFolder } from './open-index';
import { parseCommand, parseCount, parseShare, parseTier } from './options';
import { createProgress } from './progress';

export const evalUsage = `nearbit eval (<bundle> --queries <yaml|tsv|folder> | --beir <folder>) [--tier lexical|instant|full] [--model <folder>] [--document-model <folder>] [--reranker <folder>] [--reference <folder>] [--min-ndcg10 <x>] [--no-worse-than <report> [--tolerance <x>]] [--save <report>] [--worst <n>] [--cache <dir>] [--config <file>] [--json]`;

/** A fall that `--no-worse-than` lets pass. */
const defaultTolerance = 0.01;

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
      reranker: { type: 'string' },
      reference: { type: 'string' },
      'min-ndcg10': { type: 'string' },
      // The same gate by its older name.
      'min-ndcg': { type: 'string' },
      'no-worse-than': { type: 'string' },
      tolerance: { type: 'string' },
      save: { type: 'string' },
      worst: { type: 'string' },
      cache: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    },
    args.some((arg) => /^--beir(=|$)/.test(arg)) ? 0 : 1,
  );
  const tier = parseTier(values.tier);
  const minimum = parseShare('min-ndcg10', values['min-ndcg10'] ?? values['min-ndcg']);
  const tolerance = parseShare('tolerance', values.tolerance);
  const worst = values.worst === undefined ? null : parseCount('worst', values.worst, 1, 10_000);
  if (tolerance !== null && values['no-worse-than'] === undefined)
    throw wrongUsage('--tolerance without --no-worse-than', 'name the report to compare with');
  if (!values.beir && !values.queries)
    throw wrongUsage('neither --queries nor --beir', 'name the judged queries');
  // Read before the work: --save may write to the same file, and a wrong path should not cost a whole run.
  const last = values['no-worse-than'] ? await readLastReport(values['no-worse-than']) : null;

  const report = values.beir
    ? await evaluateBeir(resolve(values.beir), tier, values)
    : await evaluateFolder(positionals[0]!, values.queries!, { ...values, tier });

  console.log(values.json ? JSON.stringify(report) : printReport(report));
  const say = values.json ? console.error : console.log;
  if (worst !== null) say(printWorst(report, worst));
  const verdicts: GateVerdict[] = [];
  if (minimum !== null) verdicts.push(minimumGate(report, minimum));
  if (last) verdicts.push(noWorseGate(report, last, tolerance ?? defaultTolerance));
  for (const { ok, says } of verdicts) if (says) (ok ? say : console.error)(says);
  const passed = verdicts.every(({ ok }) => ok);
  if (values.save) {
    // A fall must not become the next run's yardstick.
    const isYardstick = last !== null && resolve(values.save) === resolve(last.path);
    if (passed || !isYardstick) await writeFile(values.save, `${JSON.stringify(report)}\n`);
    else console.error(`Not saved: ${values.save} stays what the next run is compared with`);
  }
  return passed ? 0 : 1;
}

type FolderOptions = { tier: Tier } & Partial<Record<'model' | 'reranker' | 'config', string | undefined>>;

async function evaluateFolder(
  folder: string,
  judged: string,
  { tier, model, reranker: named, config }: FolderOptions,
): Promise<EvalReport> {
  const { name, queries } = await readJudgedQueries(resolve(judged));
  if (tier === 'instant') return evaluateInstantFolder(resolve(folder), name, queries);
  const index = await openIndexFolder(folder, { tier, model, config: await readConfig(config) });
  let reranker: Reranker | null = null;
  try {
    reranker = await openCommandReranker(named, index.encoder !== null);
    const report: EvalReport = await evaluate(name, queries, { ...index, tier, reranker });
    const record = await readTunedRecord(resolve(folder), index.searcher.manifest.weights);
    if (record) report.tuned = splitBySeen(report.perQuery, record);
    return report;
  } finally {
    await reranker?.close();
    await index.close();
  }
}

async function evaluateInstantFolder(
  folder: string,
  name: string,
  queries: readonly JudgedText[],
): Promise<EvalReport> {
  const store = folderStore(folder);
  const ids = await readPageIds(store, await store.readManifest());
  await store.close();
  return evaluateInstant(name, queries, { searcher: openInstant(openInstantFolder(folder)), ids });
}

async function evaluateBeir(
  folder: string,
  tier: Tier,
  values: Partial<
    Record<'model' | 'document-model' | 'reranker' | 'reference' | 'cache', string | undefined>
  >,
): Promise<EvalReport> {
  const { name, queries } = await readJudgedQueries(folder);
  // The instant tier is read from files.
  const temporary = tier === 'instant' ? await mkdtemp(join(tmpdir(), 'nearbit-')) : null;
  const store = temporary === null ? memoryStore() : folderStore(temporary);
  const progress = createProgress();
  const models =
    tier !== 'lexical'
      ? await openRunModels({ model: values.model, documentModel: values['document-model'] })
      : null;
  const openCache = (run: RunModels) =>
    openEmbeddingCache(values.cache, run.identity, run.documents.card.dim);
  const cache = models && openCache(models);
  let reranker: Reranker | null = null;
  try {
    reranker = await openCommandReranker(values.reranker, models !== null);
    await buildIndex(readCorpus(folder), {
      store,
      encoder: models?.documents ?? null,
      ...(models && { queryEncoders: models.queryEncoders }),
      ...(cache && { cache }),
      ...(temporary && { instant: instantStage({ design: 'cells', vocabulary: vocabularyOf(models) }) }),
      onProgress: ({ stage, done, total }) => progress.update(stage, done, total, 'documents or passages'),
    });
    progress.end();
    if (temporary) return await evaluateInstantFolder(temporary, name, queries);
    const { kernel } = await chooseKernel();
    const searcher = await openSearcher({ store, kernel });
    const encoder = models?.queries ?? null;
    const report: EvalReport = await evaluate(name, queries, {
      searcher,
      store,
      encoder,
      tier,
      reranker,
    });
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
    await reranker?.close();
    await models?.close();
    if (temporary) await rm(temporary, { recursive: true });
  }
}

function wrongUsage(received: string, fix: string): NearbitError {
  return new NearbitError('usage', { what: 'Cannot evaluate', expected: evalUsage, received, fix });
}
