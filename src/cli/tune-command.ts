/**
 * `nearbit tune`: the weight of meaning beside words, fitted to a site's own queries.
 * In: an index with embeddings, judged queries. Out: nDCG@10 of default and fitted weight on held-out queries; the
 * weight in the manifest, where it is proven to gain.
 * Refused, with nothing changed: fewer than 20 queries, or a gain whose interval holds zero. `--force` writes anyway.
 */
import { resolve } from 'node:path';
import { NearbitError } from '../errors';
import { type JudgedQueries, readJudgedQueries } from '../eval/beir.node';
import { type PairedDifference, pairedBootstrap } from '../eval/bootstrap';
import { chooseWeight, heldOutValues, weightGrid } from '../eval/fit-weight';
import { judgedPages, readPageIds } from '../eval/judged-pages';
import { writeTunedRecord } from '../eval/tuned-record.node';
import { ndcgPerWeight, unitWeights } from '../eval/weighted-pages';
import { chooseKernel } from '../kernels/choose';
import { usualWeights } from '../search/fuse';
import { openSearcher } from '../search/searcher';
import { folderStore } from '../store/folder-store.node';
import type { FusionWeights } from '../types';
import { version } from '../version';
import { readConfig } from './config';
import { countOf, signed, someOf } from './eval-report';
import { type OpenedIndex, openIndexFolder } from './open-index';
import { parseCommand, parseCount } from './options';
import { createProgress } from './progress';

export const tuneUsage =
  'nearbit tune <bundle> --queries <yaml|tsv|folder> [--folds <k>] [--force] [--model <folder>] [--config <file>] [--json]';

/** With fewer, what looks like a gain is chance. */
const minQueries = 20;
const defaultFolds = 5;

interface TuneReport {
  version: string;
  dataset: string;
  /** Those with a page in the index. */
  queries: number;
  folds: number;
  /** nDCG@10 on queries that the weights were not fitted to. */
  untuned: { weights: FusionWeights; ndcg10: number };
  tuned: { weights: FusionWeights; ndcg10: number };
  difference: PairedDifference;
  /** Lowest and highest weight of the cosine that a fold chose. */
  foldWeights: [low: number, high: number];
  missing: string[];
  /** Null: nothing speaks against it. */
  refused: string | null;
  written: boolean;
}

export async function tuneCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    tuneUsage,
    {
      queries: { type: 'string' },
      folds: { type: 'string' },
      force: { type: 'boolean' },
      model: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    },
    1,
  );
  const folds = parseCount('folds', values.folds, defaultFolds, 100);
  if (folds < 2) throw refusal('--folds of 2 or more', String(folds), 'leave some queries to fit on');
  if (!values.queries) throw refusal(tuneUsage, 'no --queries', 'name the judged queries');
  const folder = resolve(positionals[0]!);
  const judged = await readJudgedQueries(resolve(values.queries));
  const config = await readConfig(values.config);
  const index = await openIndexFolder(folder, { tier: 'full', model: values.model, config });
  try {
    const { report, pages } = await fitWeight(judged, index, folds);
    if (report.refused === null || values.force) {
      const store = folderStore(folder);
      const manifest = await store.readManifest();
      const { name, documentWeights } = manifest.model!;
      await store.commit({ ...manifest, weights: report.tuned.weights });
      await writeTunedRecord(folder, {
        version,
        weights: report.tuned.weights,
        model: { name, documentWeights },
        queries: report.queries,
        pages,
      });
      report.written = true;
    }
    console.log(values.json ? JSON.stringify(report) : print(report));
    return report.written ? 0 : 1;
  } finally {
    await index.close();
  }
}

async function fitWeight(
  { name, queries }: JudgedQueries,
  { store, encoder }: OpenedIndex,
  folds: number,
): Promise<{ report: TuneReport; pages: string[] }> {
  // Fitted afresh, whatever the index was tuned to before.
  const { kernel } = await chooseKernel();
  const searcher = await openSearcher({ store, kernel, weights: unitWeights });
  const { manifest } = searcher;
  if (!encoder || !manifest.model)
    throw refusal('an index with embeddings', 'one of words alone', 'index again without --no-model');
  const ids = await readPageIds(store, manifest);
  const { grades, missing } = judgedPages(queries, ids);
  const known = new Set(ids);
  const usual = usualWeights(manifest);
  const grid = weightGrid(usual.cosine);
  const progress = createProgress();
  const ndcg: number[][] = [];
  const pages = new Set<string>();
  for (const [i, { text }] of queries.entries()) {
    const relevant = [...grades[i]!].filter(([id, grade]) => grade > 0 && known.has(id));
    // No weight finds a page that is not there.
    if (relevant.length === 0) continue;
    for (const [id] of relevant) pages.add(id);
    const embedding = await encoder.embed([text], 'query');
    ndcg.push(await ndcgPerWeight({ text, grades: grades[i]! }, embedding, grid, { searcher, ids }));
    progress.update('search', i + 1, queries.length, 'queries');
  }
  progress.end();
  await searcher.close();
  const { tuned, untuned, chosen } = heldOutValues(ndcg, folds);
  const difference = pairedBootstrap([untuned], [tuned]);
  const n = ndcg.length;
  const report: TuneReport = {
    version,
    dataset: name,
    queries: n,
    folds: Math.max(2, Math.min(folds, n)),
    untuned: { weights: usual, ndcg10: mean(untuned) },
    tuned: { weights: { ...usual, cosine: grid[chooseWeight(ndcg)]! }, ndcg10: mean(tuned) },
    difference,
    foldWeights: [grid[Math.min(...chosen)]!, grid[Math.max(...chosen)]!],
    missing,
    refused: reasonAgainst(n, difference),
    written: false,
  };
  return { report, pages: [...pages].sort() };
}

function reasonAgainst(queries: number, difference: PairedDifference): string | null {
  if (queries < minQueries)
    return `expected ${minQueries} queries or more with a page in the index, received ${queries}`;
  if (difference.low <= 0)
    return `expected a gain on held-out queries with its interval above zero, received ${gainOf(difference)}`;
  return null;
}

function print(report: TuneReport): string {
  const { dataset, queries, folds, untuned, tuned, difference, foldWeights, missing, refused } = report;
  const lines = [
    `${dataset}: ${countOf(queries, 'query', 'queries')}, ${folds} folds; nDCG@10 on queries held out of the fit`,
    `default  weight of the cosine ${untuned.weights.cosine}  ${untuned.ndcg10.toFixed(4)}`,
    `fitted   weight of the cosine ${tuned.weights.cosine}  ${tuned.ndcg10.toFixed(4)}  (folds chose ${foldWeights.join(' to ')})`,
    `gain ${gainOf(difference)} (95 % paired bootstrap interval); ${difference.better} better, ${difference.worse} worse`,
  ];
  if (missing.length > 0)
    lines.push(
      `${countOf(missing.length, 'judged page is', 'judged pages are')} not in the index: ${someOf(missing)}`,
    );
  if (!report.written) lines.push(`Nothing changed: ${refused}; --force writes the fitted weight anyway`);
  else lines.push(`Written to the manifest${refused === null ? '' : `, forced: ${refused}`}`);
  return lines.join('\n');
}

/** `+0.0123 [+0.0011, +0.0240]`. */
function gainOf({ difference, low, high }: PairedDifference): string {
  return `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function refusal(expected: string, received: string, fix: string): NearbitError {
  return new NearbitError('usage', { what: 'Cannot tune', expected, received, fix });
}
