/**
 * The third step of a query: its first pages read by a cross-encoder in the model's worker, within a time box.
 * In: a full answer and a way to a longer one. Out: an answer in another order, or null where there is none.
 * A file of its own because it is loaded only where a reranker is configured. It loads its folder after the first full
 * answer and takes part from then on: an order that came seconds later would only be in the reader's way.
 */
import type { InferenceApi } from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import { describe, isAbort, NearbitError, WorkerError } from '../errors';
import { mostReranked } from '../rerank/depth';
import { type Reranked, rerankHits } from '../rerank/rerank-hits';
import type { Answer } from '../types';
import type { Device } from './device';
import type { NearbitIndex } from './nearbit-index';
import { abortable } from './newest';
import type { RerankerState, Status } from './status';

export interface RerankerOptions {
  /** The folder, a slash at its end. */
  url: string;
  /** Time box, from the full answer on. Units: milliseconds. */
  boxMs: number;
  device: Pick<Device, 'savesData'>;
  /** The worker with the index's model in it; null while there is none, undefined where the model runs in none of ours. */
  worker(): Connection<InferenceApi> | null | undefined;
  /** Hears of every change of state. */
  onChange(): void;
}

/** What the page must allow for a message to cross, so that the worker's last pair is not lost. Units: milliseconds. */
const crossingMs = 2;

export class RerankerClient {
  state: RerankerState = 'idle';
  reason = '';
  readonly #options: RerankerOptions;
  /** The worker that the folder was loaded in. */
  #holder: Connection<InferenceApi> | null = null;
  #loading: Promise<void> | null = null;

  /** Errors: NearbitError usage for another origin, or for a time that is none. */
  constructor(options: RerankerOptions) {
    const { url, boxMs } = options;
    const refuse = (expected: string, received: string | number, fix: string) => {
      throw new NearbitError('usage', { what: 'openIndex', expected, received, fix });
    };
    const here = globalThis.location?.origin;
    if (here && new URL(url).origin !== here)
      refuse(
        `a reranker on ${here}`,
        url,
        'serve its folder beside the page: nothing is asked of another origin',
      );
    if (!(boxMs >= 0)) refuse('rerankMs of 0 or more', boxMs, 'pass milliseconds, such as 60');
    this.#options = options;
  }

  /** Loads the folder where the model is, once per worker. Never rejects: `state` and `reason` tell. */
  load(): Promise<void> {
    const worker = this.#options.worker();
    if (worker === undefined)
      this.#set('failed', 'Not reranked: a reranker runs beside the model of an index alone');
    if (!worker) return Promise.resolve();
    if (worker === this.#holder && this.#loading && this.state !== 'failed') return this.#loading;
    this.#holder = worker;
    this.#loading = this.#load(worker);
    return this.#loading;
  }

  /** Its part of the index's status. */
  get status(): Pick<Status, 'reranker'> {
    return { reranker: { state: this.state, reason: this.reason } };
  }

  /**
   * Null: the answer stands as it is. `more` gives the same answer with so many hits. A reranker that has failed says so
   * in the answer's notices at once.
   * Errors: AbortError.
   */
  rerank(
    answer: Answer,
    more: (limit: number) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    if (this.state === 'failed') answer.notices.push(this.reason);
    const reranked = this.#rerank(answer, more, signal);
    // Nobody may come for it.
    reranked.catch(() => {});
    return reranked;
  }

  async #rerank(
    answer: Answer,
    more: (limit: number) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    const began = performance.now();
    if (this.#holder?.ended || this.#holder !== this.#options.worker()) this.#restart();
    if (this.state !== 'ready') {
      if (this.state === 'idle' && !this.#options.device.savesData) void this.load();
      return null;
    }
    const box = boxed(signal, this.#options.boxMs);
    try {
      const reranked = await abortable(this.#score(answer, more, began, box.signal), box.signal);
      if (!reranked || reranked.reached === 0) return null;
      const ms = performance.now() - began;
      return {
        ...answer,
        hits: reranked.hits.slice(0, answer.hits.length),
        ms: { ...answer.ms, rerank: ms, total: answer.ms.total + ms },
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isAbort(error) || box.signal.aborted) {
        this.#tell(`read no page in ${this.#options.boxMs} ms`);
        return null;
      }
      const reason = `Not reranked: ${describe(error)}`;
      if (error instanceof WorkerError || (error instanceof NearbitError && error.code === 'closed'))
        this.#restart();
      else this.#set('failed', reason);
      return { ...answer, notices: [...answer.notices, reason] };
    } finally {
      box.end();
    }
  }

  async #score(
    { query, hits: shown }: Answer,
    more: (limit: number) => Promise<Answer>,
    began: number,
    signal: AbortSignal,
  ): Promise<Reranked | null> {
    const { hits } = await more(Math.max(mostReranked, shown.length));
    const worker = this.#holder!;
    const reranked = await rerankHits(hits, (candidates) => {
      const leftMs = this.#options.boxMs - (performance.now() - began) - crossingMs;
      return worker.call('rerank', [query, candidates, leftMs], { signal });
    });
    if (reranked) {
      const { reached, wanted, pairMs } = reranked;
      const pace = `read ${reached} of ${wanted} pages in ${this.#options.boxMs} ms (${pairMs.toFixed(1)} ms a page)`;
      this.#tell(reached < wanted ? pace : '');
    }
    return reranked;
  }

  /** A reranker too slow for its box would otherwise do nothing without a word. */
  #tell(reason: string): void {
    if (reason !== this.reason) this.#set('ready', reason);
  }

  async #load(worker: Connection<InferenceApi>): Promise<void> {
    const { url } = this.#options;
    this.#set('loading', '');
    try {
      await worker.call('loadReranker', [{ url }]);
      if (this.#holder === worker) this.#set('ready', '');
    } catch (error) {
      // Another worker may have taken its place by now.
      if (this.#holder !== worker) return;
      if (worker.ended) this.#restart();
      else this.#set('failed', `Not reranked: ${describe(error)}`);
    }
  }

  #restart(): void {
    this.#holder = null;
    this.#loading = null;
    if (this.state === 'loading' || this.state === 'ready') this.#set('idle', '');
  }

  #set(state: RerankerState, reason: string): void {
    this.state = state;
    this.reason = reason;
    this.#options.onChange();
  }
}

/** Gives an index a reranker; one that cannot be had closes it. Errors: NearbitError usage. */
export async function addReranker(
  index: NearbitIndex,
  url: string,
  boxMs: number,
  device: Device,
): Promise<void> {
  try {
    const worker = () => index.model?.worker;
    index.useReranker(new RerankerClient({ url, boxMs, device, worker, onChange: () => index.hear() }));
  } catch (error) {
    await index.close();
    throw error;
  }
}

/** Browsers take a longer time for none. */
const longestTimerMs = 2 ** 31 - 1;

/** A signal that the outer one aborts, and the time. */
function boxed(outer: AbortSignal, ms: number): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const pass = () => controller.abort(outer.reason);
  if (outer.aborted) pass();
  outer.addEventListener('abort', pass);
  const expire = () => controller.abort(new DOMException('The time is used up', 'AbortError'));
  const timer = setTimeout(expire, Math.min(ms, longestTimerMs));
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      outer.removeEventListener('abort', pass);
    },
  };
}
