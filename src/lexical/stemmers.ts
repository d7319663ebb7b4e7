/**
 * ◆porter2, ◆@orama/stemmers: the Snowball stemmers, one lazily loaded chunk per language.
 * In: a base language (`pt` of `pt-br`). Out: a function from a lower-case word to its stem, or null.
 * Both packages equal Snowball 2.2, the reference implementation, word for word; English is Snowball English (Porter 2),
 * not @orama/stemmers/english, which is the older Porter stemmer and treats 6 % of a technical vocabulary differently.
 */

export type Stem = (word: string) => string;

// Literal specifiers, so that a bundler gives each language a chunk of its own.
const loaders: Record<string, () => Promise<Stem>> = {
  ar: () => import('@orama/stemmers/arabic').then((m) => m.stemmer),
  da: () => import('@orama/stemmers/danish').then((m) => m.stemmer),
  de: () => import('@orama/stemmers/german').then((m) => m.stemmer),
  el: () => import('@orama/stemmers/greek').then((m) => m.stemmer),
  en: () => import('porter2').then((m) => m.stem),
  es: () => import('@orama/stemmers/spanish').then((m) => m.stemmer),
  fi: () => import('@orama/stemmers/finnish').then((m) => m.stemmer),
  fr: () => import('@orama/stemmers/french').then((m) => m.stemmer),
  ga: () => import('@orama/stemmers/irish').then((m) => m.stemmer),
  hi: () => import('@orama/stemmers/indian').then((m) => m.stemmer),
  hu: () => import('@orama/stemmers/hungarian').then((m) => m.stemmer),
  hy: () => import('@orama/stemmers/armenian').then((m) => m.stemmer),
  id: () => import('@orama/stemmers/indonesian').then((m) => m.stemmer),
  it: () => import('@orama/stemmers/italian').then((m) => m.stemmer),
  lt: () => import('@orama/stemmers/lithuanian').then((m) => m.stemmer),
  nl: () => import('@orama/stemmers/dutch').then((m) => m.stemmer),
  no: () => import('@orama/stemmers/norwegian').then((m) => m.stemmer),
  pt: () => import('@orama/stemmers/portuguese').then((m) => m.stemmer),
  ro: () => import('@orama/stemmers/romanian').then((m) => m.stemmer),
  ru: () => import('@orama/stemmers/russian').then((m) => m.stemmer),
  sv: () => import('@orama/stemmers/swedish').then((m) => m.stemmer),
  tr: () => import('@orama/stemmers/turkish').then((m) => m.stemmer),
};

/** Null: no Snowball stemmer for the language. */
export async function loadStemmer(language: string): Promise<Stem | null> {
  return Object.hasOwn(loaders, language) ? loaders[language]!() : null;
}
