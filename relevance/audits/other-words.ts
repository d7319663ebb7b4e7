/**
 * Questions that share no stem with the title of any page that answers them (method N11): described, not named.
 * In: a prepared collection. Out: size of that slice, and nDCG@10 in it by words, by meaning and by both.
 * Nothing where pages have no titles, or no query falls into the slice.
 */
import { mean } from '../../src/eval/metrics';
import { loadAnalyser } from '../../src/lexical/analyser';
import type { Prepared } from '../prepare';
import { barred, figure, judged, type Row, relevantOf } from './row';

/** Fewer queries are chance: figures, but no verdict. */
const fewestQueries = 10;

export async function otherWords(prepared: Prepared): Promise<Row[]> {
  const analyser = await loadAnalyser(prepared.language);
  const titles = new Map(prepared.pages.map(({ id, title }) => [id, title]));
  const queries = await judged(prepared);
  const titled = queries.filter(({ grades }) => relevantOf(grades).some((id) => titles.get(id)));
  const slice = titled.filter(({ text, grades }) => {
    const stems = new Set(analyser.terms(text));
    return relevantOf(grades).every(
      (id) => !analyser.terms(titles.get(id) ?? '').some((stem) => stems.has(stem)),
    );
  });
  if (slice.length === 0) return [];
  const [words, meaning, both] = (['lexical', 'vector', 'fused'] as const).map((leg) =>
    mean(slice.map(({ lists }) => lists[leg].ndcg10)),
  ) as [number, number, number];
  const verdict = (name: string, value: number) =>
    slice.length < fewestQueries
      ? figure(name, value)
      : barred(name, value, '≥ 1.5 × words', value >= 1.5 * words);
  return [
    figure(`other words than the title: queries, of ${titled.length}`, slice.length),
    figure('other words than the title: nDCG@10 by words', words),
    verdict('other words than the title: nDCG@10 by meaning', meaning),
    verdict('other words than the title: nDCG@10', both),
  ];
}
