/**
 * Two suites that any corpus has: its own salient words, and a short span of its own text, ask for their page (method N4).
 * In: a prepared collection. Out: share of queries whose page comes first, by meaning and by both legs.
 * Source: LexSemBridge's keyword and part-of-passage suites.
 */

import { loadAnalyser } from '../../src/lexical/analyser';
import { textRuns } from '../../src/lexical/tokens';
import { rankBy } from '../../src/search/rank-by';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { barred, figure, type Row, randomOf, rowOf } from './row';

const perSuite = 200;
/** Passages from which document frequencies are counted. */
const mostCounted = 4000;
/** Shorter passages have no middle. Units: words. */
const fewestWords = 16;

interface OwnQuery {
  text: string;
  page: number;
}

export async function wordsOfPages(prepared: Prepared): Promise<Row[]> {
  const sources = sampleBy(
    prepared.pages.flatMap((page, i) => page.passages.map(({ text }) => ({ page: i, text }))),
    Number.POSITIVE_INFINITY,
    ({ text }) => text,
  );
  const suites = { 'salient words': await salient(prepared, sources), 'short spans': spans(sources) };
  const rows: Row[] = [];
  for (const [name, queries] of Object.entries(suites)) rows.push(...(await judge(prepared, name, queries)));
  return rows;
}

async function judge(prepared: Prepared, name: string, queries: readonly OwnQuery[]): Promise<Row[]> {
  const embeddings = await prepared.embedQueries(queries.map(({ text }) => text));
  const first = { lexical: 0, vector: 0, fused: 0 };
  for (const [i, { text, page }] of queries.entries())
    for (const leg of ['lexical', 'vector', 'fused'] as const) {
      const [best] = await rankBy(prepared.searcher, leg, text, rowOf(prepared, embeddings, i));
      if (best?.page === page) first[leg] += 1 / queries.length;
    }
  const { lexical, vector, fused } = first;
  return [
    figure(`${name}: queries`, queries.length),
    figure(`${name}: R@1 by words`, lexical),
    figure(`${name}: R@1 by meaning`, vector),
    barred(`${name}: R@1`, fused, '≥ .90', fused >= 0.9),
    barred(`${name}: R@1 over meaning`, fused - vector, '≥ .10', fused - vector >= 0.1),
  ];
}

/** The three or four words with the highest tf · idf, as they are written. */
async function salient(prepared: Prepared, sources: readonly OwnQuery[]): Promise<OwnQuery[]> {
  const analyser = await loadAnalyser(prepared.language);
  const countsOf = (text: string) => {
    const counts = new Map<string, { word: string; n: number }>();
    for (const [run] of textRuns(text))
      for (const { term, kind, start, end } of analyser.runTerms(run)) {
        if (kind !== 'word' || term.length < 2) continue;
        const entry = counts.get(term) ?? { word: run.slice(start, end), n: 0 };
        entry.n++;
        counts.set(term, entry);
      }
    return counts;
  };
  const holders = new Map<string, number>();
  const counted = sources.slice(0, mostCounted);
  for (const { text } of counted)
    for (const term of countsOf(text).keys()) holders.set(term, (holders.get(term) ?? 0) + 1);
  return longEnough(sources).map(({ page, text }) => {
    const weight = (term: string, n: number) => n * Math.log((counted.length + 1) / (holders.get(term) ?? 1));
    const best = [...countsOf(text)]
      .map(([term, { word, n }]) => ({ term, word, weight: weight(term, n) }))
      .sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1));
    const n = 3 + Math.floor(randomOf(text)() * 2);
    return {
      page,
      text: best
        .slice(0, n)
        .map(({ word }) => word)
        .join(' '),
    };
  });
}

/** Five to eight words from the middle; where words are not parted by spaces, twice as many characters. */
function spans(sources: readonly OwnQuery[]): OwnQuery[] {
  return longEnough(sources).map(({ page, text }) => {
    const words = wordsOf(text);
    const n = 5 + Math.floor(randomOf(`span ${text}`)() * 4);
    const size = words.isSpaced ? n : 2 * n;
    const from = Math.floor((words.parts.length - size) / 2);
    return { page, text: words.parts.slice(from, from + size).join(words.isSpaced ? ' ' : '') };
  });
}

function longEnough(sources: readonly OwnQuery[]): OwnQuery[] {
  return sources.filter(({ text }) => wordsOf(text).parts.length >= fewestWords).slice(0, perSuite);
}

function wordsOf(text: string): { parts: string[]; isSpaced: boolean } {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const isSpaced = text.length / Math.max(1, parts.length) < 20;
  return { parts: isSpaced ? parts : [...text], isSpaced };
}
