/**
 * Tokens to terms: lower case, stop words, stems and accents of one language.
 * In: a BCP 47 tag, then runs of text. Out: terms as the dictionary spells them.
 * Accents are folded after stemming, in every language: the stemmers need them, people typing a query leave them out.
 */

import { loadStemmer } from './stemmers';
import { loadStopWords } from './stop-words';
import { runTokens, type TokenKind, textRuns } from './tokens';

/** `stop`: a word or piece on the stop list, stemmed like any other; posted for titles and headings only. */
export type TermKind = TokenKind | 'stop';

/** Units: UTF-16 code units from the start of the run, end exclusive. */
export interface Term {
  term: string;
  kind: TermKind;
  start: number;
  end: number;
}

export interface Analyser {
  /** Base language (`en` of `en-gb`), or '' for none. */
  readonly language: string;
  /** The terms of a run from `textRuns`, aligned with its tokens whatever the language. Cached. */
  runTerms(run: string): readonly Term[];
  /** The words of a text as terms, in order, without stop words and pieces. */
  terms(text: string): string[];
  /** Lower case without accents: how the beginning of a word is looked up. */
  fold(text: string): string;
}

/** Bounds the cache; far above the vocabulary that most passages share. Units: runs. */
const cacheSize = 50_000;
/** Longer runs are stretches of Chinese or blobs, hardly ever seen twice. Units: UTF-16 code units. */
const maxCachedLength = 40;

/** Languages whose stemmer goes by another tag. */
const aliases: Record<string, string> = { nb: 'no', nn: 'no', in: 'id' };

const marks = /([\p{sc=Latin}\p{sc=Greek}])\p{Mn}+/gu;
const ascii = /^[\w.-]*$/;

/**
 * An unknown language gets neither stems nor stop words.
 * Cost: loads the language's stemmer and stop list once, about 3 kB; the caller keeps the analyser.
 */
export async function loadAnalyser(language: string): Promise<Analyser> {
  const tag = language.toLowerCase().split(/[-_]/)[0] ?? '';
  const base = aliases[tag] ?? tag;
  const [stem, stopWords] = await Promise.all([loadStemmer(base), loadStopWords(base)]);
  const lower = base === 'tr' || base === 'az' ? lowerTurkic : (text: string) => text.toLowerCase();
  const cache = new Map<string, readonly Term[]>();

  function analyse(run: string): Term[] {
    return runTokens(run).map(({ text, kind, start, end }) => {
      const word = lower(text);
      const term = foldAccents(stem ? stem(word) : word);
      return { term, kind: kind !== 'whole' && stopWords.has(word) ? 'stop' : kind, start, end };
    });
  }

  function runTerms(run: string): readonly Term[] {
    const known = cache.get(run);
    if (known) return known;
    const terms = analyse(run);
    if (run.length <= maxCachedLength) {
      if (cache.size >= cacheSize) cache.clear();
      cache.set(run, terms);
    }
    return terms;
  }

  return {
    language: base,
    runTerms,
    terms(text) {
      const found: string[] = [];
      for (const [run] of textRuns(text)) {
        for (const { term, kind } of runTerms(run)) if (kind === 'word' || kind === 'whole') found.push(term);
      }
      return found;
    },
    fold: (text) => foldAccents(lower(text)),
  };
}

/** Turkish and Azerbaijani tell ı from i; done by hand because not every engine carries the locale. */
function lowerTurkic(text: string): string {
  return text.replaceAll('I', 'ı').replaceAll('İ', 'i').toLowerCase();
}

function foldAccents(text: string): string {
  if (ascii.test(text)) return text;
  return text
    .normalize('NFD')
    .replace(marks, '$1')
    .normalize('NFC')
    .replaceAll('ς', 'σ')
    .replaceAll('ё', 'е');
}
