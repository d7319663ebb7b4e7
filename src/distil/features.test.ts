import { expect, test } from 'vitest';
import { loadAnalyser } from '../lexical/analyser';
import { pieceWeight } from '../lexical/bm25';
import { featuresOf } from './features';

const english = await loadAnalyser('en');

function rowsOf(texts: string[], terms: string[], analysers = [english]): Record<string, number>[] {
  const { starts, columns, values } = featuresOf(texts, terms, analysers);
  return texts.map((_, row) => {
    const entries = [...columns.subarray(starts[row]!, starts[row + 1]!)].map((column, i) => [
      terms[column]!,
      values[starts[row]! + i]!,
    ]);
    return Object.fromEntries(entries);
  });
}

test('a text is the known terms of its words, each once, without stop words', () => {
  const [row, none] = rowsOf(['How to centre the boxes in a box', 'nothing known'], ['box', 'centr']);
  expect(row).toEqual({ box: 1, centr: 1 });
  expect(none).toEqual({});
});

test('a part of a name counts less, and stands in for the word where the site has it in names only', () => {
  const [row] = rowsOf(['stopPropagation'], ['stoppropag', 'propag', 'stop!']);
  expect(row).toEqual({
    stoppropag: 1,
    propag: Math.fround(pieceWeight),
    'stop!': Math.fround(pieceWeight),
  });
  expect(rowsOf(['stop'], ['stop!'])).toEqual([{ 'stop!': 1 }]);
});

test('spellings of several languages share the weight of one word', async () => {
  const german = await loadAnalyser('de');
  const [row] = rowsOf(['running'], ['run', 'running'], [english, german]);
  expect(row).toEqual({ run: 0.5, running: 0.5 });
});
