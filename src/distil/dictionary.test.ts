import { beforeAll, expect, test } from 'vitest';
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { chooseRowTerms } from './dictionary';

let english: Analyser;
beforeAll(async () => {
  english = await loadAnalyser('en');
});

test('gives rows to what the site says three times, and to the model’s own words', () => {
  const held = new Map([
    ['knead', 3],
    ['tpyo', 1],
    ['stop!', 9],
  ]);
  const { terms, frequencies } = chooseRowTerms(held, ['photographs'], [], [english]);
  expect(terms).toEqual(['knead', 'photograph']);
  expect([...frequencies]).toEqual([3, 0]);
});

test('lets each term be encoded as the site spells it most often', () => {
  const held = new Map([['knead', 5]]);
  const texts = ['Kneading bread', 'kneading again', 'keep kneading', 'knead it'];
  expect(chooseRowTerms(held, [], texts, [english]).words).toEqual(['kneading']);
  expect(chooseRowTerms(held, [], [], [english]).words).toEqual(['knead']);
  expect(chooseRowTerms(new Map(), ['photographs'], [], [english]).words).toEqual(['photographs']);
});
