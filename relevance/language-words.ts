/**
 * The lexical leg of a language with and without what is known of the language (row M3).
 * In: a collection with one right page per question. Out: nDCG@10 of each way to make terms.
 * Every way runs through the product's own build and lexical leg; what is left out is taken out of the texts before.
 */
import { buildIndex } from '../src/build/build-index';
import type { JudgedQuery } from '../src/eval/beir.node';
import { loadStopWords } from '../src/lexical/stop-words';
import { createLayout } from '../src/search/layout';
import { openWords } from '../src/search/searcher';
import { decodePages } from '../src/segment/pages-block';
import { memoryStore } from '../src/store/memory-store';
import { readStoredPages } from '../src/store/stored-pages';
import type { SourceDocument } from '../src/types';
import type { Collection } from './collections';
import { rightPages } from './language-questions';
import { meanGain, ranksOf, type ScoreTable, termTable } from './language-scores';

/** nDCG@10 of words alone. */
export interface WordsRow {
  language: string;
  questions: number;
  /** Lower case and accents only: plain BM25. */
  plain: number;
  /** Without the words of the stop list. */
  stopWords: number;
  /** What the product does: stop words and stems. */
  stems: number;
  /** Character n-grams of 4 instead of words, without stop words. */
  fourGrams: number;
}

/** A tag that no analyser knows: neither stems nor stop words. */
const noLanguage = 'zxx';
const gramLength = 4;

/** `plain`: the table of plain BM25, to combine with cosines in place of the product's words. */
export interface MeasuredWords {
  row: WordsRow;
  plain: ScoreTable;
}

export async function measureWords(collection: Collection, questions?: number): Promise<MeasuredWords> {
  const { language } = collection;
  const stopWords = await loadStopWords(language);
  const withoutStops = (text: string) =>
    text.replace(/[\p{L}\p{M}]+/gu, (word) => (stopWords.has(word.toLowerCase()) ? ' ' : word));
  const { queries } = await collection.judged();
  const measure = async (tag: string, change: (text: string) => string = (text) => text) => {
    const { table, right } = await wordsOf(collection, tag, queries.slice(0, questions), change);
    return { table, questions: right.length, gain: meanGain(ranksOf(table, right)) };
  };
  const plain = await measure(noLanguage);
  const row = {
    language,
    questions: plain.questions,
    plain: plain.gain,
    stopWords: (await measure(noLanguage, withoutStops)).gain,
    stems: (await measure(language)).gain,
    fourGrams: (await measure(noLanguage, (text) => grams(withoutStops(text)))).gain,
  };
  return { row, plain: plain.table };
}

async function wordsOf(
  collection: Collection,
  language: string,
  queries: readonly JudgedQuery[],
  change: (text: string) => string,
): Promise<{ table: ScoreTable; right: number[] }> {
  const store = memoryStore();
  await buildIndex(changed(collection, language, change), { store, encoder: null });
  const manifest = await store.readManifest();
  const { lengths, passagesPerPage } = decodePages(await store.readBlock('pages', manifest.pages), 'pages');
  const pages: { id: string }[] = [];
  for await (const page of readStoredPages(store, manifest)) pages.push(page);
  const layout = createLayout(manifest, passagesPerPage);
  // The space at the end says that the last word is finished.
  const texts = queries.map(({ text }) => `${change(text)} `);
  const lexical = openWords(store, manifest, { lengths, titleLengths: null }, layout);
  const table = await termTable(lexical, texts, layout.pageStart);
  return { table, right: rightPages(pages, queries) };
}

async function* changed(
  collection: Collection,
  language: string,
  change: (text: string) => string,
): AsyncGenerator<SourceDocument> {
  for await (const document of collection.documents())
    yield {
      ...document,
      language,
      title: change(document.title),
      sections: document.sections.map((section) => ({ ...section, blocks: section.blocks.map(change) })),
    };
}

/** Each word as its overlapping stretches of four characters; shorter words stay whole. */
function grams(text: string): string {
  return text.toLowerCase().replace(/[\p{L}\p{M}]+/gu, (word) => {
    if (word.length <= gramLength) return word;
    return Array.from({ length: word.length - gramLength + 1 }, (_, i) => word.slice(i, i + gramLength)).join(
      ' ',
    );
  });
}
