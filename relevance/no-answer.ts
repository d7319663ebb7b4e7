/**
 * Can the pipeline tell that nothing here answers? (methods J3, with J1 and J2)
 * In: prepared collections. Out: AUROC and AUPR of each signal on questions of other sets (foreign) and on questions
 * whose judged pages were taken out (removed), and what a threshold set without labels would show to readers.
 * Source: Hendrycks & Gimpel 2017 (max-softmax, the baseline); Liu et al. 2020 (free energy).
 */
import { type Collection, openCollections, siteCollection } from './collections';
import { openModels } from './models';
import { chosen, type Evidence, judgedPages, look, rowOf } from './no-answer-evidence';
import { mappedAreas, shownPrecision } from './no-answer-mapping';
import { type Prepared, prepare } from './prepare';

/** Higher: more likely that there is an answer. */
type Signal = (evidence: Evidence) => number;

/** −free energy at temperature T: the maximum, plus something for every other passage nearly as close. */
const energy = ({ cosines, pages }: Evidence, t: number): number => {
  let sum = 0;
  for (const cosine of cosines) sum += Math.exp((cosine - pages[0]!) / t);
  return pages[0]! + t * Math.log(sum);
};
const maxSoftmax = (evidence: Evidence, t: number): number =>
  Math.exp((evidence.pages[0]! - energy(evidence, t)) / t);

/** Per query, not per index: an index's own mean and spread move no AUROC. */
const standardised: Signal = ({ cosines, pages }) => {
  let sum = 0;
  let squares = 0;
  for (const cosine of cosines) {
    sum += cosine;
    squares += cosine * cosine;
  }
  const mean = sum / cosines.length;
  return (pages[0]! - mean) / Math.sqrt(Math.max(1e-12, squares / cosines.length - mean * mean));
};

/**
 * T is .05 where the model's own training scale (20) sets it; other temperatures and the mixtures' weights were looked
 * at on the English sets and mdn, so their figures there are kind to them.
 */
export const signals: Record<string, Signal> = {
  'top-1 cosine': ({ pages }) => pages[0]!,
  'max-softmax, T .05': (evidence) => maxSoftmax(evidence, 0.05),
  'max-softmax, T .1': (evidence) => maxSoftmax(evidence, 0.1),
  'energy, T .02': (evidence) => energy(evidence, 0.02),
  'energy, T .05': (evidence) => energy(evidence, 0.05),
  'z within the query': standardised,
  'gap 1 to 10': ({ pages }) => pages[0]! - pages[Math.min(9, pages.length - 1)]!,
  'words covered': ({ covered }) => covered,
  'all words covered': ({ coveredOfAll }) => coveredOfAll,
  'top-1 fused': ({ fused }) => fused,
  'cosine + .05 all words': ({ pages, coveredOfAll }) => pages[0]! + 0.05 * coveredOfAll,
  'cosine + .25 all words': ({ pages, coveredOfAll }) => pages[0]! + 0.25 * coveredOfAll,
  'energy + .05 all words': (evidence) => energy(evidence, 0.02) + 0.05 * evidence.coveredOfAll,
  'energy + .1 all words': (evidence) => energy(evidence, 0.02) + 0.1 * evidence.coveredOfAll,
};
export const baselines = ['top-1 cosine', 'max-softmax, T .05'];

/** Queries of one set that are looked at, by hash. */
const mostQueries = 250;

export interface NoAnswerOutcome {
  name: string;
  queries: number;
  /** By signal. */
  foreign: Record<string, { auroc: number; aupr: number }>;
  removed: Record<string, { auroc: number; aupr: number }>;
  /** A threshold that 95 of 100 questions of half of the other sets stay below: shares of the rest, and of own ones, below. */
  shown: Record<string, { caught: number; falseAlarms: number }>;
  answered: Evidence[];
  absent: Evidence[];
}

/** Cost: queries × passages dot products, about three times over. */
export async function noAnswer(prepared: Prepared, others: readonly Prepared[]): Promise<NoAnswerOutcome> {
  const own = chosen(prepared, mostQueries);
  const each = Math.ceil(own.length / Math.max(1, others.length));
  const answered: Evidence[] = [];
  const removed: Evidence[] = [];
  for (const i of own) {
    const [whole, without] = await look(
      prepared,
      prepared.queries[i]!.text,
      rowOf(prepared, i),
      judgedPages(prepared, i),
    );
    answered.push(whole!);
    removed.push(without!);
  }
  const foreign: Evidence[][] = [];
  for (const other of others) {
    const list: Evidence[] = [];
    for (const i of chosen(other, each))
      list.push((await look(prepared, other.queries[i]!.text, rowOf(other, i)))[0]!);
    foreign.push(list);
  }
  const compare = (absent: readonly Evidence[]) =>
    perSignal((signal) => areas(answered.map(signal), absent.map(signal)));
  return {
    name: prepared.name,
    queries: own.length,
    answered,
    absent: removed,
    foreign: compare(foreign.flat()),
    removed: compare(removed),
    shown: perSignal((signal) => {
      const [bank, unseen] = [0, 1].map((half) =>
        foreign
          .filter((_, i) => i % 2 === half)
          .flat()
          .map(signal),
      );
      const threshold = bank!.sort((a, b) => a - b)[Math.floor(0.95 * bank!.length)] ?? 0;
      const below = (values: readonly number[]) =>
        values.filter((value) => value < threshold).length / Math.max(1, values.length);
      return { caught: below(unseen!), falseAlarms: below(answered.map(signal)) };
    }),
  };
}

function perSignal<T>(measure: (signal: Signal) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(signals).map(([name, signal]) => [name, measure(signal)]));
}

/** AUROC of telling answered from absent, and AUPR with absent as what is to be found. Ties count half. */
export function areas(
  answered: readonly number[],
  absent: readonly number[],
): { auroc: number; aupr: number } {
  const all = [
    ...answered.map((value) => ({ value, isAbsent: false })),
    ...absent.map((value) => ({ value, isAbsent: true })),
  ];
  all.sort((a, b) => a.value - b.value);
  let found = 0;
  let wrong = 0;
  let ordered = 0;
  let aupr = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    const absentHere = all.slice(from, to).filter(({ isAbsent }) => isAbsent).length;
    const answeredHere = to - from - absentHere;
    ordered += answeredHere * (found + absentHere / 2);
    found += absentHere;
    wrong += answeredHere;
    aupr += (absentHere / absent.length) * (found / (found + wrong));
    from = to;
  }
  return { auroc: ordered / (answered.length * absent.length), aupr };
}

export function noAnswerTable(outcomes: readonly NoAnswerOutcome[]): string {
  const lines: string[] = [];
  const number = (value: number) => value.toFixed(3).replace(/^0/, '');
  const table = (title: string, pick: (outcome: NoAnswerOutcome, signal: string) => number) => {
    lines.push('', `| ${title} | ${outcomes.map(({ name }) => name).join(' | ')} | mean | least |`);
    lines.push(`| --- |${' ---: |'.repeat(outcomes.length + 2)}`);
    for (const signal of Object.keys(signals)) {
      const values = outcomes.map((outcome) => pick(outcome, signal));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      lines.push(`| ${signal} | ${[...values, mean, Math.min(...values)].map(number).join(' | ')} |`);
    }
  };
  table('removed pages, AUROC', (outcome, signal) => outcome.removed[signal]!.auroc);
  const mapped = mappedAreas(outcomes, areas);
  lines.push(
    `| mapping fitted on the other sets | ${[...mapped, mapped.reduce((a, b) => a + b, 0) / mapped.length, Math.min(...mapped)].map(number).join(' | ')} |`,
  );
  table('removed pages, AUPR', (outcome, signal) => outcome.removed[signal]!.aupr);
  table('foreign questions, AUROC', (outcome, signal) => outcome.foreign[signal]!.auroc);
  table('foreign questions, AUPR', (outcome, signal) => outcome.foreign[signal]!.aupr);
  table('foreign, caught', (outcome, signal) => outcome.shown[signal]!.caught);
  table('own, false alarms', (outcome, signal) => outcome.shown[signal]!.falseAlarms);
  lines.push('', verdict(outcomes));
  return lines.join('\n');
}

/** J3's bar: foreign AUROC at least .99 on every set, and below neither baseline on any set's removed pages. */
function verdict(outcomes: readonly NoAnswerOutcome[]): string {
  const passing = Object.keys(signals).filter((signal) =>
    outcomes.every(
      ({ foreign, removed }) =>
        foreign[signal]!.auroc >= 0.99 &&
        baselines.every((baseline) => removed[signal]!.auroc >= removed[baseline]!.auroc),
    ),
  );
  return `Signals that pass on every set: ${passing.join(', ') || 'none'}.`;
}

/** Arguments: data folder, cache folder, the built encode.thread.js, sets by name; `name=folder=questions` for a site. */
export async function main([data = '', cache = '', ...names]: string[]): Promise<void> {
  const models = await openModels();
  const open = openCollections(data).filter(({ language }) => language === 'en');
  const collections: Collection[] = names.map((name) => {
    const [site, folder, questions] = name.split('=');
    return folder && questions
      ? siteCollection(site!, folder, questions)
      : open.find((one) => one.name === name)!;
  });
  const all: Prepared[] = [];
  for (const collection of names.length > 0 ? collections : open)
    all.push(await prepare(collection, { models, cache, maxTokens: 256 }));
  await models.close();
  const outcomes: NoAnswerOutcome[] = [];
  for (const prepared of all) {
    outcomes.push(
      await noAnswer(
        prepared,
        all.filter((other) => other !== prepared),
      ),
    );
    console.error(prepared.name);
  }
  console.log(noAnswerTable(outcomes));
  const judgedByMany = all.filter(({ name }) => ['cranfield', 'cisi', 'vaswani'].includes(name));
  if (judgedByMany.length === 3) console.log(shownPrecision(judgedByMany));
}
