import { beforeAll, describe, expect, it } from 'vitest';
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { queryTerms } from '../lexical/query';
import { cutWords } from '../segment/cut-words';
import type { WordEntry } from '../segment/instant-shape';
import { decodeWords } from '../segment/word-part';
import { lookUpWords } from './word-lookup';

let en: Analyser;
beforeAll(async () => {
  en = await loadAnalyser('en');
});

const dim = 2;
/** Rows have values of one size: four bits keep these exactly. */
const entry = (term: string, df: number, row?: [number, number]): WordEntry => ({
  term,
  df,
  pages: Uint32Array.from({ length: Math.min(df, 9) }, (_, i) => i),
  impacts: new Uint8Array(Math.min(df, 9)).fill(99),
  titles: new Uint8Array(Math.min(df, 9)),
  row: row ? Float32Array.from(row) : null,
});

/** A dictionary cut into parts of about `target` bytes, and which of them were read. */
function dictionary(entries: WordEntry[], target = 60, broken: (part: number) => boolean = () => false) {
  const sorted = entries.sort((a, b) => (a.term < b.term ? -1 : 1));
  const cuts = [...cutWords(sorted, dim, target)];
  const asked: number[] = [];
  return {
    asked,
    parts: cuts.length,
    async lookUp(text: string, analysers = [en], prefix = false) {
      const terms = queryTerms(text, analysers, { prefix });
      const { matches, rounds } = await lookUpWords(terms, analysers, {
        firstTerms: cuts.map(({ firstTerm }) => firstTerm),
        async readPart(part) {
          asked.push(part);
          return broken(part) ? null : decodeWords(cuts[part]!.payload, { dim, pages: 9 }, `part ${part}`);
        },
      });
      return {
        rounds,
        answers: matches.map(({ answers }) =>
          answers.map(({ entry: { term }, weight }) => [term, weight] as const),
        ),
        rows: matches.map(({ row }) => row && [...row].map((x) => Math.round(x * 100) / 100)),
        terms: matches.map(({ query }) => query.terms),
      };
    },
  };
}

const animals = () => [
  entry('ant', 3, [1, -1]),
  entry('anteat', 2, [1, 1]),
  entry('bear', 5, [2, 2]),
  entry('bear!', 7),
  entry('beard', 4, [3, -3]),
  entry('cat', 5, [1, 1]),
  entry('hound', 4, [3, 3]),
  entry('whale', 6, [1, 1]),
  entry('wolf', 3, [4, -4]),
  entry('zebra', 1),
];

describe('words of a query in the dictionary', () => {
  it('known to it take one round, and a part is asked for once', async () => {
    const words = dictionary(animals());
    const { rounds, answers, rows } = await words.lookUp('whales and hounds, whale');
    expect(rounds).toBe(1);
    expect(answers).toEqual([[['whale', 1]], [['hound', 1]]]);
    expect(rows).toEqual([
      [1, 1],
      [3, 3],
    ]);
    expect(new Set(words.asked).size).toBe(words.asked.length);
    expect(words.asked.length).toBeLessThanOrEqual(2);
  });

  it('are answered by their piece form too, and by completions while they are being typed', async () => {
    const words = dictionary(animals());
    const finished = await words.lookUp('bear');
    expect(finished.answers).toEqual([
      [
        ['bear!', 0.3],
        ['bear', 1],
      ],
    ]);
    const typed = await words.lookUp('bea', [en], true);
    expect(new Map(typed.answers[0])).toEqual(
      new Map([
        ['bear!', 0.15],
        ['bear', 0.5],
        ['beard', 0.5],
      ]),
    );
    // Five bears and four beards.
    expect(typed.rows).toEqual([[2.44, -0.22]]);
    expect((await words.lookUp('bear', [en], true)).rows).toEqual([[2, 2]]);
  });

  it('misspelt are taken for words nearly like them, which are then marked', async () => {
    const words = dictionary(animals());
    const near = await words.lookUp('whlae');
    expect(near.answers).toEqual([[['whale', 0.5]]]);
    expect(near.rows).toEqual([[1, 1]]);
    expect(near.terms).toEqual([['whlae', 'whale']]);
    expect((await words.lookUp('zebbra')).answers).toEqual([[['zebra', 0.5]]]);
    expect((await words.lookUp('whale')).terms).toEqual([['whale']]);
  });

  it('misspelt early cost a second round, for a few parts at most', async () => {
    const many = Array.from({ length: 400 }, (_, i) => entry(`b${i.toString(36)}qqq`, 1));
    const words = dictionary([...many, ...animals()]);
    const { rounds, answers } = await words.lookUp('baer');
    expect(rounds).toBe(2);
    expect(answers).toEqual([[['bear', 0.5]]]);
    expect(words.asked.length).toBeLessThanOrEqual(3);
    const nonsense = dictionary([...many, ...animals()]);
    await nonsense.lookUp('bxqzt bqxzt bzqxt btqxz bzzqx bxxqz bqqxz bttqz');
    expect(nonsense.asked.length).toBeLessThanOrEqual(8 + 6);
  });

  it('that no page holds and whose meaning is known have a row and no pages', async () => {
    const words = dictionary([...animals(), entry('unicorn', 0, [5, 5])]);
    expect(await words.lookUp('unicorn')).toMatchObject({ rounds: 1, answers: [[]], rows: [[5, 5]] });
  });

  it('written together mean half of each: known beginning, then what follows, a linking letter or not', async () => {
    const words = dictionary(animals());
    const { rows, answers } = await words.lookUp('bearswolf');
    expect(rows).toEqual([[3, -1]]);
    expect(answers).toEqual([[]]);
    expect((await words.lookUp('wolfhound')).rows).toEqual([[3.5, -0.5]]);
    // Too little of it is known.
    expect((await words.lookUp('wolfxyzxyzxyz')).rows).toEqual([null]);
    expect((await words.lookUp('xyzwolf')).rows).toEqual([null]);
  });

  it('of Chinese are found by their pairs, and a character by the pairs that begin with it', async () => {
    const zh = await loadAnalyser('zh');
    const words = dictionary([entry('字典', 2, [1, 1]), entry('字符', 3, [1, -1]), entry('字!', 5)]);
    expect((await words.lookUp('字典', [zh])).answers[0]).toEqual([['字典', 1]]);
    const single = await words.lookUp('字', [zh]);
    expect(new Map(single.answers[0])).toEqual(
      new Map([
        ['字!', 0.3],
        ['字符', 0.5],
        ['字典', 0.5],
      ]),
    );
    expect(single.rows).toEqual([[1, -0.2]]);
  });

  it('in a part that cannot be read are answered by nothing, and the others as ever', async () => {
    const words = dictionary(animals(), 60, (part) => part === 0);
    expect((await words.lookUp('ant whale')).answers).toEqual([[], [['whale', 1]]]);
  });

  it('that are none ask for nothing', async () => {
    const words = dictionary(animals());
    expect(await words.lookUp('?!')).toMatchObject({ rounds: 0, answers: [] });
    expect(await dictionary([]).lookUp('whale')).toMatchObject({ answers: [[]], rows: [null] });
    expect(words.asked).toEqual([]);
  });
});
