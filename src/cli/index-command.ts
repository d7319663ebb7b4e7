/**
 * `nearbit index <site>`: a folder of HTML becomes a folder that any static host can serve.
 * In: the command's arguments. Out: the index folder; a summary on stderr or, with --json, on stdout.
 */
import { join, resolve } from 'node:path';
import { type BuildReport, buildIndex } from '../build/build-index';
import { instantStage } from '../build/instant-stage';
import { knowsLanguage } from '../embed/known-language';
import { NearbitError } from '../errors';
import { writeTunedRecord } from '../eval/tuned-record.node';
import { folderStore } from '../store/folder-store.node';
import type { InstantRef, ModelCard } from '../types';
import { readConfig } from './config';
import { openEmbeddingCache } from './embedding-cache';
import { readRuntime, writeEngine } from './engine';
import { keptWeights } from './kept-weights';
import { openRunModels, vocabularyOf } from './model';
import { parseCommand } from './options';
import { byteCount, createProgress, duration } from './progress';
import { readSite, type Skipped } from './read-site';

export const indexUsage =
  'nearbit index <site> [--out <dir>] [--base <path>] [--model <folder>] [--document-model <folder>] [--weights <tuned.json>] [--instant cells|expansion|none] [--cache <dir>] [--config <file>] [--no-model] [--json]';

const stageNames = {
  read: ['Reading', 'pages'],
  encode: ['Encoding', 'passages'],
  code: ['Coding', 'passages'],
  fit: ['Fitting the instant tier to', 'queries'],
  write: ['Writing', 'blocks'],
} as const;

/** Exit code: 0, or 1 when pages were skipped (the index is written all the same, without them). */
export async function indexCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    indexUsage,
    {
      out: { type: 'string' },
      base: { type: 'string' },
      model: { type: 'string' },
      'document-model': { type: 'string' },
      weights: { type: 'string' },
      instant: { type: 'string' },
      cache: { type: 'string' },
      config: { type: 'string' },
      'no-model': { type: 'boolean' },
      json: { type: 'boolean' },
    },
    1,
  );
  const config = await readConfig(values.config);
  const site = resolve(positionals[0]!);
  const out = resolve(values.out ?? config.out ?? join(site, 'nearbit'));
  const design = parseInstant(values.instant ?? config.instant);
  const base = baseOf(values.base ?? config.base ?? '/');
  const progress = createProgress();
  const skipped: Skipped[] = [];
  const documents = readSite(site, { exclude: [out], base, skipped });
  const store = folderStore(out);
  const onProgress = ({
    stage,
    done,
    total,
  }: {
    stage: keyof typeof stageNames;
    done: number;
    total: number;
  }) => progress.update(stageNames[stage][0], done, total, stageNames[stage][1]);

  const given = values['no-model'] ? null : ((await config.encoder?.()) ?? null);
  const models =
    values['no-model'] || given
      ? null
      : await openRunModels({
          model: values.model ?? config.model,
          documentModel: values['document-model'] ?? config.documentModel,
        });
  const cache =
    models && openEmbeddingCache(values.cache ?? config.cache, models.identity, models.documents.card.dim);
  const encoder = given ?? models?.documents ?? null;
  let report: BuildReport;
  try {
    const kept = await keptWeights(values.weights, store, encoder);
    report = await buildIndex(documents, {
      store,
      encoder,
      ...(models && {
        queryEncoders: models.queryEncoders,
        assets: { model: models.files, runtime: await readRuntime(Object.keys(models.files)) },
      }),
      ...(cache && { cache }),
      ...(kept && { weights: kept.weights }),
      ...(design && { instant: instantStage({ design, vocabulary: vocabularyOf(models) }) }),
      onProgress,
    });
    await writeEngine(out);
    if (kept?.record) await writeTunedRecord(out, kept.record);
  } finally {
    progress.end();
    cache?.close();
    await given?.close();
    await models?.close();
    await store.close();
  }
  const card = encoder?.card;
  const foreign = card ? foreignPages(report.languages, card) : {};
  if (card && Object.keys(foreign).length > 0) console.error(foreignWarning(foreign, report.pages, card));
  for (const { id, reason } of report.leftOut) console.error(`Left out ${id}: ${reason}`);
  for (const { path, reason } of skipped) console.error(`Skipped ${path}: ${reason}`);
  if (values.json) console.log(JSON.stringify(summary(report, foreign, skipped)));
  else console.error(sentence(report, out));
  return skipped.length > 0 ? 1 : 0;
}

const designs: readonly InstantRef['design'][] = ['cells', 'expansion'];

/** Null: no instant tier. Errors: usage. */
function parseInstant(text = 'cells'): InstantRef['design'] | null {
  if (text === 'none') return null;
  const design = designs.find((name) => name === text);
  if (design) return design;
  throw new NearbitError('usage', {
    what: 'Cannot read --instant',
    expected: `${designs.join(', ')} or none`,
    received: text,
    fix: 'see nearbit --help',
  });
}

function baseOf(path: string): string {
  return `/${path}/`.replace(/\/+/g, '/');
}

/** Pages by language, those alone that the model was not made for. */
function foreignPages(languages: BuildReport['languages'], card: ModelCard): BuildReport['languages'] {
  return Object.fromEntries(Object.entries(languages).filter(([tag]) => !knowsLanguage(card, tag)));
}

function foreignWarning(foreign: BuildReport['languages'], pages: number, card: ModelCard): string {
  const count = Object.values(foreign).reduce((sum, n) => sum + n, 0);
  const list = Object.entries(foreign).map(([tag, n]) => `${tag} ${n}`);
  return (
    `Warning: ${count} of ${pages} pages are in a language the model was not made for (${list.join(', ')}): ` +
    `expected ${card.languages!.join(', ')} for ${card.name}; words find such pages, meaning hardly; ` +
    'pass --model a model made for them'
  );
}

function summary(report: BuildReport, foreign: BuildReport['languages'], skipped: Skipped[]) {
  const { pages, passages, reused, languages, bytes, ms, leftOut } = report;
  const rates = {
    pagesPerSecond: (1000 * pages) / ms.read!,
    passagesPerSecond: (1000 * (passages - reused)) / (ms.encode ?? 1),
  };
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  const counts = { pages, passages, reused, languages, foreignPages: foreign };
  return { ...counts, bytes, ms, ...rates, peakMemoryBytes, leftOut, skipped };
}

function sentence({ pages, passages, reused, bytes, ms }: BuildReport, out: string): string {
  const parts = Object.entries(bytes)
    .filter(([part, count]) => part !== 'total' && count > 0)
    .map(([part, count]) => `${part} ${byteCount(count)}`);
  return [
    `Indexed ${pages} pages, ${passages} passages (${reused} reused) in ${duration(ms.total / 1000)}.`,
    `${byteCount(bytes.total)} in ${out}: ${parts.join(', ')}.`,
    'Add to your pages: <script type="module" src="/nearbit/engine/nearbit-search.js"></script><nearbit-search></nearbit-search>',
  ].join('\n');
}
