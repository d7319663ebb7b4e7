/**
 * Which sentence of a paragraph answers: do embeddings find it more often than words?
 * In: folders in xquad-r's layout (sentences with their paragraph, questions with the sentence that answers). Out: the share
 * of questions whose sentence comes first in its paragraph, by words (what hits quote), by embeddings of single sentences,
 * and by tokens of sentences encoded inside their paragraph (MaxSim: each token of the question takes its nearest).
 * Nothing is fitted. The model is English and asked in English only.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeModelFolder } from '../src/embed/node-encoder.node';
import { openNativeSession } from '../src/embed/ort-node.node';
import { normalise, poolEmbedding } from '../src/embed/pooling';
import { readTokenizer } from '../src/embed/tokenizer';
import { readJudgedQueries } from '../src/eval/beir.node';
import { loadAnalyser } from '../src/lexical/analyser';
import { markTerms } from '../src/lexical/marks';
import { queryTerms } from '../src/lexical/query';
import { matchingSentence, sentenceVotes } from '../src/search/sentence';
import { normaliseText } from '../src/text';
import type { Mark } from '../src/types';
import type { Figure, Report } from './figures';
import { model } from './site';

export const question = 'How often does the sentence that answers come first in its paragraph?';

export const options = {
  /** Folder with one folder per language. */
  data: { type: 'string' },
  languages: { type: 'string', default: 'en,de,es,zh' },
} as const;

interface Paragraph {
  text: string;
  /** Of each sentence in `text`, and its name. */
  sentences: { id: string; span: Mark }[];
}

interface Question {
  text: string;
  paragraph: Paragraph;
  /** The judged sentence. */
  answer: Mark;
}

export async function run({ data, languages }: { data?: string; languages: string }): Promise<Report> {
  if (!data) throw new Error('Cannot choose sentences: expected --data, received none');
  const figures: Figure[] = [];
  let asked = 0;
  for (const language of languages.split(',')) {
    const questions = await readQuestions(join(data, language), language);
    asked += questions.length;
    const share = (right: number) => right / questions.length;
    const byWords = await chooseByWords(questions, language);
    const right = byWords.filter(({ chosen }, i) => isAnswer(chosen, questions[i]!)).length;
    const bar = language === 'en' ? { atLeast: 0.8 } : {};
    figures.push({ name: `${language}: words`, value: share(right), unit: '', ...bar });
    const tied = byWords.filter(({ isTie }) => isTie).length;
    figures.push({ name: `${language}: undecided by words`, value: share(tied), unit: 'of the questions' });
    if (language === 'en') for (const figure of await chooseByModel(questions, byWords)) figures.push(figure);
  }
  return { corpus: `${data}, ${asked} questions`, figures };
}

async function readQuestions(folder: string, language: string): Promise<Question[]> {
  const paragraphs = new Map<string, Paragraph>();
  const home = new Map<string, { paragraph: Paragraph; span: Mark }>();
  for (const line of (await readFile(join(folder, 'corpus.jsonl'), 'utf8')).trim().split('\n')) {
    const { _id: id, text, metadata } = JSON.parse(line);
    const paragraph: Paragraph = paragraphs.get(metadata.paragraph) ?? { text: '', sentences: [] };
    paragraphs.set(metadata.paragraph, paragraph);
    if (paragraph.text !== '' && language !== 'zh') paragraph.text += ' ';
    const start = paragraph.text.length;
    paragraph.text += normaliseText(text);
    const span: Mark = [start, paragraph.text.length];
    paragraph.sentences.push({ id, span });
    home.set(id, { paragraph, span });
  }
  const { queries } = await readJudgedQueries(folder);
  return queries.map(({ text, grades }) => {
    const { paragraph, span } = home.get([...grades.keys()][0]!)!;
    return { text, paragraph, answer: span };
  });
}

interface WordChoice {
  chosen: Mark | null;
  isTie: boolean;
  /** Spans that are as good as the chosen one; all where no word stands. */
  best: Mark[];
}

async function chooseByWords(questions: readonly Question[], language: string): Promise<WordChoice[]> {
  const analysers = [await loadAnalyser(language)];
  return questions.map(({ text, paragraph }) => {
    const marks = markTerms(paragraph.text, queryTerms(normaliseText(text), analysers), analysers);
    const all = sentenceVotes(paragraph.text, marks);
    const most = Math.max(...all.map(({ votes }) => votes));
    const best = all.filter(({ votes }) => votes > most - 1e-9).map(({ span }) => span);
    return { chosen: matchingSentence(paragraph.text, marks), isTie: best.length > 1, best };
  });
}

/** Our cut and the judges' may differ: the sentence with most of the span counts. */
function isAnswer(chosen: Mark | null, { answer, paragraph }: Question): boolean {
  if (!chosen) return paragraph.sentences[0]!.span === answer;
  const overlap = (span: Mark) => Math.min(span[1], chosen[1]) - Math.max(span[0], chosen[0]);
  return paragraph.sentences.every(({ span }) => overlap(span) <= overlap(answer));
}

async function chooseByModel(
  questions: readonly Question[],
  byWords: readonly WordChoice[],
): Promise<Figure[]> {
  const files = nodeModelFolder(model);
  const tokenizer = await readTokenizer(files);
  const path = 'onnx/model_quantized.onnx';
  const session = await openNativeSession({ path, bytes: (await files.read(path))! }, 1);
  const maxTokens = 512;
  const [open, close] = tokenizer.encode('', maxTokens) as [number, number];
  const inner = (text: string) => [...tokenizer.encode(text, maxTokens)].slice(1, -1);
  const encode = async (ids: readonly number[]) => session.run([open, ...ids.slice(0, maxTokens - 2), close]);
  const pooled = async (text: string) => {
    const { hidden, tokens, dim } = await encode(inner(text));
    return poolEmbedding(hidden, tokens, dim, 'mean');
  };
  const cached = new Map<Paragraph, { single: Float32Array[]; rows: Float32Array[][] }>();
  const read = async (paragraph: Paragraph) => {
    const texts = paragraph.sentences.map(({ span }) => paragraph.text.slice(...span));
    const parts = texts.map(inner);
    const { hidden, dim, tokens } = await encode(parts.flat());
    let row = 1;
    const rows = parts.map((part) => {
      const from = row;
      row = Math.min(tokens - 1, row + part.length);
      return tokenRows(hidden, from, row, dim);
    });
    const single: Float32Array[] = [];
    for (const text of texts) single.push(await pooled(text));
    const result = { single, rows };
    cached.set(paragraph, result);
    return result;
  };
  const right = { single: 0, tokens: 0, undecided: 0, undecidedSingle: 0 };
  for (const [i, asked] of questions.entries()) {
    const { paragraph, answer } = asked;
    const { single, rows } = cached.get(paragraph) ?? (await read(paragraph));
    const { hidden, tokens, dim } = await encode(inner(asked.text));
    const query = poolEmbedding(hidden, tokens, dim, 'mean');
    const queryRows = tokenRows(hidden, 1, tokens - 1, dim);
    const bySentence = single.map((embedding) => dot(embedding, query));
    const byTokens = rows.map((sentence) => maxSim(queryRows, sentence));
    const first = (scores: readonly number[]) =>
      paragraph.sentences[scores.indexOf(Math.max(...scores))]!.span;
    if (first(bySentence) === answer) right.single++;
    if (first(byTokens) === answer) right.tokens++;
    const { chosen, isTie, best } = byWords[i]!;
    /** Words where they decide, else the model among the best. */
    const among = (scores: readonly number[]) => {
      if (!isTie) return isAnswer(chosen, asked);
      const isBest = paragraph.sentences.map(({ span }) =>
        best.some(([start, end]) => start < span[1] && end > span[0]),
      );
      return first(scores.map((score, j) => (isBest[j] ? score : Number.NEGATIVE_INFINITY))) === answer;
    };
    if (among(byTokens)) right.undecided++;
    if (among(bySentence)) right.undecidedSingle++;
  }
  await session.release();
  const figure = (name: string, value: number): Figure => ({
    name: `en: ${name}`,
    value: value / questions.length,
    unit: '',
  });
  return [
    figure('embeddings of single sentences', right.single),
    figure('words, then embeddings where undecided', right.undecidedSingle),
    figure('tokens encoded in the paragraph (MaxSim)', right.tokens),
    figure('words, then tokens where undecided', right.undecided),
  ];
}

/** Rows of length 1. Shapes: hidden f32[tokens × dim]. */
function tokenRows(hidden: Float32Array, from: number, to: number, dim: number): Float32Array[] {
  return Array.from({ length: to - from }, (_, i) =>
    normalise(hidden.subarray((from + i) * dim, (from + i + 1) * dim)),
  );
}

/** Mean over the question's tokens of the best cosine with a token of the sentence. */
function maxSim(query: readonly Float32Array[], sentence: readonly Float32Array[]): number {
  let sum = 0;
  for (const token of query) sum += Math.max(-1, ...sentence.map((other) => dot(token, other)));
  return sum / query.length;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
