/**
 * One typing error a query (method N6): what it costs each leg.
 * In: a prepared collection. Out: nDCG@10 with and without the error, on the same queries.
 * Errors spare the first letter, as typists do (Yannakoudakis & Fawthrop 1983): a letter left out, doubled by another,
 * replaced, or two neighbours exchanged, in one word of four letters or more.
 */
import { mean } from '../../src/eval/metrics';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { barred, figure, judged, legs, metricsOf, type Row, randomOf, rowOf } from './row';

const mostQueries = 300;
const longWord = /[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}]{4,}/gu;
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** The same error each time; null: no word is long enough. */
export function withTypingError(text: string): string | null {
  const random = randomOf(`error ${text}`);
  const draw = (n: number) => Math.floor(random() * n);
  const found = [...text.matchAll(longWord)];
  if (found.length === 0) return null;
  const { 0: word, index } = found[draw(found.length)]!;
  for (;;) {
    const at = 1 + draw(word.length - 1);
    const letter = letters[draw(letters.length)]!;
    const changed = [
      word.slice(0, at) + word.slice(at + 1),
      word.slice(0, at) + letter + word.slice(at),
      word.slice(0, at) + letter + word.slice(at + 1),
      word.slice(0, at) + (word[at + 1] ?? '') + word[at]! + word.slice(at + 2),
    ][draw(4)]!;
    if (changed.toLowerCase() !== word.toLowerCase())
      return text.slice(0, index) + changed + text.slice(index + word.length);
  }
}

export async function typingErrors(prepared: Prepared): Promise<Row[]> {
  const wrong = (await judged(prepared)).flatMap((query) => {
    const text = withTypingError(query.text);
    return text === null ? [] : [{ query, text }];
  });
  const sample = sampleBy(wrong, mostQueries, ({ text }) => text);
  if (sample.length === 0) return [];
  const embeddings = await prepared.embedQueries(sample.map(({ text }) => text));
  const rows = [figure('typing errors: queries', sample.length)];
  for (const leg of legs) {
    const after: number[] = [];
    for (const [i, { query, text }] of sample.entries()) {
      const embedding = rowOf(prepared, embeddings, i);
      after.push((await metricsOf(prepared, text, embedding, leg, query.grades)).ndcg10);
    }
    const before = mean(sample.map(({ query }) => query.lists[leg].ndcg10));
    const lost = before - mean(after);
    const name = `typing errors: ${leg} nDCG@10 lost, of ${before.toFixed(3)}`;
    rows.push(leg === 'fused' ? barred(name, lost, '≤ .05', lost <= 0.05) : figure(name, lost));
  }
  return rows;
}
