import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Analyser, loadAnalyser } from './analyser';
import { Bm25Scorer, describeCorpus, k1 } from './bm25';
import { choosePostings, maxExpansions } from './expand';
import { packFrequency, type TermPostings } from './postings';
import { type PassageFields, PostingsWriter } from './postings-writer';
import { queryTerms } from './query';

let en: Analyser;
beforeAll(async () => {
  en = await loadAnalyser('en');
});

/** A corpus in which every passage is a page of its own, unless `pageStart` says otherwise. */
function corpusOf(
  lengths: readonly number[],
  average: number,
  pageStart?: number[],
  titleLengths: Uint8Array | null = null,
) {
  const starts = pageStart ?? Array.from({ length: lengths.length + 1 }, (_, i) => i);
  return describeCorpus(Float32Array.from(lengths), average, Uint32Array.from(starts), titleLengths);
}

function collection(passages: Partial<PassageFields>[]) {
  const writer = new PostingsWriter();
  const lengths = passages.map(
    (fields, i) => writer.add(i, { title: '', headings: '', body: '', ...fields }, en).length,
  );
  const postings = [...writer.finish()];
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return (query: string, options = {}) => {
    const scorer = new Bm25Scorer(corpusOf(lengths, average));
    for (const term of queryTerms(query, [en], options))
      scorer.add(choosePostings(term, postings), term.weight);
    const ordinals = scorer.topPassages(10);
    const scores = ordinals.map((ordinal) => scorer.score(ordinal));
    return { ordinals, scores, maximum: scorer.theoreticalMaximum, scorer };
  };
}

const filler = 'Various other remarks about entirely unrelated matters fill these lines of text.';

test('passages rank as a reader would expect', () => {
  const search = collection([
    { title: 'Grid layout', body: `Rows and columns. ${filler}` },
    { title: 'Event', headings: 'stopPropagation()', body: `Stops propagation of an event. ${filler}` },
    {
      title: 'Event: stopPropagation() method',
      body: `Prevents further propagation of the event. ${filler}`,
    },
    { title: 'Bubbling', body: `An event bubbles; call stopPropagation() to end that. ${filler}` },
    { title: 'Sound', body: `The propagation of sound. ${filler}` },
    { title: 'Train', body: `The train will stop here, and again at every stop. ${filler}` },
  ]);
  expect(search('stopPropagation').ordinals).toEqual([
    2, // the name in the title counts twice
    1, // in a heading once, and its pieces as words
    3, // in the body once
    5, // only the piece "stop", twice
    4, // only the piece "propagation", once
  ]);
  expect(search('stop propagation').ordinals.slice(0, 2)).toEqual([
    1, // both words in the text, and as pieces
    2, // both as pieces of the title, one in the text
  ]);
  expect(search('columns').ordinals).toEqual([0]); // a stem reaches the plural
  expect(search('unheard-of').ordinals).toEqual([]); // not in the collection
});

test('a query of stop words only finds the page named by one', () => {
  const search = collection([{ title: 'this', body: 'keyword' }, { body: 'this and that and this' }]);
  expect(search('this').ordinals).toEqual([0]);
});

test('an unfinished word finds its completions, and the word itself comes first', () => {
  const search = collection([
    { body: 'promises, promises' },
    { body: 'a promise' },
    { body: 'prominent' },
    { body: 'promo code' },
    { body: 'nothing' },
  ]);
  expect(search('promis', { prefix: true }).ordinals).toEqual([0, 1]);
  expect(search('promis').ordinals).toEqual([]);
  expect(search('promo', { prefix: true }).ordinals).toEqual([3]);
  expect(search('prom', { prefix: true }).ordinals).toHaveLength(4);
});

test('a completion never outscores the word itself at equal frequency, however rare it is', () => {
  const search = collection([
    ...Array.from({ length: 20 }, () => ({ body: 'java' })),
    { body: 'javanese' },
    { body: 'other' },
  ]);
  const { scores, scorer } = search('java', { prefix: true });
  expect(scorer.score(20)).toBeGreaterThan(0);
  expect(scores[0]).toBe(scorer.score(0));
  expect(scorer.score(20)).toBeLessThan(scorer.score(0));
});

test('only the most frequent completions of a prefix answer', () => {
  const passages = Array.from({ length: maxExpansions + 5 }, (_, i) => ({ body: `ab${i}x` }));
  const search = collection([...passages, { body: 'ab0x' }]);
  const { scorer } = search('ab', { prefix: true });
  const answered = passages.filter((_, i) => scorer.score(i) > 0);
  expect(answered).toHaveLength(maxExpansions);
  expect(scorer.score(0)).toBeGreaterThan(0);
});

test('a query in Chinese and one in Thai find their passages', () => {
  const search = collection([
    { body: '東京都の天気' },
    { body: '京都の天気' },
    { body: 'สภาพอากาศในกรุงเทพ' },
  ]);
  expect(search('東京').ordinals).toEqual([0, 1]); // 京都 shares a character
  expect(search('京都').ordinals).toEqual([1, 0]); // 東京都 holds the pair too, in a longer text
  expect(search('京').ordinals).toEqual([1, 0]);
  expect(search('กรุงเทพ').ordinals).toEqual([2]);
});

test('equal scores are ordered by ordinal', () => {
  expect(collection(Array.from({ length: 30 }, () => ({ body: 'fox' })))('fox').ordinals).toEqual(
    Array.from({ length: 10 }, (_, i) => i),
  );
});

test('a score is the textbook formula, and the maximum is what it tends to', () => {
  const packed = packFrequency(packFrequency(packFrequency(0, 'title'), 'headings'), 'body');
  const postings = { term: 'fox', ordinals: Uint32Array.of(1), frequencies: Uint8Array.of(packed) };
  const scorer = new Bm25Scorer(corpusOf([10, 20], 15));
  scorer.add([{ postings, weight: 1 }], 1);
  const idf = Math.log(1 + 1.5 / 1.5);
  expect(scorer.score(1)).toBeCloseTo((idf * 4 * 1.9) / (4 + 0.9 * (0.6 + (0.4 * 20) / 15)), 5);
  expect(scorer.theoreticalMaximum).toBeCloseTo(idf * (k1 + 1), 10);
});

test('no passage scores above the theoretical maximum, and the best k are the best of all', () => {
  const posting = fc.uniqueArray(fc.tuple(fc.nat(49), fc.integer({ min: 1, max: 255 })), {
    selector: ([ordinal]) => ordinal,
    maxLength: 50,
  });
  fc.assert(
    fc.property(fc.array(posting, { maxLength: 5 }), fc.integer({ min: 0, max: 60 }), (lists, k) => {
      const scorer = new Bm25Scorer(corpusOf(Array(50).fill(7), 7));
      for (const list of lists) {
        list.sort(([a], [b]) => a - b);
        const postings: TermPostings = {
          term: '',
          ordinals: Uint32Array.from(list, ([ordinal]) => ordinal),
          frequencies: Uint8Array.from(list, ([, frequency]) => frequency),
        };
        scorer.add([{ postings, weight: 1 }], 1);
      }
      const all = Array.from({ length: 50 }, (_, ordinal) => ordinal).filter(
        (ordinal) => scorer.score(ordinal) > 0,
      );
      all.sort((a, b) => scorer.score(b) - scorer.score(a) || a - b);
      expect(scorer.topPassages(k)).toEqual(all.slice(0, k));
      for (const ordinal of all) expect(scorer.score(ordinal)).toBeLessThanOrEqual(scorer.theoreticalMaximum);
    }),
    { numRuns: 100 },
  );
});

test('a page is scored as one text, and stands for itself by its best passage', () => {
  // Passages 0 and 1 are one page, 2 and 3 another.
  const scorer = new Bm25Scorer(corpusOf([10, 10, 10, 10], 10, [0, 2, 4]));
  const inBody = packFrequency(0, 'body');
  const word = (term: string, ...ordinals: number[]) => ({
    postings: {
      term,
      ordinals: Uint32Array.from(ordinals),
      frequencies: new Uint8Array(ordinals.length).fill(inBody),
    },
    weight: 1,
  });
  scorer.add([word('fox', 0, 3)], 1);
  scorer.add([word('den', 1)], 1);
  expect(scorer.pageScore(0)).toBeGreaterThan(scorer.pageScore(1)); // both words, though in two passages
  expect(scorer.topPages(2)).toEqual([
    1, // the rarer word
    3,
  ]);
  expect(scorer.topPages(1)).toEqual([1]);
});

test('of pages whose titles hold the query, the one whose title is the query comes first', () => {
  const inTitle = packFrequency(0, 'title');
  const posting = {
    term: 'worker',
    ordinals: Uint32Array.of(0, 1, 2),
    frequencies: new Uint8Array(3).fill(inTitle),
  };
  // "Using web workers", "Worker", and a page whose title length is not known.
  const scorer = new Bm25Scorer(corpusOf([9, 20, 9], 12, undefined, Uint8Array.of(3, 1, 0)));
  scorer.add([{ postings: posting, weight: 1 }], 1);
  expect(scorer.topPages(3)).toEqual([1, 0, 2]);
});
