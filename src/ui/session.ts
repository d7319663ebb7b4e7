/**
 * The element's line to an index: opens it late, asks it, keeps only the newest query's answers.
 * In: an index or its address, queries. Out: what happens, through one listener. Knows nothing of the DOM.
 */
import type { Status } from '../client/status';
import { isAbort } from '../errors';
import type { Answer, SearchOptions } from '../types';
import { pauseMs } from './pace';

/** What the element asks of an index; `NearbitIndex` and `InstantIndex` are some. */
export interface SearchIndex {
  readonly status: Status;
  searchSteps(query: string, options: SearchOptions): AsyncIterable<Answer>;
  loadModel(): Promise<unknown>;
  close(): Promise<void>;
  addEventListener(type: 'status', listener: () => void): void;
  removeEventListener(type: 'status', listener: () => void): void;
}

/** What a session tells. */
export interface SessionEvents {
  status(status: Status): void;
  answer(answer: Answer): void;
  error(error: unknown): void;
}

/** One index in use. Errors go to the listener; no method rejects. */
export class SearchSession {
  readonly #open: () => Promise<SearchIndex>;
  readonly #owned: boolean;
  #events: SessionEvents | null;
  #index: Promise<SearchIndex | null> | null = null;
  #request: AbortController | null = null;
  #hurry: (() => void) | null = null;

  /**
   * `open` is called at the first need, and again after it failed.
   * `owned`: the session closes what `open` gave.
   */
  constructor(open: () => Promise<SearchIndex>, owned: boolean, events: SessionEvents) {
    this.#open = open;
    this.#owned = owned;
    this.#events = events;
  }

  /** Opens the index. `model`: also loads its model, if it waits for that and the reader does not save data. */
  async warm(model: boolean, savesData: boolean): Promise<void> {
    const index = await this.#connect();
    if (model && !savesData && index?.status.model === 'idle') await this.#load(index);
  }

  /** Loads the model because the reader said so. */
  async loadModel(): Promise<void> {
    const index = await this.#connect();
    if (index) await this.#load(index);
  }

  /**
   * Answers `query`; a later call or `stop` ends this one. Where answers cost bytes it waits until the typing pauses, unless
   * the query is `whole`.
   */
  async ask(query: string, options: Omit<SearchOptions, 'signal'>, whole = true): Promise<void> {
    this.stop();
    const began = performance.now();
    const request = new AbortController();
    this.#request = request;
    const { signal } = request;
    const index = await this.#connect();
    if (!index) return;
    const tier = options.tier === 'lexical' ? 'lexical' : index.status.tier;
    await this.#pause(pauseMs(query, tier, whole) - (performance.now() - began), signal);
    if (signal.aborted) return;
    try {
      for await (const answer of index.searchSteps(query, { ...options, signal })) {
        if (signal.aborted) return;
        this.#events?.answer(answer);
      }
    } catch (error) {
      // Also another user of the same index may have asked something newer.
      if (!signal.aborted && !isAbort(error)) this.#events?.error(error);
    }
  }

  /** The reader waits for the answer: the query is as it should be. */
  hurry(): void {
    this.#hurry?.();
  }

  /** Lets the running query go. */
  stop(): void {
    this.#request?.abort();
  }

  /** Ends the session; nothing is told after this call. */
  async end(): Promise<void> {
    this.stop();
    this.#events = null;
    const index = await this.#index;
    index?.removeEventListener('status', this.#onStatus);
    if (this.#owned) await index?.close();
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> | undefined {
    if (ms <= 0 || signal.aborted) return;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#hurry);
    });
  }

  /** Null when it could not be opened, which the listener has heard. */
  #connect(): Promise<SearchIndex | null> {
    this.#index ??= this.#open().then(
      (index) => {
        index.addEventListener('status', this.#onStatus);
        this.#events?.status(index.status);
        return index;
      },
      (error) => {
        this.#index = null;
        this.#events?.error(error);
        return null;
      },
    );
    return this.#index;
  }

  /** A model that cannot be had is no error of the search: the index's status says why. */
  async #load(index: SearchIndex): Promise<void> {
    await index.loadModel().catch((error) => {
      if (index.status.model !== 'failed') this.#events?.error(error);
    });
  }

  #onStatus = async (): Promise<void> => {
    const index = await this.#index;
    if (index) this.#events?.status(index.status);
  };
}
