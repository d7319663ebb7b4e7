/**
 * Words too frequent to tell passages apart, one lazily loaded chunk per language.
 * In: a base language. Out: its stop words, lower case with accents; empty for a language without a list.
 * Source: the stop word lists of the Snowball project (BSD 3-Clause, © 2001 Martin Porter, © 2002 Richard Boulton);
 * each file says what it adds. Apostrophes part words before the lists are asked, so the lists hold the remains.
 */

const loaders: Record<string, () => Promise<{ stopWords: string }>> = {
  da: () => import('./stop-words/da'),
  de: () => import('./stop-words/de'),
  en: () => import('./stop-words/en'),
  es: () => import('./stop-words/es'),
  fi: () => import('./stop-words/fi'),
  fr: () => import('./stop-words/fr'),
  hu: () => import('./stop-words/hu'),
  it: () => import('./stop-words/it'),
  nl: () => import('./stop-words/nl'),
  no: () => import('./stop-words/no'),
  pt: () => import('./stop-words/pt'),
  ru: () => import('./stop-words/ru'),
  sv: () => import('./stop-words/sv'),
};

/** Languages with a list. */
export const stopWordLanguages = Object.keys(loaders);

export async function loadStopWords(language: string): Promise<ReadonlySet<string>> {
  if (!Object.hasOwn(loaders, language)) return new Set();
  return new Set((await loaders[language]!()).stopWords.split(' '));
}
