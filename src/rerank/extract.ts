/**
 * What of a page a reranker reads: its title and the sentences that say most about the query.
 * In: pages with their best passages, the query's words marked in them, a token count. Out: one short text a page.
 * A sentence is worth the words it holds; a word already held by a chosen sentence is worth less for the next one.
 * Marks are taken as the search made them: analysing the passages once more would take a third of the time box.
 * Source: Zou et al. 2021 (Baidu, query-weighted summary extraction).
 */
import { type CountTokens, cutToFit, sentences } from '../text/cut';
import type { Mark } from '../types';

/** A page to be reranked; a Hit is one. */
export interface RerankCandidate {
  title: string;
  /** Best first. */
  passages: readonly { text: string; marks: readonly Mark[] }[];
}

export interface ExtractOptions {
  countTokens: CountTokens;
  /** The extract's length, title included. Default 96. Units: tokens. */
  maxTokens?: number;
  /** Default 3. */
  maxSentences?: number;
}

/** Units: tokens. */
export const extractTokens = 96;
const defaultSentences = 3;
/** A title that is longer is cut. */
const titleShare = 1 / 3;
/** What a word is worth again each time a chosen sentence holds it. */
const coveredDecay = 0.5;

interface Sentence {
  text: string;
  /** Marked words by their spelling, each once. */
  words: string[];
}

/** One extract for each candidate, made when it is asked for: time may be up before the last one. */
export function* extracts(
  candidates: readonly RerankCandidate[],
  { countTokens, maxTokens = extractTokens, maxSentences = defaultSentences }: ExtractOptions,
): Generator<string, void> {
  const read = candidates.map(({ passages }) => passages.flatMap(readSentences));
  const weights = wordWeights(read.flat());
  for (const [i, { title }] of candidates.entries()) {
    const head = cutToFit(title.trim(), Math.floor(maxTokens * titleShare), countTokens);
    const chosen = choose(read[i]!, weights, maxSentences);
    const body = fill(read[i]!, chosen, maxTokens - countTokens(head), countTokens);
    yield [head && /[\p{L}\p{N}]$/u.test(head) ? `${head}.` : head, ...body].filter(Boolean).join(' ');
  }
}

function readSentences({ text, marks }: RerankCandidate['passages'][number]): Sentence[] {
  const found: Sentence[] = [];
  let at = 0;
  for (const sentence of sentences(text)) {
    const end = at + sentence.length;
    const held = marks.filter(([from, to]) => from >= at && to <= end);
    const words = new Set(held.map(([from, to]) => text.slice(from, to).toLowerCase()));
    const trimmed = sentence.trim();
    if (trimmed !== '') found.push({ text: trimmed, words: [...words] });
    at = end;
  }
  return found;
}

/** The words' rarity among the sentences of all candidates: what nearly all of them say tells none from the others. */
export function wordWeights(read: readonly { words: readonly string[] }[]): Map<string, number> {
  const holders = new Map<string, number>();
  for (const { words } of read) for (const word of words) holders.set(word, (holders.get(word) ?? 0) + 1);
  const weightOf = (df: number) => Math.log(1 + (read.length - df + 0.5) / (df + 0.5));
  return new Map([...holders].map(([word, df]) => [word, weightOf(df)]));
}

/** Places of the sentences to read, the best one first. Where no word of the query stands: the first ones. */
function choose(list: readonly Sentence[], weights: ReadonlyMap<string, number>, count: number): number[] {
  const worth = new Map(weights);
  const rest = new Set(list.keys());
  const chosen: number[] = [];
  while (chosen.length < count && rest.size > 0) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const place of rest) {
      const sum = list[place]!.words.reduce((total, word) => total + worth.get(word)!, 0);
      // Ties go to the better passage, then to its beginning.
      if (sum > most) [best, most] = [place, sum];
    }
    for (const word of list[best]!.words) worth.set(word, worth.get(word)! * coveredDecay);
    chosen.push(best);
    rest.delete(best);
  }
  return chosen;
}

/** The chosen sentences in reading order, as many as fit; the last one that does not is cut. */
function fill(
  list: readonly Sentence[],
  chosen: readonly number[],
  room: number,
  count: CountTokens,
): string[] {
  const taken = new Map<number, string>();
  let left = room;
  for (const place of chosen) {
    const text = cutToFit(list[place]!.text, left, count);
    if (text === '') break;
    taken.set(place, text);
    left -= count(text);
  }
  return [...taken].sort(([a], [b]) => a - b).map(([, text]) => text);
}
