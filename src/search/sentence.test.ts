import { describe, expect, test } from 'vitest';
import { loadAnalyser } from '../lexical/analyser';
import { markTerms, type TermMark } from '../lexical/marks';
import { queryTerms } from '../lexical/query';
import { matchingSentence, sentenceSpans } from './sentence';

const english = await loadAnalyser('en');

function choose(text: string, query: string): string | null {
  const marks = markTerms(text, queryTerms(query, [english]), [english]);
  const sentence = matchingSentence(text, marks);
  return sentence && text.slice(...sentence);
}

describe('sentenceSpans', () => {
  test('gives sentences and lines without the blanks around them', () => {
    const text = 'One. Two!  Three\n    call(a);\n\nfour';
    const spans = sentenceSpans(text).map(([start, end]) => text.slice(start, end));
    expect(spans).toEqual(['One.', 'Two!', 'Three', 'call(a);', 'four']);
  });

  test("gives the cells of a table's row", () => {
    const row = 'max-age | Seconds. Then stale. | a || b\nx |';
    const spans = sentenceSpans(row).map(([start, end]) => row.slice(start, end));
    expect(spans).toEqual(['max-age', 'Seconds.', 'Then stale.', 'a || b', 'x']);
  });

  test('gives nothing for blanks', () => {
    expect(sentenceSpans('')).toEqual([]);
    expect(sentenceSpans(' \n ')).toEqual([]);
  });
});

describe('matchingSentence', () => {
  test('takes the sentence with most words of the query', () => {
    const text = 'Flour is ground wheat. Knead the dough for ten minutes. Dough rests.';
    expect(choose(text, 'how long to knead dough')).toBe('Knead the dough for ten minutes.');
  });

  test('a word that every sentence has counts less than a word that one has', () => {
    const text = 'A cookie is a cookie. A cookie has a path. A cookie may expire.';
    expect(choose(text, 'when do cookies expire')).toBe('A cookie may expire.');
  });

  test('repeating a word brings nothing', () => {
    expect(choose('Bread, bread, bread. Bread and salt.', 'bread salt')).toBe('Bread and salt.');
  });

  test('of equally good sentences takes the first', () => {
    expect(choose('Warm milk. Cold milk. Water.', 'milk')).toBe('Warm milk.');
  });

  test('takes none where no word stands', () => {
    expect(choose('Warm milk. Cold milk.', 'bread')).toBe(null);
  });

  test('words are told apart by their terms where marks name them', () => {
    // Chinese bigrams touch, so that one mark holds several terms.
    const marks: TermMark[] = [
      [0, 2, 0],
      [5, 9, 0, 1],
    ];
    expect(matchingSentence('甲乙丙丁。甲乙丙丁。', marks)).toEqual([5, 10]);
  });
});
