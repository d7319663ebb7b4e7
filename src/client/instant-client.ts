/**
 * The instant tier of an index that also has a model: it answers while the model cannot, on the page's own thread.
 * In: a way to open it, queries. Out: answers by words, then by words and meaning; a state with its reason.
 * Its code is a file of its own, loaded with the first query that wants it.
 */
import { describe, isAbort, NearbitError } from '../errors';
import type { Answer, SearchOptions } from '../types';
import type { InstantIndex } from './instant-index';
import type { InstantReport, Status } from './status';

export interface InstantClientOptions {
  open(): Promise<InstantIndex>;
  /** Hears of every change of state, and of what the tier has read. */
  onChange(): void;
  /** Hears why a query went on without the tier. */
  onTrouble(message: string): void;
}

type State = InstantReport['state'] | 'absent';

export class InstantClient {
  /** `absent`: the index has no instant tier. */
  state: State = 'idle';
  reason = '';
  readonly #options: InstantClientOptions;
  #opening: Promise<InstantIndex | null> | null = null;
  #index: InstantIndex | null = null;

  constructor(options: InstantClientOptions) {
    this.#options = options;
  }

  /** Whether a query may hope for an answer. */
  get isUsable(): boolean {
    return this.state === 'idle' || this.state === 'ready';
  }

  /** Its part of the index's status. */
  get status(): Pick<Status, 'instant'> {
    if (this.state === 'absent') return {};
    const read = this.#index?.status.instant ?? { range: 'untried', rangeReason: '', requests: 0, bytes: 0 };
    return { instant: { ...read, state: this.state, reason: this.reason } };
  }

  /** Null when it cannot be had: `state` and `reason` tell why. It is not tried again: the index has words of its own. */
  open(): Promise<InstantIndex | null> {
    this.#opening ??= this.#options.open().then(
      (index) => {
        this.#index = index;
        index.addEventListener('status', this.#options.onChange);
        this.#set('ready', '');
        return index;
      },
      (error) => {
        const isMissing = error instanceof NearbitError && error.code === 'index-missing';
        this.#set(isMissing ? 'absent' : 'failed', describe(error));
        return null;
      },
    );
    return this.#opening;
  }

  /**
   * Answers until `better` brings one, which no answer of this tier may follow; none where the tier is not to be had.
   * Errors: AbortError.
   */
  async *steps(
    query: string,
    options: Omit<SearchOptions, 'tier'>,
    better: Promise<unknown> | null,
  ): AsyncGenerator<Answer, void, undefined> {
    if (!this.isUsable) return;
    const overtaken = new Promise<null>((resolve) => {
      better?.then(
        (answer) => answer && resolve(null),
        () => {},
      );
    });
    const index = await Promise.race([this.open(), overtaken]);
    if (!index) return;
    try {
      const steps = index.searchSteps(query, options);
      for (;;) {
        const step = await Promise.race([steps.next(), overtaken]);
        if (!step?.value) return;
        yield step.value;
      }
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#options.onTrouble(describe(error));
    }
  }

  async close(): Promise<void> {
    this.#index?.removeEventListener('status', this.#options.onChange);
    await this.#index?.close();
  }

  #set(state: State, reason: string): void {
    this.state = state;
    this.reason = reason;
    this.#options.onChange();
  }
}
