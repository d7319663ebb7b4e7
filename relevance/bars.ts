/**
 * What a run has to show, each bar with the value that was measured.
 * In: measured sets, the dial's rows where they were measured. Out: bars, met or missed; those whose sets are not in the
 * run are left out.
 */
import type { DialRow } from './dial';
import { five } from './judged-sets';
import type { ListName } from './lists';
import type { MeasuredSet } from './table';

export interface Bar {
  name: string;
  value: number;
  atLeast: number;
  met: boolean;
  /** The set that decides, or those that miss. */
  note: string;
}

/**
 * nDCG@10 of plain BM25 (k1 .9, b .4, no stems), as published beside the data; of xquad-r, whose publisher says .66 to
 * .85 only, as measured here with the same words and no stems.
 */
const plainWords: Record<string, number> = {
  scifact: 0.662,
  cranfield: 0.316,
  stackfaq: 0.623,
  vaswani: 0.37,
  cisi: 0.296,
  'limit-small': 0.997,
  'xquad-en': 0.838,
  'xquad-de': 0.744,
  'xquad-es': 0.8,
  'xquad-zh': 0.813,
};

/** Codes of the dial that a bar names. */
const dialBars = [
  { bytes: 98, code: 'rotation, tables > 100 > 2 planes', atLeast: 0.99 },
  { bytes: 48, code: 'rotation, tables', atLeast: 0.975 },
];

export function barsOf(sets: readonly MeasuredSet[], dial: ReadonlyMap<string, readonly DialRow[]>): Bar[] {
  const bars: Bar[] = [];
  const add = (name: string, value: number, atLeast: number, note = '') =>
    bars.push({ name, value, atLeast, met: value >= atLeast, note });
  const named = (names: readonly string[]) => sets.filter(({ name }) => names.includes(name));
  const ndcg = (set: MeasuredSet, list: ListName) => set.lists[list].ndcg10;

  const dense = named([...five, 'xquad-en']);
  const namesOf = (of: readonly { name: string }[]) => of.map(({ name }) => name).join(', ');
  if (dense.length > 0) {
    const ratio =
      meanOver(dense, (set) => ndcg(set, 'vector')) / meanOver(dense, (set) => ndcg(set, 'float'));
    add('codes of 194 bytes, of float cosine', ratio, 0.998, namesOf(dense));
  }
  const [mdn] = named(['mdn']);
  if (mdn) add('codes of 194 bytes, of float cosine on mdn', ndcg(mdn, 'vector') / ndcg(mdn, 'float'), 0.998);
  for (const [part, names] of [
    ['', [...five, 'xquad-en']],
    [' on mdn', ['mdn']],
  ] as const) {
    const rows = names.flatMap((name) => (dial.has(name) ? [dial.get(name)!] : []));
    if (rows.length === 0) continue;
    const float = meanOver(rows, ([row]) => row!.ndcg10);
    for (const { bytes, code, atLeast } of dialBars) {
      const mean = meanOver(rows, (of) => of.find((row) => row.code === code)?.ndcg10 ?? 0);
      add(`codes of ${bytes} bytes (${code}), of float cosine${part}`, mean / float, atLeast);
    }
  }

  const gainOf = (set: MeasuredSet) =>
    ndcg(set, 'fused') - Math.max(ndcg(set, 'lexical'), ndcg(set, 'vector'));
  const judged = sets.filter(({ kind }) => kind !== 'proxy');
  for (const [part, of] of [
    ['', judged],
    [', proxies', sets.filter(({ kind }) => kind === 'proxy')],
  ] as const) {
    const least = [...of].sort((a, b) => gainOf(a) - gainOf(b));
    const missed = least.filter((set) => gainOf(set) < -0.005);
    if (least.length > 0)
      add(
        `fused − better leg on each set${part}`,
        gainOf(least[0]!),
        -0.005,
        missed.length > 0
          ? `missed on ${missed.map((set) => `${set.name} ${gainOf(set).toFixed(3)}`).join(', ')}`
          : `least on ${least[0]!.name}`,
      );
  }
  const means: [string, readonly MeasuredSet[]][] = [
    ['the five', named(five)],
    ['all but proxies', judged],
    ['unseen', judged.filter((set) => !set.seen)],
  ];
  for (const [name, of] of means)
    if (of.length > 0) add(`fused − better leg, mean over ${name}`, meanOver(of, gainOf), 0.015, namesOf(of));

  const plain = sets
    .filter(({ name }) => name in plainWords)
    .map((set) => ({ name: set.name, over: ndcg(set, 'lexical') - plainWords[set.name]! }))
    .sort((a, b) => a.over - b.over);
  const below = plain.filter(({ over }) => over <= 0);
  if (plain[0])
    bars.push({
      name: 'words − plain BM25 on each set',
      value: plain[0].over,
      atLeast: 0,
      // Above, not equal.
      met: below.length === 0,
      note: below.length > 0 ? `missed on ${namesOf(below)}` : `least on ${plain[0].name}`,
    });

  if (mdn) {
    const answered = (list: ListName) => mdn.lists[list].success5 * mdn.queries;
    add('mdn: success@5', mdn.lists.fused.success5, 0.76);
    add('mdn: questions over the lexical tier', Math.round(answered('fused') - answered('lexical')), 9);
    add('mdn: nDCG@10', ndcg(mdn, 'fused'), 0.51);
  }
  return bars;
}

function meanOver<T>(of: readonly T[], value: (one: T) => number): number {
  return of.reduce((sum, one) => sum + value(one), 0) / of.length;
}
