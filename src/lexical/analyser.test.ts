import { expect, test } from 'vitest';
import { loadAnalyser } from './analyser';

const terms = async (language: string, text: string) => (await loadAnalyser(language)).terms(text);

test('English is stemmed by Snowball English, and stop words are left out', async () => {
  // Porter's older stemmer would give "gener" for general and "wa" for was.
  expect(await terms('en', 'The general conversions were running generously')).toEqual([
    'general',
    'convers',
    'run',
    'generous',
  ]);
});

test('what apostrophes leave of English words is on the stop list', async () => {
  expect(await terms('en', "don't can't isn't we've they'll I'd the page's title")).toEqual(['page', 'titl']);
});

test('German folds umlauts and ß, French elides, Spanish forgives a missing accent', async () => {
  expect(await terms('de', 'die schönen Häuser der Straße')).toEqual(['schon', 'haus', 'strass']);
  expect(await terms('fr', "l'évolution des mots élevés")).toEqual(['evolu', 'mot', 'elev']);
  expect(await terms('es', 'teléfonos')).toEqual(await terms('es', 'telefono'));
});

test('a region does not change the language, and Bokmål and Nynorsk share one stemmer', async () => {
  expect((await loadAnalyser('pt-BR')).language).toBe('pt');
  expect((await loadAnalyser('nn')).language).toBe('no');
  expect(await terms('nb', 'husene')).toEqual(['hus']);
});

test('an unknown or missing language keeps every word as it is, folded', async () => {
  expect(await terms('', 'The Été running')).toEqual(['the', 'ete', 'running']);
  expect(await terms('constructor', 'the')).toEqual(['the']);
});

test('Turkish tells dotless ı from i without the engine’s locale data', async () => {
  expect((await loadAnalyser('tr')).fold('IŞIK İZ')).toBe('ısık iz');
  expect((await loadAnalyser('en')).fold('İstanbul')).toBe('istanbul');
});

test('Greek final sigma and Russian ё do not part spellings', async () => {
  const none = await loadAnalyser('');
  expect(none.fold('ΟΔΌΣ')).toBe(none.fold('οδοσ'));
  expect(none.fold('Ёлка')).toBe('елка');
});

test('every listed language loads, and its stop list works together with its stemmer', async () => {
  const samples = {
    da: 'og husene',
    es: 'de las casas',
    fi: 'ja taloissa',
    fr: 'et les maisons',
    hu: 'és házak',
    it: 'e le nostre case',
    nl: 'en de huizen',
    no: 'og husene',
    pt: 'e as casas',
    ru: 'и на дома',
    sv: 'och husen',
  };
  for (const [language, text] of Object.entries(samples)) {
    expect(await terms(language, text), language).toHaveLength(1);
  }
  for (const language of ['ar', 'el', 'ga', 'hi', 'hy', 'id', 'lt', 'ro', 'tr']) {
    expect((await loadAnalyser(language)).language).toBe(language);
  }
});

test('a run’s terms are aligned between languages, stop words and pieces included', async () => {
  const [en, none] = await Promise.all([loadAnalyser('en'), loadAnalyser('')]);
  const run = 'scrollIntoView.the-end';
  expect(en.runTerms(run).map(({ kind }) => kind)).toEqual([
    'word',
    'piece',
    'stop',
    'piece',
    'stop',
    'word',
  ]);
  expect(none.runTerms(run).map(({ start }) => start)).toEqual(en.runTerms(run).map(({ start }) => start));
});
