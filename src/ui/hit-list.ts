/**
 * The list as the reader sees it: which hits, in which order, and which row has the focus.
 * In: answers, arrow keys, a pointer. Out: hits to show and the active row.
 * Rule: a better order never moves the row that has the focus. Knows nothing of the DOM.
 */
import type { Answer, Hit } from '../types';
import { type Row, rowsOf } from './rows';

/** The list of one search box. */
export class HitList {
  /** Newest answer; while `pending`, that of an earlier query. */
  answer: Answer | null = null;
  /** The answer's hits as shown. */
  hits: readonly Hit[] = [];
  /** Id of the row that has the focus. */
  active: string | null = null;
  /** A query was asked and has no answer yet. */
  pending = false;

  /** A new query begins; what is shown stays until its first answer. */
  ask(): void {
    this.active = null;
    this.pending = true;
  }

  /** Takes an answer to the newest query. Gives the answer it improves on, null for the first. */
  take(answer: Answer): Answer | null {
    const previous = this.pending ? null : this.answer;
    const held = previous && this.row(this.active);
    if (!held) this.active = null;
    this.hits = holdInPlace(this.hits, answer.hits, held?.hit.id ?? null);
    this.answer = answer;
    this.pending = false;
    return previous;
  }

  clear(): void {
    this.answer = null;
    this.hits = [];
    this.active = null;
    this.pending = false;
  }

  /** No row has the focus any more, so the best order may be shown. */
  release(): void {
    this.active = null;
    this.hits = this.answer?.hits ?? [];
  }

  /** Moves the focus `by` rows, in a ring that the box itself is not part of. */
  step(by: 1 | -1): void {
    const rows = rowsOf(this.hits);
    const at = rows.findIndex((row) => row.id === this.active);
    const next = at < 0 && by < 0 ? rows.length - 1 : (at + by + rows.length) % rows.length;
    this.active = rows[next]?.id ?? null;
  }

  /** The row of that id. */
  row(id: string | null | undefined): Row | undefined {
    return rowsOf(this.hits).find((row) => row.id === id);
  }

  /** The row that Enter opens: the active one, or else the first. */
  target(): Row | undefined {
    return this.row(this.active) ?? rowsOf(this.hits)[0];
  }
}

/**
 * The better order, with everything down to the held page left as it is: what stands above a row decides where
 * the row is on the screen. Better hits that are not shown yet follow directly below the held page.
 * `held` is a hit's id, or null when the reader is on no row.
 */
export function holdInPlace(shown: readonly Hit[], better: readonly Hit[], held: string | null): Hit[] {
  const head = shown.slice(0, shown.findIndex((hit) => hit.id === held) + 1);
  const kept = new Set(head.map((hit) => hit.id));
  return [...head, ...better.filter((hit) => !kept.has(hit.id))];
}

/** Do both lists show the same pages in the same order? */
export function sameOrder(a: readonly Hit[], b: readonly Hit[]): boolean {
  return a.length === b.length && a.every((hit, i) => hit.id === b[i]!.id);
}
