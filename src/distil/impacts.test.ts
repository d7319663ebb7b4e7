import { beforeAll, describe, expect, it } from 'vitest';
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { Bm25Scorer, describeCorpus, wordGain } from '../lexical/bm25';
import { type PassageFields, PostingsWriter } from '../lexical/postings-writer';
import { defaultWeights } from '../search/fuse';
import { impactOf, termImpacts } from './impacts';

let en: Analyser;
beforeAll(async () => {
  en = await loadAnalyser('en');
});

/** Pages of passages, as the build reads them. */
function read(pages: Partial<PassageFields>[][]) {
  const writer = new PostingsWriter();
  const lengths: number[] = [];
  const titleLengths: number[] = [];
  const pageStart = [0];
  for (const passages of pages) {
    for (const fields of passages) {
      const added = writer.add(lengths.length, { title: '', headings: '', body: '', ...fields }, en);
      lengths.push(added.length);
      titleLengths[pageStart.length - 1] = added.titleLength;
    }
    pageStart.push(lengths.length);
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const corpus = describeCorpus(
    Float32Array.from(lengths),
    average,
    Uint32Array.from(pageStart),
    Uint8Array.from(titleLengths),
  );
  return { corpus, postings: [...writer.finish()] };
}

function impacts(pages: Partial<PassageFields>[][], numberOf = pages.map((_, i) => i), limit?: number) {
  const { corpus, postings } = read(pages);
  const options = { corpus, weights: defaultWeights, numberOf: Uint32Array.from(numberOf) };
  return new Map(
    [...termImpacts(postings, limit === undefined ? options : { ...options, limit })].map((entry) => [
      entry.term,
      entry,
    ]),
  );
}

describe('impacts of a term', () => {
  it('are the full tier’s score of a query of this word, where a page is one passage', () => {
    const pages = [
      [{ body: 'a fox' }],
      [{ body: 'fox fox fox and a long line of other words after them' }],
      [{ body: 'hounds' }],
    ];
    const { corpus, postings } = read(pages);
    const scorer = new Bm25Scorer(corpus);
    scorer.add([{ postings: postings.find(({ term }) => term === 'fox')!, weight: 1 }], 1);
    const fox = impacts(pages).get('fox')!;
    expect(fox.df).toBe(2);
    expect([...fox.pages]).toEqual([0, 1]);
    for (const page of [0, 1]) {
      const words = (scorer.score(page) + scorer.pageScore(page)) / 2;
      expect(fox.impacts[page]! / 256).toBeCloseTo(words / wordGain(2, 3), 2);
    }
  });

  it('are higher in the first passage, in all passages, and in a shorter page', () => {
    const other = 'nothing about it at all';
    const { pages, impacts: values } = impacts([
      [{ body: 'fox' }, { body: other }, { body: other }],
      [{ body: other }, { body: 'fox' }, { body: other }],
      [{ body: 'fox' }, { body: 'fox' }, { body: 'fox' }],
      [{ body: 'fox' }],
    ]).get('fox')!;
    const of = (page: number) => values[pages.indexOf(page)]!;
    expect(of(0)).toBeGreaterThan(of(1));
    expect(of(2)).toBeGreaterThan(of(0));
    expect(of(3)).toBeGreaterThan(of(0));
  });

  it('stand under the pages’ new numbers, with the length of each title that holds the term', () => {
    const entry = impacts(
      [
        [
          { title: 'Fox', body: 'x' },
          { title: 'Fox', body: 'y' },
        ],
        [{ title: 'Hound', body: 'fox' }],
        [{ title: 'The fox and twenty words more '.repeat(5), body: 'z' }],
      ],
      [2, 0, 1],
    ).get('fox')!;
    expect([...entry.pages]).toEqual([0, 1, 2]);
    expect([...entry.titles]).toEqual([0, 15, 1]);
    expect(entry.df).toBe(4);
  });

  it('of the most pages are cut to the best; of equal ones the lower number stays', () => {
    const pages = ['fox hound', 'fox fox', 'fox hound', 'fox hound', 'fox fox'].map((body) => [{ body }]);
    const entry = impacts(pages, [4, 3, 2, 1, 0], 3).get('fox')!;
    expect([...entry.pages]).toEqual([0, 1, 3]);
    expect(entry.df).toBe(5);
  });

  it('are never nothing and never all', () => {
    expect([0, 1e-6, 0.5, 0.9999, 1].map(impactOf)).toEqual([1, 1, 128, 255, 255]);
  });

  it('of an index without title lengths have no titles', () => {
    const { corpus, postings } = read([[{ title: 'Fox', body: 'x' }]]);
    const options = { corpus: { ...corpus, titleLengths: null }, weights: defaultWeights };
    const [first] = termImpacts(postings, { ...options, numberOf: Uint32Array.of(0) });
    expect([...first!.titles]).toEqual([0]);
  });
});
