/**
 * Judged queries on disk: a folder in the BEIR layout, or a TSV of query and path.
 * In: `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text), `qrels/*.tsv` (query-id, corpus-id, score).
 * Out: documents as a stream, queries with their grades. Queries without a relevant document are left out.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, NearbitError } from '../errors';
import { readPlainText } from '../text';
import type { SourceDocument } from '../types';
import type { Grades } from './metrics';

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
    throw missing(path, 'a folder with queries.jsonl and qrels/, or a TSV file', 'nothing at that path');
  const queries = info.isDirectory() ? await readFolder(path) : readTable(path, await readFile(path, 'utf8'));
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

/** One `query<TAB>path` a line; several lines with the same query add up. */
function readTable(path: string, table: string): JudgedQuery[] {
  const byText = new Map<string, Map<string, number>>();
  for (const [i, line] of table.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [text, document] = line.split('\t');
    if (!text || !document) throw missing(`${path}, line ${i + 1}`, 'query<TAB>path', line.slice(0, 80));
    const judged = byText.get(text) ?? new Map<string, number>();
    judged.set(document.trim(), 1);
    byText.set(text, judged);
  }
  return [...byText].map(([text, grades], i) => ({ id: String(i + 1), text, grades }));
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
