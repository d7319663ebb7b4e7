/**
 * What nearbit does in other languages than English (rows M1 to M4 of the research).
 * In: the four parallel collections of xquad-r, model folders. Out: rows per language of words, meaning and both; of
 * words with and without stems; of questions in one language over pages in another; of means taken out per language.
 * Measured on float cosines and the product's lexical leg; nothing is fitted on the questions but what a row's name
 * says. The rest of the laboratory measures codes and the searcher itself.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { knowsLanguage } from '../src/embed/known-language';
import { NearbitError } from '../src/errors';
import { type Collection, openCollections } from './collections';
import { type CentredRow, measureCentred } from './language-means';
import { type Asked, askedOf, cosinesOver } from './language-questions';
import {
  fuse,
  meanGain,
  meanRankVariance,
  ranksOf,
  recallAt,
  type ScoreTable,
  spreadOf,
  termTable,
} from './language-scores';
import { type MeasuredWords, measureWords, type WordsRow } from './language-words';
import { openModels } from './models';
import { prepare } from './prepare';

/** One model on one collection, the questions in the pages' language. nDCG@10. */
export interface LanguageRow {
  model: string;
  language: string;
  questions: number;
  /** The model was made for the language. */
  known: boolean;
  /** Of all cosines between a question and a page. */
  spread: number;
  words: number;
  meaning: number;
  /** By weight of the cosine. */
  fused: Record<string, number>;
  /** Plain BM25 in place of the product's words, at the usual weight. */
  plainFused: number;
}

/** Questions in one language over English pages. nDCG@10, but for recall. */
export interface CrossRow {
  model: string;
  language: string;
  words: number;
  meaning: number;
  recall10: number;
  fused: Record<string, number>;
}

/** How far the rank of the same answer moves with the language of the question, over English pages (limit 100). */
export interface VarianceRow {
  model: string;
  meaning: number;
  fused: number;
}

export interface LanguageReport {
  words: WordsRow[];
  languages: LanguageRow[];
  cross: CrossRow[];
  variance: VarianceRow[];
  centred: CentredRow[];
}

export interface LanguageOptions {
  /** The folder that holds xquad-r. */
  data: string;
  cache: string;
  /** Model folders; undefined: the embedded one. */
  models: (string | undefined)[];
  /** First questions only. Default: all. */
  questions?: number;
  onProgress?: (text: string) => void;
}

/** Weights of the cosine that are compared; `usual` is the product's, and the one of the tables with one column. */
const weights = [0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.22, 0.25];
const usual = 0.22;

export async function measureLanguages(options: LanguageOptions): Promise<LanguageReport> {
  const collections = openCollections(options.data).filter(({ name }) => name.startsWith('xquad-'));
  const report: LanguageReport = { words: [], languages: [], cross: [], variance: [], centred: [] };
  const words: MeasuredWords[] = [];
  for (const collection of collections) {
    options.onProgress?.(`${collection.name}: words`);
    words.push(await measureWords(collection, options.questions));
  }
  report.words = words.map(({ row }) => row);
  const plain = words.map((measured) => measured.plain);
  for (const model of options.models) await measureModel(model, collections, plain, options, report);
  return report;
}

async function measureModel(
  folder: string | undefined,
  collections: readonly Collection[],
  plain: readonly ScoreTable[],
  { cache, questions, onProgress = () => {} }: LanguageOptions,
  report: LanguageReport,
): Promise<void> {
  const models = await openModels(folder);
  const { card } = models.documents;
  const model = card.name;
  const asked: Asked[] = [];
  for (const collection of collections) {
    asked.push(askedOf(await prepare(collection, { models, cache, onProgress }), questions));
  }
  await models.close();

  const english = asked.find(({ language }) => language === 'en');
  const overEnglish: { meaning: number[]; fused: number[] }[] = [];
  for (const [i, own] of asked.entries()) {
    onProgress(`${model}: questions in ${own.language}`);
    const spread = card.cosineSd ?? own.manifest.model!.cosineSd;
    const texts = own.queries.map(({ text }) => text);
    const cosines = cosinesOver(own, own);
    const words = await termTable(own.lexical, texts, own.layout.pageStart);
    report.languages.push({
      model,
      language: own.language,
      questions: texts.length,
      known: knowsLanguage(card, own.language),
      spread: spreadOf(cosines),
      words: meanGain(ranksOf(words, own.right)),
      meaning: meanGain(ranksOf(cosines, own.right)),
      fused: sweep(words, cosines, spread, own.right),
      plainFused: meanGain(ranksOf(fuse(plain[i]!, cosines, usual, spread), own.right)),
    });
    if (!english) continue;
    const foreign = cosinesOver(own, english);
    const foreignWords = await termTable(english.lexical, texts, english.layout.pageStart);
    const ranks = ranksOf(foreign, english.right);
    overEnglish.push({
      meaning: ranks,
      fused: ranksOf(fuse(foreignWords, foreign, usual, spread), english.right),
    });
    report.cross.push({
      model,
      language: own.language,
      words: meanGain(ranksOf(foreignWords, english.right)),
      meaning: meanGain(ranks),
      recall10: recallAt(ranks, 10),
      fused: sweep(foreignWords, foreign, spread, english.right),
    });
  }
  if (overEnglish.length > 1)
    report.variance.push({
      model,
      meaning: meanRankVariance(overEnglish.map(({ meaning }) => meaning)),
      fused: meanRankVariance(overEnglish.map((ranks) => ranks.fused)),
    });
  onProgress(`${model}: means taken out`);
  report.centred.push(...measureCentred(model, asked));
}

function sweep(
  words: ScoreTable,
  cosines: ScoreTable,
  spread: number,
  right: readonly number[],
): Record<string, number> {
  const gains = weights.map((weight): [string, number] => [
    String(weight),
    meanGain(ranksOf(fuse(words, cosines, weight, spread), right)),
  ]);
  return Object.fromEntries(gains);
}

const usage =
  'languages --data <folder> --cache <folder> [--model <folder>]… [--questions <n>] [--json <file>]';

/** `--model embedded` is the model that nearbit ships; it is measured first where no model is named. */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      cache: { type: 'string' },
      model: { type: 'string', multiple: true },
      questions: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { data, cache, model = ['embedded'], questions, json } = values;
  if (!data || !cache)
    throw new NearbitError('usage', {
      what: 'Cannot measure languages',
      expected: usage,
      received: args.join(' ') || 'nothing',
      fix: 'name both folders',
    });
  const report = await measureLanguages({
    data,
    cache,
    models: model.map((folder) => (folder === 'embedded' ? undefined : folder)),
    ...(questions && { questions: Number(questions) }),
    onProgress: slowly((text) => process.stderr.write(`${text}\n`)),
  });
  if (json) {
    await mkdir(dirname(json), { recursive: true });
    await writeFile(json, `${JSON.stringify(report, null, 1)}\n`);
  }
  for (const [name, rows] of Object.entries(report)) console.log(`\n${name}\n${table(rows)}`);
}

/** Lets a line through now and then: a build reports every page. */
function slowly(print: (text: string) => void): (text: string) => void {
  let last = 0;
  return (text) => {
    if (Date.now() - last < 5000) return;
    last = Date.now();
    print(text);
  };
}

/** Rows as aligned columns; the keys of a nested object become columns of their own. */
function table(rows: readonly object[]): string {
  const flat = rows.map((row) =>
    Object.entries(row).flatMap(([name, value]): [string, string][] => {
      if (typeof value !== 'object') return [[name, cell(value)]];
      return Object.entries(value as object).map(([key, inner]) => [`${name} ${key}`, cell(inner)]);
    }),
  );
  if (flat.length === 0) return '(none)';
  const lines = [flat[0]!.map(([name]) => name), ...flat.map((row) => row.map(([, text]) => text))];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((text, column) => text.padStart(widths[column]!)).join('  '))
    .join('\n');
}

function cell(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : String(value);
}
