/**
 * An open index: queries to answers, through an index worker and a model.
 * In: queries. Out: answers, `status` events. The newest query wins: one that is still running ends with AbortError.
 * Deliberately not here: where the index and its model come from (open-index.ts).
 */
import type { Progress, WorkerEvent } from '../../workers/api';
import { isAbort, NearbitError } from '../errors';
import type { Answer, BlockKind, BlockRef, Manifest, SearchOptions } from '../types';
import type { Device } from './device';
import { Heard } from './heard';
import { IndexWorker, type IndexWorkerOptions } from './index-worker';
import { InstantClient, type InstantClientOptions } from './instant-client';
import { abortable, Newest } from './newest';
import type { QueryModel } from './query-model';
import type { RerankerClient } from './reranker-client';
import type { Status } from './status';

/** What an index is made of; `openIndex` puts it together. */
export interface IndexParts extends IndexWorkerOptions {
  device: Device;
}

/** A full answer, and what becomes of it where a reranker is configured (null: it stands). */
interface FullStep {
  answer: Answer;
  reranked: Promise<Answer | null> | undefined;
}

type WorkerOptions = Omit<SearchOptions, 'signal' | 'tier'>;

const savesDataReason = 'the reader saves data (Save-Data): loadModel() loads it all the same';

/** Fires `status` (a plain Event) whenever `status` has changed. */
export class NearbitIndex extends EventTarget {
  readonly #device: Device;
  readonly #worker: IndexWorker;
  readonly #newest = new Newest();
  #model: QueryModel | null = null;
  #ownsModel = false;
  #instant: InstantClient | null = null;
  #reranker: RerankerClient | null = null;
  #closed = false;
  readonly #heard = new Heard();

  /** For `openIndex`; call `open` next. */
  constructor({ device, ...parts }: IndexParts) {
    super();
    this.#device = device;
    this.#worker = new IndexWorker(parts, (event) => this.hear(event));
  }

  /** Errors: StoreError index-missing; FormatError format-too-new, format-corrupt; WorkerError worker-failed. */
  async open(signal?: AbortSignal): Promise<Manifest> {
    return (await this.#worker.open(signal)).manifest;
  }

  /** For `openIndex`: `owned` models are closed with the index. */
  use(model: QueryModel, owned: boolean): void {
    this.#model = model;
    this.#ownsModel = owned;
    model.addEventListener('change', this.#onModel);
  }

  /** For `openIndex`: the step after the full answer. */
  useReranker(reranker: RerankerClient): void {
    this.#reranker = reranker;
  }

  /** For `openIndex`: what answers while the model cannot. The first one counts. */
  useInstant(open: InstantClientOptions['open']): InstantClient {
    this.#instant ??= new InstantClient({
      open,
      onChange: () => this.hear(),
      onTrouble: (message) => this.hear({ type: 'notice', notice: { code: 'instant', message } }),
    });
    return this.#instant;
  }

  /** For `openIndex`, to share it with another index. */
  get model(): QueryModel | null {
    return this.#model;
  }

  /** The manifest of the index. Errors: NearbitError usage while `defer` has put off reading it. */
  get manifest(): Manifest {
    const { info } = this.#worker;
    if (!info)
      throw new NearbitError('usage', {
        what: 'manifest',
        expected: 'an opened index',
        received: 'one that is deferred',
        fix: 'call open() first',
      });
    return info.manifest;
  }

  get status(): Status {
    const model = this.#model;
    const earlier = this.#instant?.isUsable ? 'instant' : 'lexical';
    return {
      tier: model?.state === 'ready' ? 'full' : earlier,
      model: this.#modelState(),
      modelReason: this.#modelReason(),
      runtime: model?.runtime ?? null,
      refused: model?.refused ?? [],
      modelMs: model?.ms ?? null,
      ...this.#instant?.status,
      ...this.#reranker?.status,
      ...this.#heard.status,
      stale: this.#worker.info?.stale ?? false,
    };
  }

  /**
   * The answer of the deepest tier at hand. `tier` 'full': waits for the model, and says in `notices` when there is none;
   * 'lexical', 'instant': never asks it; left out: takes the model when it is ready, and loads it for later queries.
   * Errors: AbortError; NearbitError closed; WorkerError worker-crashed; StoreError, FormatError of the index's blocks.
   */
  async search(query: string, { tier, signal, ...options }: SearchOptions = {}): Promise<Answer> {
    const request = this.#newest.begin(signal);
    try {
      if (tier === 'full' || (tier === undefined && this.#model?.state === 'ready')) {
        const full = await this.#full(query, options, request.signal);
        if (full) return (await full.reranked) ?? full.answer;
      } else if (tier === undefined) this.#loadQuietly();
      let answer: Answer | null = null;
      for await (const step of this.#earlier(query, tier, options, request.signal, null)) answer = step;
      const state = this.#modelState();
      const missed = tier === 'full' ? state !== 'ready' : tier === undefined && state === 'failed';
      if (missed && query.trim() !== '') answer!.notices.push(this.#modelReason());
      return answer!;
    } finally {
      request.end();
    }
  }

  /**
   * The lexical answer at once, then the full one when the model is there; until then that of the instant tier, where the
   * index has one. What is not to be had is left out (`status` says why). With a reranker that is ready, a last one in its
   * order. No answer is followed by one of an earlier tier. Errors: as `search`.
   */
  async *searchSteps(
    query: string,
    { tier, signal, ...options }: SearchOptions = {},
  ): AsyncGenerator<Answer, void, undefined> {
    const request = this.#newest.begin(signal);
    try {
      const deep = tier === undefined || tier === 'full';
      const full = deep ? this.#full(query, options, request.signal) : null;
      full?.catch(() => {});
      yield* this.#earlier(query, tier, options, request.signal, full);
      const step = await full;
      if (!step) return;
      yield step.answer;
      const reranked = await step.reranked;
      if (reranked) yield reranked;
    } finally {
      request.end();
    }
  }

  /** Loads the model now, Save-Data or not, and what else the full tier needs. Errors: ModelError runtime-refused; StoreError. */
  async loadModel(): Promise<void> {
    await this.#loadModel();
    await this.#reranker?.load();
  }

  async #loadModel(): Promise<void> {
    if (!this.#worker.info) await this.#worker.open();
    const ready = this.#model?.load();
    // Told by the query that needs it.
    if (ready) this.warm().catch(() => {});
    await ready;
  }

  /** Fetches what every full query needs of the index (its codes), ahead of the first one. */
  async warm(): Promise<void> {
    await this.#worker.call('warm', []);
  }

  /** Ends workers and requests; later calls reject with closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#newest.end();
    this.#model?.removeEventListener('change', this.#onModel);
    if (this.#ownsModel) this.#model?.close();
    await this.#instant?.close();
    await this.#worker.close();
  }

  /** For the model: files kept beside the index, and their bytes as progress of `what`. */
  readonly readAssets = (refs: BlockRef[], what: Progress['what'], signal?: AbortSignal, kind?: BlockKind) =>
    this.#worker.call('readAssets', [refs, what, kind], { signal });

  /** For the model and the workers: what they have to say becomes `status`. */
  readonly hear = (event?: WorkerEvent): void => {
    if (event && !this.#heard.take(event)) return;
    if (!this.#closed) this.dispatchEvent(new Event('status'));
  };

  readonly #onModel = () => this.hear();

  /** The tiers that need no model. `better`: the answer that none of them may follow. */
  async *#earlier(
    query: string,
    tier: SearchOptions['tier'],
    options: WorkerOptions,
    signal: AbortSignal,
    better: Promise<unknown> | null,
  ): AsyncGenerator<Answer, void, undefined> {
    let answered = false;
    // With the model in hand the instant tier would only be a detour.
    if (this.#instant && tier !== 'lexical' && (tier === 'instant' || this.#model?.state !== 'ready'))
      for await (const answer of this.#instant.steps(query, { ...options, signal }, better)) {
        answered = true;
        yield answer;
      }
    if (answered) return;
    const answer = await this.#ask(query, null, options, signal);
    if (tier === 'instant')
      answer.notices.push(this.#instant?.reason || 'the index has no instant tier: made with words alone');
    yield answer;
  }

  /** Null when the model is not to be had; a worker that crashed is the caller's to hear of. */
  async #full(query: string, options: WorkerOptions, signal: AbortSignal): Promise<FullStep | null> {
    if (query.trim() === '' || !(await this.#isOpen(signal)) || !this.#model || !this.#mayLoad()) return null;
    const began = performance.now();
    try {
      if (this.#model.state !== 'ready') await abortable(this.#loadModel(), signal);
    } catch (error) {
      if (isAbort(error) || this.#closed) throw error;
      return null;
    }
    const loaded = performance.now();
    const embedding = await this.#model.embed(query, signal);
    const embedded = performance.now();
    const asked = await this.#ask(query, embedding, options, signal);
    const ms = { wait: loaded - began, embed: embedded - loaded };
    const answer = { ...asked, ms: { ...ms, ...asked.ms, total: asked.ms.total + ms.wait + ms.embed } };
    const more = (limit: number) => this.#ask(query, embedding, { ...options, limit }, signal);
    return { answer, reranked: this.#reranker?.rerank(answer, more, signal) };
  }

  #ask(
    query: string,
    embedding: Float32Array | null,
    options: WorkerOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.#worker.call('search', [query, embedding, options], { signal });
  }

  /** Opens an index that was deferred, unless the reader saves data or that has failed: only `loadModel` does then. */
  async #isOpen(signal: AbortSignal): Promise<boolean> {
    const { info, failure } = this.#worker;
    if (info) return true;
    if (failure || this.#device.savesData) return false;
    try {
      await this.#worker.open(signal);
      return true;
    } catch (error) {
      if (isAbort(error)) throw error;
      return false;
    }
  }

  #modelState(): Status['model'] {
    if (this.#model) return this.#model.state;
    if (this.#worker.info) return 'absent';
    return this.#worker.failure ? 'failed' : 'idle';
  }

  #modelReason(): string {
    const { savesData } = this.#device;
    const { info, failure } = this.#worker;
    if (!info) return failure || (savesData ? savesDataReason : '');
    if (!this.#model) {
      return this.manifest.model
        ? 'the index carries no model files: pass the encoder it was made with'
        : 'the index was made without a model';
    }
    if (this.#model.state === 'idle' && savesData) return savesDataReason;
    return this.#model.reason;
  }

  /** A model that failed is loaded again by `loadModel` only; so is any model when the reader saves data. */
  #mayLoad(): boolean {
    const state = this.#model?.state;
    return state === 'ready' || state === 'loading' || (state === 'idle' && !this.#device.savesData);
  }

  #loadQuietly(): void {
    // Why it failed is in `status`.
    if (this.#model?.state === 'idle' && this.#mayLoad()) this.loadModel().catch(() => {});
  }
}
