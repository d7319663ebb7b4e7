/**
 * Who waits until nothing is left to be done hears it from the tab that does the work, whichever that is.
 * In: reports of this tab, and of the others over a BroadcastChannel. Out: promises that end with the first report that counts.
 * Deliberately not here: the work (background.ts).
 */
import { type PlainError, plainError, reviveError } from '../errors';

/** The tab at work has nothing more to do, or cannot do it. */
export interface IdleReport {
  /** State of the index that it has seen. */
  generation: number;
  /** It has a model to embed with. Without one only the blocks are in order. */
  deep: boolean;
  error: PlainError | null;
}

/** The channel's messages; `ask`: tells what holds now, for a tab that begins to wait. */
type Message = IdleReport | 'ask';

interface Waiter {
  generation: number;
  deep: boolean;
  settle(report: IdleReport): void;
}

export class IdleReports {
  readonly #channel: BroadcastChannel | null;
  readonly #waiters = new Set<Waiter>();
  #own: IdleReport | null = null;

  constructor(name: string) {
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (data !== 'ask') this.#hear(data, false);
      else if (this.#own) this.#channel?.postMessage(this.#own);
    });
  }

  /** This tab is at work again, or leaves the work to another one. */
  busy(): void {
    this.#own = null;
  }

  /** This tab, which does the work, has done it, or cannot. */
  tell(generation: number, deep: boolean, error: unknown = null): void {
    this.#own = { generation, deep, error: error === null ? null : plainError(error) };
    this.#channel?.postMessage(this.#own);
    this.#hear(this.#own, true);
  }

  /**
   * Resolves when a state no older than `generation` has nothing left to be done. `deep`: and its passages are embedded.
   * Errors: what keeps the work from being done; the signal's reason.
   */
  until(generation: number, deep: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        generation,
        deep,
        settle: ({ error }) => {
          signal.removeEventListener('abort', abort);
          this.#waiters.delete(waiter);
          if (error) reject(reviveError(error));
          else resolve();
        },
      };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
      if (this.#own) this.#hear(this.#own, true);
      this.#channel?.postMessage('ask' satisfies Message);
    });
  }

  close(): void {
    this.#channel?.close();
  }

  #hear(report: IdleReport, own: boolean): void {
    for (const waiter of [...this.#waiters]) {
      // A tab without a model gives the work up to one that has it, so its word is not the last.
      const counts = own || report.deep || !waiter.deep;
      if (counts && report.generation >= waiter.generation) waiter.settle(report);
    }
  }
}
