/**
 * Judged queries on disk: a folder in the BEIR layout, a TSV of query and url, or YAML (queries-yaml.ts).
 * In: `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text), `qrels/*.tsv` (query-id, corpus-id, score).
 * Out: documents as a stream, queries with their grades. Queries without a relevant document are left out.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, NearbitError } from '../errors';
import { readPlainText } from '../text';
import type { SourceDocument } from '../types';
import { type LineError, refuseLines } from './line-errors';
import type { Grades } from './metrics';
import { type QueryJudgement, readQueriesYaml } from './queries-yaml';

export interface JudgedQuery {
  id: string;
  text: string;
  grades: Grades;
}

export interface JudgedQueries {
  name: string;
  queries: JudgedQuery[];
}

/** The corpus, one document a line; title and text as one document. Errors: data-missing naming the line. */
export async function* readCorpus(folder: string): AsyncGenerator<SourceDocument> {
  const path = join(folder, 'corpus.jsonl');
  for await (const row of readJsonLines(path)) {
    const { _id: id, title = '', text } = row;
    if (typeof id !== 'string' || typeof text !== 'string' || typeof title !== 'string')
      throw missing(path, 'lines of {"_id", "title", "text"}', JSON.stringify(row).slice(0, 80));
    yield readPlainText(text, { id, url: id, title });
  }
}

/** Errors: data-missing when a file is absent, malformed, or no query has a relevant document. */
export async function readJudgedQueries(path: string): Promise<JudgedQueries> {
  const name = basename(path);
  const info = await stat(path).catch(() => null);
  if (!info)
    throw missing(
      path,
      'a folder with queries.jsonl and qrels/, a TSV or a YAML file',
      'nothing at that path',
    );
  const queries = info.isDirectory() ? await readFolder(path) : collect(await readListed(path));
  if (queries.length === 0) throw missing(path, 'at least one query with a relevant document', 'none');
  return { name, queries };
}

async function readFolder(folder: string): Promise<JudgedQuery[]> {
  const grades = new Map<string, Map<string, number>>();
  const qrels = join(folder, 'qrels');
  const files = (await readdir(qrels).catch(() => [])).filter((file) => file.endsWith('.tsv')).sort();
  // BEIR keeps train and dev judgements beside the test ones; figures are always those of test.
  const chosen = files.includes('test.tsv') ? ['test.tsv'] : files;
  if (chosen.length === 0) throw missing(qrels, 'a .tsv file of judgements', 'none');
  for (const file of chosen) {
    const lines = (await readFile(join(qrels, file), 'utf8')).split('\n');
    for (const line of lines.slice(1)) {
      const [query, document, score] = line.trim().split('\t');
      if (!query || !document) continue;
      const judged = grades.get(query) ?? new Map<string, number>();
      judged.set(document, Number(score ?? 1));
      grades.set(query, judged);
    }
  }
  const queries: JudgedQuery[] = [];
  for await (const row of readJsonLines(join(folder, 'queries.jsonl'))) {
    const judged = grades.get(String(row._id));
    if (judged && [...judged.values()].some((grade) => grade > 0) && typeof row.text === 'string')
      queries.push({ id: String(row._id), text: row.text, grades: judged });
  }
  return queries;
}

async function readListed(path: string): Promise<QueryJudgement[]> {
  const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  return /^\.ya?ml$/i.test(extname(path)) ? readQueriesYaml(path, text) : readTable(path, text);
}

/** One `query<TAB>url` a line; lines that begin with # are remarks. */
function readTable(path: string, table: string): QueryJudgement[] {
  const errors: LineError[] = [];
  const judgements: QueryJudgement[] = [];
  for (const [i, line] of table.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [text, url] = line.split('\t').map((cell) => cell.trim());
    if (text && url) judgements.push({ text, url, grade: 1 });
    else errors.push({ line: i + 1, expected: 'query<TAB>url', received: line.slice(0, 80) });
  }
  refuseLines(path, errors);
  return judgements;
}

/** Judgements of the same query add up; a query that only has pages of grade 0 has no answer and is left out. */
function collect(judgements: readonly QueryJudgement[]): JudgedQuery[] {
  const byText = new Map<string, Map<string, number>>();
  for (const { text, url, grade } of judgements) {
    const judged = byText.get(text) ?? new Map<string, number>();
    judged.set(url, grade);
    byText.set(text, judged);
  }
  return [...byText]
    .filter(([, grades]) => [...grades.values()].some((grade) => grade > 0))
    .map(([text, grades], i) => ({ id: String(i + 1), text, grades }));
}

async function* readJsonLines(path: string): AsyncGenerator<Record<string, unknown>> {
  if (!(await stat(path).catch(() => null)))
    throw missing(path, 'a file of JSON lines', 'nothing at that path');
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++;
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line);
    } catch (error) {
      throw missing(`${path}, line ${number}`, 'a JSON object', describe(error), error);
    }
  }
}

function missing(path: string, expected: string, received: string, cause?: unknown): NearbitError {
  return new NearbitError('data-missing', { path, expected, received }, { cause });
}
