/**
 * What taking each language's mean out of its embeddings would bring (row M1): measured, not built.
 * In: the parallel questions with their embeddings. Out: answers found in other languages in one index of all, answers in
 * the question's own language, and how far ranks move, before and after.
 * Documents lose their language's mean over all its passages. Queries lose a mean over the other half of the questions
 * of their language, so that no question is centred by itself; a site would have to guess it from queries of its own.
 */
import { mean } from '../src/eval/metrics';
import { type Asked, cosinesOver } from './language-questions';
import { beside, centred, meanGain, meanRankVariance, momentsOf, ranksOf } from './language-scores';

export interface CentredRow {
  model: string;
  way: 'as they are' | 'mean of the language out' | 'mean out, each dimension scaled';
  /** Share of the right sentences in the three other languages among the first 10 of one index of all languages. */
  otherRecall10: number;
  /** nDCG@10 over the pages of the question's language alone, mean over languages. */
  ownNdcg10: number;
  /** Mean rank variance over English pages, ranks up to 100. */
  rankVariance: number;
}

export function measureCentred(model: string, asked: readonly Asked[]): CentredRow[] {
  return [
    { model, way: 'as they are', ...valuesOf(asked) },
    { model, way: 'mean of the language out', ...valuesOf(asked.map((own) => centre(own, false))) },
    { model, way: 'mean out, each dimension scaled', ...valuesOf(asked.map((own) => centre(own, true))) },
  ];
}

function valuesOf(asked: readonly Asked[]): Omit<CentredRow, 'model' | 'way'> {
  const starts = asked.map((_, i) => asked.slice(0, i).reduce((sum, { layout }) => sum + layout.pages, 0));
  const others: number[] = [];
  const own: number[] = [];
  const overEnglish: number[][] = [];
  for (const [i, asking] of asked.entries()) {
    const tables = asked.map((pages) => cosinesOver(asking, pages));
    const all = beside(tables);
    for (const [j, answered] of asked.entries()) {
      if (i !== j) {
        const ranks = ranksOf(
          all,
          answered.right.map((page) => starts[j]! + page),
        );
        others.push(mean(ranks.map((rank) => (rank <= 10 ? 1 : 0))));
      } else own.push(meanGain(ranksOf(tables[j]!, answered.right)));
      if (answered.language === 'en') overEnglish.push(ranksOf(tables[j]!, answered.right));
    }
  }
  return { otherRecall10: mean(others), ownNdcg10: mean(own), rankVariance: meanRankVariance(overEnglish) };
}

function centre(own: Asked, scaled: boolean): Asked {
  const { dim, embeddings, queryEmbeddings } = own;
  const documents = momentsOf(embeddings, dim);
  // One scale for both sides: a dimension must weigh the same in question and answer.
  const scale = scaled ? { deviation: documents.deviation } : {};
  const half = Math.floor(queryEmbeddings.length / dim / 2) * dim;
  const halves = [queryEmbeddings.subarray(0, half), queryEmbeddings.subarray(half)] as const;
  const moved = new Float32Array(queryEmbeddings.length);
  moved.set(centred(halves[0], { mean: momentsOf(halves[1], dim).mean, ...scale }), 0);
  moved.set(centred(halves[1], { mean: momentsOf(halves[0], dim).mean, ...scale }), half);
  return {
    ...own,
    embeddings: centred(embeddings, { mean: documents.mean, ...scale }),
    queryEmbeddings: moved,
  };
}
