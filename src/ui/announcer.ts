/**
 * What a screen reader hears: one sentence once things have settled, never one a keystroke.
 * In: sentences as they arise. Out: the last of them, after a pause, through `write`.
 */
import type { Answer } from '../types';
import { sameOrder } from './hit-list';
import { fill, type Strings } from './strings';

/** The sentence for an answer that follows `previous` (null: the first answer of its query). */
export function answerSentence(
  previous: Answer | null,
  answer: Answer,
  strings: Strings,
  language: string,
): string {
  const n = answer.hits.length;
  if (n === 0) return fill(strings.none, { query: answer.query }, language);
  const improved = previous?.hits.length && !sameOrder(previous.hits, answer.hits);
  return fill(improved ? strings.improved : strings.found, { n }, language);
}

/** Debounced writer of a live region. */
export class Announcer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #write: (sentence: string) => void;
  readonly #pauseMs: number;

  /** `pauseMs`: longer than the pause between keystrokes, or readers hear every intermediate count. */
  constructor(write: (sentence: string) => void, pauseMs = 700) {
    this.#write = write;
    this.#pauseMs = pauseMs;
  }

  /** Replaces whatever has not been said yet; '' only silences it. */
  say(sentence: string): void {
    clearTimeout(this.#timer);
    // Emptied first, because a region whose text does not change is not read again.
    this.#write('');
    if (sentence) this.#timer = setTimeout(() => this.#write(sentence), this.#pauseMs);
  }
}
