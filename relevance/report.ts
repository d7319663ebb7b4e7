/**
 * The laboratory's front door: judged sets in, every list measured, bars, one JSON, one plot.
 * In: folders named by options. Out: tables on the console (or the JSON with --json), relevance.json and relevance.svg in
 * the cache's folder; with --publish the plot and the figures beside this file; with --write-runs the gate's runs.
 * A missed bar is printed, not an exit code: what a run says depends on the sets it was given.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunModels } from '../src/cli/model';
import { meanOf } from '../src/eval/metrics';
import { chooseKernel } from '../src/kernels/choose';
import { analyserVersion } from '../src/lexical/tokens';
import { defaultWeights, foreignCosineWeight } from '../src/search/fuse';
import { version } from '../src/version';
import { barsOf } from './bars';
import { type DialRow, dial, dialTable } from './dial';
import { writeRun } from './gate';
import { chooseTasks, five, parseSite, type Task, unusable } from './judged-sets';
import { lists, measureLists, timeLists } from './lists';
import { openModels } from './models';
import { plot } from './plot';
import { prepare } from './prepare';
import { publishedBar, readPublished, withRun } from './published';
import {
  barsTable,
  type Comparison,
  compareLists,
  differencesTable,
  type MeasuredSet,
  metricsTable,
  perList,
  qualityTable,
} from './table';

/** Sets whose dial is measured. */
const dialSets = [...five, 'xquad-en', 'mdn'];
/** Figures that this repository says of itself. */
const publishedPath = join(import.meta.dirname, 'published.json');
const usage =
  '--data <folder of judged sets> [--site <name>=<html folder>[=<questions>]]… [--sets a,b] [--model <folder>] [--cache <folder>] [--no-proxies] [--dial] [--json] [--publish] [--write-runs]';

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      site: { type: 'string', multiple: true, default: [] },
      sets: { type: 'string' },
      model: { type: 'string' },
      cache: { type: 'string', default: 'build/relevance' },
      'no-proxies': { type: 'boolean', default: false },
      dial: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      'write-runs': { type: 'boolean', default: false },
    },
  });
  const { data, site, sets } = values;
  const sites = site.map(parseSite);
  if (!data && sites.length === 0) throw unusable(usage, args.join(' ') || 'nothing');
  return { ...values, data: data && resolve(data), sites, wanted: sets?.split(',') };
}

export async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  const { data, sites, wanted, cache } = options;
  mkdirSync(cache, { recursive: true });
  const began = performance.now();
  const tasks = chooseTasks({ data, sites, wanted, cache, proxies: !options['no-proxies'] });
  const models = await openModels(options.model);
  const { kernel } = await chooseKernel({ allow: ['wasm-simd', 'wasm', 'portable'] });
  const published = readPublished(publishedPath);
  const sets: MeasuredSet[] = [];
  const dials = new Map<string, DialRow[]>();
  for (const task of tasks) {
    const start = performance.now();
    const prepared = await prepare(task.collection, { models, cache, onProgress: slowly(say) });
    const ready = performance.now();
    const { grades, measured } = await measureTask(task, prepared, models);
    sets.push(...measured.filter(({ name }) => !wanted || wanted.includes(name)));
    if (options['write-runs'] && task.sets[0]!.kind !== 'proxy') {
      const path = join(import.meta.dirname, 'runs', `${prepared.name}.jsonl`);
      mkdirSync(join(path, '..'), { recursive: true });
      const { lexical, vector, fused } = measured[0]!.lists;
      const ndcg10 = { lexical: lexical.ndcg10, vector: vector.ndcg10, fused: fused.ndcg10 };
      writeFileSync(path, await writeRun(prepared, grades, { version, ndcg10 }));
    }
    if (options.dial && dialSets.includes(prepared.name))
      dials.set(prepared.name, await dial(prepared, kernel));
    await prepared.searcher.close();
    say(
      `${prepared.name}: read in ${seconds(ready - start)}, measured in ${seconds(performance.now() - ready)}`,
    );
  }
  const { card } = models.documents;
  await models.close();

  const shownDials = new Map([...Object.entries(published.dial), ...dials]);
  const comparisons = compareLists(sets);
  const bars = [...barsOf(sets, shownDials), ...publishedBar(sets, published)];
  const report = {
    nearbit: version,
    analyser: analyserVersion,
    model: { name: card.name, dim: card.dim, maxTokens: card.maxTokens },
    weights: { usual: defaultWeights, foreignCosine: foreignCosineWeight },
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
      cores: availableParallelism(),
      load: Number(loadavg()[0]!.toFixed(1)),
      node: process.versions.node,
    },
    seconds: Math.round((performance.now() - began) / 1000),
    lists,
    sets: sets.map(({ perQuery: _, ...set }) => set),
    comparisons,
    dial: Object.fromEntries(shownDials),
    bars,
  };
  const json = `${JSON.stringify(report, null, 1)}\n`;
  const svg = plotOf(sets, comparisons, shownDials);
  writeFileSync(join(cache, 'relevance.json'), json);
  writeFileSync(join(cache, 'relevance.svg'), svg);
  if (options.publish) {
    writeFileSync(join(import.meta.dirname, 'relevance.svg'), svg);
    writeFileSync(publishedPath, `${JSON.stringify(withRun(published, sets, dials), null, 2)}\n`);
  }
  if (options.json) {
    process.stdout.write(json);
    return;
  }
  const tables = [qualityTable(sets, comparisons), metricsTable(sets), differencesTable(comparisons)];
  if (dials.size > 0) tables.push(dialTable(dials));
  const { cpu, cores, load, node } = report.machine;
  const run = `nearbit ${version}, analyser ${analyserVersion}, ${card.name}; ${cpu}, ${cores} cores, load ${load}, Node ${node}; ${report.seconds} s`;
  console.log([run, ...tables, barsTable(bars)].join('\n\n'));
}

/** The sets of a task, each with its own queries. Sets without a query are left out. */
async function measureTask(
  { sets, ignored }: Task,
  prepared: Awaited<ReturnType<typeof prepare>>,
  models: RunModels,
): Promise<{ grades: ReadonlyMap<string, number>[]; measured: MeasuredSet[] }> {
  const { queries, layout, language } = prepared;
  if (queries.length === 0) return { grades: [], measured: [] };
  const { perQuery, grades, missing } = await measureLists(prepared, ignored);
  const ms = await timeLists(prepared, models.queries);
  const measured = sets.flatMap(({ name, kind, seen, holds }): MeasuredSet[] => {
    const places = [...queries.keys()].filter((q) => holds(queries[q]!));
    if (places.length === 0) return [];
    const own = perList((list) => places.map((q) => perQuery[list][q]!));
    return [
      {
        name,
        kind,
        language,
        seen,
        queries: places.length,
        pages: layout.pages,
        passages: layout.passages,
        missing: missing.length,
        lists: perList((list) => meanOf(own[list])),
        perQuery: perList((list) => own[list].map(({ ndcg10 }) => ndcg10)),
        ms,
      },
    ];
  });
  return { grades, measured };
}

function plotOf(
  sets: readonly MeasuredSet[],
  comparisons: readonly Comparison[],
  dials: ReadonlyMap<string, readonly DialRow[]>,
): string {
  const [main] = comparisons;
  const mean = main!.ndcg10;
  const ms = (tier: 'lexical' | 'full') =>
    sets
      .filter(({ name }) => main!.sets.includes(name))
      .reduce((sum, set, _, all) => sum + set.ms[tier].p50 / all.length, 0);
  const of = [...dials].filter(([name]) => name !== 'mdn').map(([, rows]) => rows);
  const codes = (of[0] ?? []).map(({ code, bytes }, i) => {
    const ratios =
      of.reduce((sum, rows) => sum + rows[i]!.ndcg10, 0) / of.reduce((sum, rows) => sum + rows[0]!.ndcg10, 0);
    return { label: code, x: bytes, y: ratios, isUsual: false };
  });
  const best = codes.filter(({ x, y }) => !codes.some((other) => other.x === x && other.y > y));
  const points = best.filter(({ x }) => x !== 194 && x < 1000);
  return plot('nearbit: quality against bytes and milliseconds', [
    {
      title: 'Meaning alone, best code of each size',
      x: 'bytes a passage',
      y: 'nDCG@10, of float cosine',
      isLogarithmic: true,
      points: [
        ...points,
        { label: 'what ships', x: 194, y: mean.vector / mean.float, isUsual: true },
        { label: 'float', x: 1536, y: 1, isUsual: false },
      ],
    },
    {
      title: `The tiers, mean over ${main!.group}`,
      x: 'ms a query in Node, median',
      y: 'nDCG@10',
      isLogarithmic: false,
      points: [
        { label: 'lexical', x: ms('lexical'), y: mean.lexical, isUsual: true },
        { label: 'full', x: ms('full'), y: mean.fused, isUsual: true },
      ],
    },
  ]);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Lets a line through now and then: a build reports every page. */
function slowly(print: (text: string) => void): (text: string) => void {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < 5000) return;
    last = performance.now();
    print(text);
  };
}
