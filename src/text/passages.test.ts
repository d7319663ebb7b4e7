import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NearbitError } from '../errors';
import type { Section, SourceDocument } from '../types';
import { cutPassages, fitTitle, passageInput, smallShare, trailShare } from './passages';

/** Like word pieces: each word, and each further ten characters of it, is a token; signs stand alone. */
const countTokens = (text: string) => {
  const words = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
  return words.reduce((sum, word) => sum + Math.ceil(word.length / 10), 0);
};
const wordsOf = (text: string) => text.match(/\S+/g) ?? [];
const words = (n: number, word = 'w') => Array.from({ length: n }, (_, i) => `${word}${i}`).join(' ');

const section = (path: string, ...blocks: string[]): Section => ({
  headings: path === '' ? [] : path.split('/'),
  anchor: path === '' ? null : `#${path}`,
  blocks,
});
const page = (sections: Section[], title = 'Title', description = ''): SourceDocument => ({
  id: '/',
  url: '/',
  title,
  description,
  language: 'en',
  canonical: null,
  noindex: false,
  sections,
});
const cut = (document: SourceDocument, maxTokens = 40) => cutPassages(document, { maxTokens, countTokens });
const texts = (document: SourceDocument, maxTokens = 40) => cut(document, maxTokens).map(({ text }) => text);

describe('passageInput', () => {
  test('is the trail on one line and the text below', () => {
    expect(passageInput('T', { headings: ['A', 'B'], text: 'x\ny' })).toBe('T > A > B\nx\ny');
  });

  test('leaves an empty title out', () => {
    expect(passageInput('', { headings: ['A'], text: 'x' })).toBe('A\nx');
    expect(passageInput('', { headings: [], text: 'x' })).toBe('\nx');
  });
});

describe('cutPassages', () => {
  test('gives a passage for each section that is not small', () => {
    const [a, b] = [words(20, 'a'), words(20, 'b')];
    expect(cut(page([section('', 'intro'), section('A', a), section('A/B', b)]))).toEqual([
      { headings: [], anchor: null, text: 'intro' },
      { headings: ['A'], anchor: '#A', text: a },
      { headings: ['A', 'B'], anchor: '#A/B', text: b },
    ]);
  });

  test('cuts a long section between blocks into passages of about equal size', () => {
    const [a, b, c, d] = [words(12, 'a'), words(12, 'b'), words(12, 'c'), words(12, 'd')] as const;
    expect(texts(page([section('A', a, b, c, d)]))).toEqual([`${a}\n${b}`, `${c}\n${d}`]);
    expect(cut(page([section('A', a, b, c, d)])).map(({ anchor }) => anchor)).toEqual(['#A', '#A']);
  });

  test('cuts a long block between sentences', () => {
    const [a, b, c] = [`${words(15, 'A')}.`, `${words(15, 'B')}.`, `${words(15, 'C')}.`] as const;
    expect(texts(page([section('', `${a} ${b} ${c}`)]))).toEqual([`${a} ${b}`, c]);
  });

  test('cuts a long sentence between words and a long word between characters', () => {
    const long = 'x'.repeat(40_000);
    const result = texts(page([section('', words(100)), section('Heading', long)]));
    expect(result.slice(0, 3).join(' ')).toBe(words(100));
    expect(result.slice(3).join('')).toBe(long);
  });

  test('keeps the lines of code it cuts', () => {
    const code = Array.from({ length: 20 }, (_, i) => `  line${i}(a);`).join('\n');
    expect(texts(page([section('', code)])).join('\n')).toBe(code);
  });

  test('lets small siblings share a passage, each under its heading, with the anchor of the first', () => {
    const large = words(30);
    expect(
      cut(
        page([
          section('A/B', 'b'),
          section('A/C', 'c', 'cc'),
          section('A/D', large),
          section('A/E', 'e'),
          section('F', 'f'),
        ]),
      ),
    ).toEqual([
      { headings: ['A'], anchor: '#A/B', text: 'B\nb\nC\nc\ncc' },
      { headings: ['A', 'D'], anchor: '#A/D', text: large },
      { headings: ['A', 'E'], anchor: '#A/E', text: 'e' },
      { headings: ['F'], anchor: '#F', text: 'f' },
    ]);
  });

  test('does not let small sections share across parents or with the text before the first heading', () => {
    expect(
      cut(page([section('', 'a'), section('A', 'b'), section('A/B', 'c'), section('C/B', 'd')])),
    ).toHaveLength(4);
  });

  test('ends a shared passage at the budget', () => {
    const sections = Array.from({ length: 12 }, (_, i) => section(`H${i}`, words(5)));
    const result = cut(page(sections));
    expect(result.map(({ anchor }) => anchor)).toEqual(['#H0', '#H5', '#H10']);
  });

  test('calls a section small under its share of the budget', () => {
    const atShare = words(40 * smallShare);
    const below = words(40 * smallShare - 1);
    expect(cut(page([section('A', atShare), section('B', below)]))).toHaveLength(2);
    expect(cut(page([section('A', below), section('B', below)]))).toHaveLength(1);
  });

  test('makes a heading without text a line of the text before it, or of the first text', () => {
    const text = words(20);
    expect(cut(page([section('A'), section('B', text), section('C'), section('D/E')]))).toEqual([
      { headings: ['B'], anchor: '#B', text: `A\n${text}\nC\nE` },
    ]);
  });

  test('gives no passage for a heading that only has subsections', () => {
    expect(cut(page([section('A'), section('A/B'), section('A/B/C', 'c')]))).toEqual([
      { headings: ['A', 'B', 'C'], anchor: '#A/B/C', text: 'c' },
    ]);
  });

  test('keeps the headings of a page that has nothing else', () => {
    expect(cut(page([section('A'), section('B'), section('C'), section('C/D')]))).toEqual([
      { headings: [], anchor: '#A', text: 'A\nB\nC' },
      { headings: ['C', 'D'], anchor: '#C/D', text: '' },
    ]);
  });

  test('drops the outermost headings where the trail is too long', () => {
    const trail = ['one two three', 'four five six', 'seven eight nine', 'ten eleven twelve'];
    const [passage] = cut(page([section(trail.join('/'), 'x')]));
    expect(passage!.headings).toEqual(trail.slice(1));
    expect(countTokens(passageInput('Title', { ...passage!, text: '' }))).toBeLessThanOrEqual(
      40 * trailShare,
    );
  });

  test('cuts a heading of 10,000 words in the trail and keeps its words as text', () => {
    const heading = words(10_000);
    const result = cut(page([section(`A/${heading}`, 'x'), section(`A/${heading}/B`, 'y')]));
    expect(result[0]!.headings).toEqual(['A', 'w0 w1 w2 w3 w4']);
    expect(wordsOf(result.map(({ text }) => text).join('\n'))).toEqual([...wordsOf(heading), 'x', 'y']);
    expect(result.at(-1)).toEqual({
      headings: ['A', 'w0 w1 w2 w3 w4', 'B'],
      anchor: `#A/${heading}/B`,
      text: 'y',
    });
  });

  test('cuts a title of 10,000 words for the trail', () => {
    const document = page([section('A', words(100))], words(10_000));
    const title = fitTitle(document.title, { maxTokens: 40, countTokens });
    expect(title).toBe(words(13));
    for (const passage of cut(document)) {
      expect(countTokens(passageInput(title, passage))).toBeLessThanOrEqual(40);
    }
  });

  test('gives the description of a page without text, cut where it is long', () => {
    expect(texts(page([], 'Title', 'About shops'))).toEqual(['About shops']);
    expect(texts(page([], 'Title', words(60)))).toHaveLength(2);
    expect(texts(page([], 'Title'))).toEqual(['']);
    expect(texts(page([], '', 'About shops'))).toEqual([]);
  });

  test.each([0, -1, Number.NaN])('refuses a budget of %d', (maxTokens) => {
    expect(() => cut(page([section('', 'x')]), maxTokens)).toThrow(NearbitError);
    expect(() => cut(page([section('', 'x')]), maxTokens)).toThrow('expected a number of at least 1');
  });

  test('halves a passage where the whole has more tokens than its parts', () => {
    // As if every line break were a token.
    const withBreaks = (text: string) => wordsOf(text).length + (text.match(/\n/g)?.length ?? 0) * 2;
    const document = page([section('', ...wordsOf(words(30)))]);
    const result = cutPassages(document, { maxTokens: 20, countTokens: withBreaks });
    expect(wordsOf(result.map(({ text }) => text).join('\n'))).toEqual(wordsOf(words(30)));
    for (const passage of result) expect(withBreaks(passageInput('Title', passage))).toBeLessThanOrEqual(20);
  });

  test('counts tokens in proportion to the blocks', () => {
    const calls = (n: number) => {
      let count = 0;
      const options = {
        maxTokens: 40,
        countTokens: (text: string) => {
          count++;
          return countTokens(text);
        },
      };
      cutPassages(
        page(Array.from({ length: n }, (_, i) => section(`H${i % 7}`, words(3), words(30)))),
        options,
      );
      return count;
    };
    expect(calls(2000)).toBeLessThan(calls(1000) * 2.1);
  });
});

describe('any document', () => {
  const word = fc.oneof(
    { arbitrary: fc.stringMatching(/^[a-z]{1,12}$/), weight: 20 },
    fc.constantFrom('End.', '今日は。明日も', '👩‍🔬', 'x'.repeat(300), '()', 'a.b.c', '語'.repeat(50)),
  );
  const line = (maxLength: number) =>
    fc.array(word, { minLength: 1, maxLength }).map((list) => list.join(' '));
  const anySection = fc.record({
    headings: fc.array(fc.oneof(fc.constantFrom('A', 'B', 'C'), line(20)), { maxLength: 4 }),
    anchor: fc.option(fc.constantFrom('a', 'b')),
    blocks: fc.array(line(80), { maxLength: 4 }),
  });
  const anyPage = fc
    .tuple(
      fc.array(anySection, { maxLength: 8 }),
      fc.oneof(fc.constant(''), line(20)),
      fc.constantFrom('', 'About'),
    )
    .map(([sections, title, description]) => page(sections, title, description));
  const anyBudget = fc.integer({ min: 20, max: 120 });
  const squeeze = (text: string) => text.replace(/\s/g, '');

  test('loses no word of any block, and keeps their order', () => {
    fc.assert(
      fc.property(anyPage, anyBudget, (document, maxTokens) => {
        let rest = squeeze(texts(document, maxTokens).join('\n'));
        for (const block of document.sections.flatMap((s) => s.blocks)) {
          const at = rest.indexOf(squeeze(block));
          expect(at).toBeGreaterThanOrEqual(0);
          rest = rest.slice(at + squeeze(block).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('loses no heading', () => {
    fc.assert(
      fc.property(anyPage, anyBudget, (document, maxTokens) => {
        const passages = cut(document, maxTokens);
        const trails = passages.map(({ headings }) => headings.join(''));
        const all = squeeze([...trails, ...passages.map(({ text }) => text)].join(''));
        for (const { headings } of document.sections) {
          if (headings.length > 0) expect(all).toContain(squeeze(headings.at(-1)!));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('fits the budget, trail included', () => {
    fc.assert(
      fc.property(anyPage, anyBudget, (document, maxTokens) => {
        const title = fitTitle(document.title, { maxTokens, countTokens });
        for (const passage of cut(document, maxTokens)) {
          expect(countTokens(passageInput(title, passage))).toBeLessThanOrEqual(maxTokens);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is cut the same way every time', () => {
    fc.assert(
      fc.property(anyPage, anyBudget, (document, maxTokens) => {
        expect(cut(document, maxTokens)).toEqual(cut(structuredClone(document), maxTokens));
      }),
      { numRuns: 50 },
    );
  });
});
