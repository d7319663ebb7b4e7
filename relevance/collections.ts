/**
 * What is judged: a folder of texts in the BEIR layout, or a site with questions.
 * In: folders. Out: documents as nearbit would read them, and queries with their grades.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSite } from '../src/cli/read-site';
import { type JudgedQueries, readCorpus, readJudgedQueries } from '../src/eval/beir.node';
import type { SourceDocument } from '../src/types';

export interface Collection {
  name: string;
  /** BCP 47 tag of its texts. */
  language: string;
  /** Folder of the documents: what changes when the collection does. */
  folder: string;
  /** Collections over the same texts share their embeddings under this name. Default: `name`. */
  texts?: string;
  /** Changes with what `documents` makes of the folder. */
  version?: string;
  documents(): AsyncIterable<SourceDocument>;
  judged(): Promise<JudgedQueries>;
}

/** A folder with corpus.jsonl, queries.jsonl and qrels/. Errors: data-missing on reading. */
export function textCollection(name: string, folder: string, language = 'en'): Collection {
  return {
    name,
    language,
    folder,
    async *documents() {
      for await (const document of readCorpus(folder)) yield { ...document, language };
    },
    judged: () => readJudgedQueries(folder),
  };
}

/** A folder of HTML and judged queries over its paths. */
export function siteCollection(name: string, folder: string, questions: string, language = 'en'): Collection {
  return {
    name,
    language,
    folder,
    documents: () => readSite(folder, { exclude: [join(folder, 'nearbit')], base: '/', skipped: [] }),
    judged: () => readJudgedQueries(questions),
  };
}

/** The open sets that a data folder holds, in the order of the tables. */
export function openCollections(data: string): Collection[] {
  const texts = ['scifact', 'cranfield', 'stackfaq', 'vaswani', 'cisi', 'limit-small'].map((name) =>
    textCollection(name, join(data, name)),
  );
  const languages = ['en', 'de', 'es', 'zh'].map((language) =>
    textCollection(`xquad-${language}`, join(data, 'xquad-r', language), language),
  );
  return [...texts, ...languages].filter(({ folder }) => existsSync(folder));
}
