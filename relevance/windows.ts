/**
 * Are windows of sentences worth a reranking step of their own? (issue 5, item 9; methods B4)
 * In: prepared collections. Out: nDCG@10 of what is shipped, of the first 50 pages reranked by windows, and of finer
 * passages, each with its difference and interval; what each costs in bytes.
 * Set before any query was looked at, from research on other sets: share .4, cosine's weight × 1.1. Other rows only show
 * how much depends on that.
 */

import type { RunModels } from '../src/cli/model';
import { codeSizes, decodeFrame, encodeQuery } from '../src/codes';
import { pairedBootstrap } from '../src/eval/bootstrap';
import { judgedPages } from '../src/eval/judged-pages';
import { mean, ndcgAtK } from '../src/eval/metrics';
import { chooseKernel } from '../src/kernels/choose';
import {
  defaultWeights,
  type FusionContext,
  passageScore,
  type RankedPage,
  rankPages,
} from '../src/search/fuse';
import { Notices } from '../src/search/notices';
import { rankBy } from '../src/search/rank-by';
import { type Collection, openCollections, siteCollection } from './collections';
import { openModels } from './models';
import { type Prepared, prepare } from './prepare';
import { readWindows, type WindowForm, windowsPerPassage } from './windows-read';

export interface WindowDepth {
  /** Pages that are reranked. */
  depth: number;
  /** Passages of a page whose windows are read, best first. */
  passagesPerPage: number;
}

/** One way to read windows. */
interface Reading {
  name: string;
  form: WindowForm;
  /** Part of a passage's score that its best window has. */
  share: number;
  /** On the weight of the cosine. */
  factor: number;
  /** Passages of fewer windows have none: the embedding of one that is a window itself says the same. */
  least: number;
}

/** The first is the one that counts. */
const readings: readonly Reading[] = [
  { name: 'windows .4, 4 planes', form: 4, share: 0.4, factor: 1.1, least: 2 },
  { name: 'windows .4, 2 planes', form: 2, share: 0.4, factor: 1.1, least: 2 },
  { name: 'windows .4, float', form: 'float', share: 0.4, factor: 1.1, least: 2 },
  { name: 'windows .25', form: 4, share: 0.25, factor: 1.1, least: 2 },
  { name: 'windows .4, weight × 1', form: 4, share: 0.4, factor: 1, least: 2 },
  { name: 'windows .4 of all', form: 4, share: 0.4, factor: 1.1, least: 1 },
  { name: 'no window, weight × 1.1', form: 4, share: 0, factor: 1.1, least: 2 },
];

export interface WindowRow {
  name: string;
  /** nDCG@10 per query. */
  values: number[];
  /** Codes of the set, all of its planes and windows. Units: bytes. */
  codeBytes: number;
}

/** A page's cosines with the best window's share; pages below the depth keep their places. */
export function rerankByWindows(
  ranked: readonly RankedPage[],
  bestOf: (ordinal: number) => number | null,
  context: FusionContext,
  { share, depth, passagesPerPage }: WindowDepth & { share: number },
): RankedPage[] {
  const candidates = ranked.slice(0, depth).flatMap(({ passages }) =>
    passages.map((candidate, i) => {
      const best = i < passagesPerPage ? bestOf(candidate.ordinal) : null;
      if (best === null || candidate.vector === null) return candidate;
      const vector = (1 - share) * candidate.vector + share * best;
      return { ...candidate, vector, score: passageScore(candidate.lexical, vector, context) };
    }),
  );
  return [...rankPages(candidates, context), ...ranked.slice(depth)];
}

interface MeasureOptions extends WindowDepth {
  models: RunModels;
  cache: string;
  /** Every so many queries of the set, from the first. */
  every: number;
}

/** The shipped list, then every reading. */
export async function measureWindows(prepared: Prepared, options: MeasureOptions): Promise<WindowRow[]> {
  const { models, depth, passagesPerPage, every } = options;
  const { dim, layout, manifest, searcher, queryEmbeddings, lexical } = prepared;
  const { kernel } = await chooseKernel({ allow: ['wasm-simd', 'wasm', 'portable'] });
  const queries = queriesOf(prepared, every);
  const lists: RankedPage[][] = [];
  const wanted = new Set<number>();
  for (const { i, text } of queries) {
    const ranked = await rankBy(searcher, 'fused', text, queryEmbeddings.subarray(i * dim, (i + 1) * dim));
    lists.push(ranked);
    for (const { passages } of ranked.slice(0, depth))
      for (const { ordinal } of passages.slice(0, passagesPerPage)) wanted.add(ordinal);
  }
  const windows = await readWindows(
    prepared,
    [...wanted].sort((a, b) => a - b),
    { models, kernel, cache: options.cache },
  );
  console.error(
    `${prepared.name}: ${windows.count} windows of ${wanted.size} passages, ${windows.seconds.toFixed(0)} s`,
  );

  const { ndcg } = scorerOf(prepared);
  const frame = decodeFrame(await prepared.store.readBlock('frame', manifest.code!.frame));
  const each = [1, 2].map((least) => windowsPerPassage(prepared, models, least));
  const passageBytes = bytesOf(prepared);
  const rows: WindowRow[] = [
    { name: 'shipped', values: [], codeBytes: passageBytes },
    ...readings.map(({ name, form, share, least }) => {
      const windowBytes = share === 0 ? 0 : form === 'float' ? dim * 4 : (form * dim) / 8 + 2;
      return { name, values: [], codeBytes: passageBytes + each[least - 1]! * windowBytes * layout.passages };
    }),
  ];
  for (const [at, { i, text }] of queries.entries()) {
    const ranked = lists[at]!;
    const embedding = queryEmbeddings.slice(i * dim, (i + 1) * dim);
    const words = await lexical.run(text, undefined, new Notices());
    const links = new Map(ranked.map(({ page, shares }) => [page, shares.links / defaultWeights.links]));
    rows[0]!.values.push(ndcg(i, ranked));
    for (const [reading, { form, share, factor, least }] of readings.entries()) {
      const context: FusionContext = {
        layout,
        weights: { ...defaultWeights, cosine: defaultWeights.cosine * factor },
        lexicalMaximum: words.scorer.theoreticalMaximum,
        pageWords: (page: number) => words.scorer.pageScore(page),
        cosineMean: encodeQuery(frame, embedding).offset,
        cosineSd: manifest.model!.cosineSd,
        linked: (page) => links.get(page) ?? 0,
      };
      const bestOf = share === 0 ? () => null : windows.bestOf(form, embedding, least);
      const reranked = rerankByWindows(ranked, bestOf, context, { share, depth, passagesPerPage });
      rows[reading + 1]!.values.push(ndcg(i, reranked));
    }
  }
  return rows;
}

/** The shipped list over passages of another budget. */
export async function measureBudget(prepared: Prepared, name: string, every: number): Promise<WindowRow> {
  const { dim, searcher, queryEmbeddings } = prepared;
  const { ndcg } = scorerOf(prepared);
  const values: number[] = [];
  for (const { i, text } of queriesOf(prepared, every))
    values.push(
      ndcg(i, await rankBy(searcher, 'fused', text, queryEmbeddings.subarray(i * dim, (i + 1) * dim))),
    );
  return { name, values, codeBytes: bytesOf(prepared) };
}

function queriesOf({ queries }: Prepared, every: number): { i: number; text: string }[] {
  return queries.map(({ text }, i) => ({ i, text })).filter(({ i }) => i % every === 0);
}

function scorerOf({ pages, queries }: Prepared) {
  const ids = pages.map(({ id }) => id);
  const { grades } = judgedPages(queries, ids);
  return {
    ndcg: (query: number, ranked: readonly RankedPage[]): number =>
      ndcgAtK(
        ranked.slice(0, 10).map(({ page }) => ids[page]!),
        grades[query]!,
        10,
      ),
  };
}

function bytesOf({ dim, layout }: Prepared): number {
  const { codeBytes, fineBytes } = codeSizes(dim);
  return layout.passages * (codeBytes + fineBytes);
}

/** Rows by set, then their means over the sets that have the row. */
export function windowTable(perSet: ReadonlyMap<string, readonly WindowRow[]>): string {
  const lines = [`${'set'.padEnd(12)}${'list'.padEnd(26)}nDCG@10  difference               code bytes`];
  const line = (set: string, name: string, pairs: readonly [WindowRow, WindowRow][]): string => {
    const shipped = pairs.map(([row]) => row.values);
    const others = pairs.map(([, row]) => row.values);
    const { difference, low, high, better, worse } = pairedBootstrap(shipped, others);
    const interval = `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
    const bytes = mean(pairs.map(([row, other]) => other.codeBytes / row.codeBytes));
    const level = mean(others.map(mean)).toFixed(4);
    return `${set.padEnd(12)}${name.padEnd(26)}${level}   ${interval}  × ${bytes.toFixed(2)}  ${better} better, ${worse} worse`;
  };
  const names = [...new Set([...perSet.values()].flatMap((rows) => rows.map(({ name }) => name)))];
  for (const [set, rows] of perSet)
    for (const row of rows) lines.push(line(set, row.name, [[rows[0]!, row]]));
  for (const name of names) {
    const pairs = [...perSet.values()].flatMap((rows) => {
      const row = rows.find((one) => one.name === name);
      return row ? [[rows[0]!, row] as [WindowRow, WindowRow]] : [];
    });
    lines.push(line(`mean of ${pairs.length}`, name, pairs));
  }
  return lines.join('\n');
}

/**
 * `node … windows.ts DATA CACHE SCRIPT BUDGETS NAME[/EVERY][=SITE]…`: folder of judged sets, folder to keep indexes in, built
 * encode.thread.js, token budgets of finer passages (`128,64`; `-` for none), sets; of a site (its questions are in
 * DATA/NAME-questions) 20 pages with 2 passages each are read.
 */
export async function main([data = '.', cache = '.', budgets = '-', ...names]: string[]): Promise<void> {
  const models = await openModels();
  const perSet = new Map<string, WindowRow[]>();
  for (const wanted of names) {
    const [, name = '', step = '1', site] = /^([^/=]+)(?:\/(\d+))?(?:=(.+))?$/.exec(wanted) ?? [];
    const collection = named(name, data, site);
    const every = Number(step);
    const depth = site ? { depth: 20, passagesPerPage: 2 } : { depth: 50, passagesPerPage: 50 };
    // A cache drops what most of its texts are not asked for: each budget keeps its own.
    const cacheOf = (tokens: number): string => `${cache}/${tokens}`;
    const prepared = await prepare(collection, { models, cache: cacheOf(256) });
    const rows = await measureWindows(prepared, { models, cache: `${cache}/windows`, every, ...depth });
    for (const maxTokens of budgets === '-' ? [] : budgets.split(',').map(Number)) {
      const other = await prepare(collection, { models, cache: cacheOf(maxTokens), maxTokens });
      rows.push(await measureBudget(other, `passages of ${maxTokens}`, every));
    }
    perSet.set(name, rows);
    console.error(windowTable(new Map([[name, rows]])));
  }
  await models.close();
  console.log(windowTable(perSet));
}

function named(name: string, data: string, site: string | undefined): Collection {
  if (site) return siteCollection(name, site, `${data}/${name}-questions`);
  const found = openCollections(data).find((collection) => collection.name === name);
  if (!found) throw new TypeError(`expected a set in ${data}, received ${name}`);
  return found;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}
