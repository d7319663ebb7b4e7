/**
 * An open index: queries to answers, through an index worker and a model.
 * In: queries. Out: answers, `status` events. The newest query wins: one that is still running ends with AbortError.
 * Deliberately not here: where the index and its model come from (open-index.ts).
 */
import type { IndexApi, IndexInfo, Progress, SourceMessage, WorkerEvent } from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import { isAbort, NearbitError } from '../errors';
import type { KernelOptions } from '../kernels/choose';
import type { Answer, BlockRef, Manifest, SearchOptions } from '../types';
import type { Device } from './device';
import { abortable, Newest } from './newest';
import type { QueryModel } from './query-model';
import type { RerankerClient } from './reranker-client';
import type { Spawn } from './spawn';
import type { Status } from './status';

/** What an index is made of; `openIndex` puts it together. */
export interface IndexParts {
  source: SourceMessage;
  kernels: KernelOptions;
  spawn: Spawn;
  device: Device;
}

interface Opened extends IndexInfo {
  worker: Connection<IndexApi>;
}

/** A full answer, and what becomes of it where a reranker is configured (null: it stands). */
interface FullStep {
  answer: Answer;
  reranked: Promise<Answer | null> | undefined;
}

type WorkerOptions = Omit<SearchOptions, 'signal' | 'tier'>;

const none = { received: 0, total: 0 };
const noKernel: Status['kernel'] = { name: 'none', reason: 'not needed yet', refused: [] };

/** Fires `status` (a plain Event) whenever `status` has changed. */
export class NearbitIndex extends EventTarget {
  readonly #parts: IndexParts;
  readonly #newest = new Newest();
  #model: QueryModel | null = null;
  #ownsModel = false;
  #reranker: RerankerClient | null = null;
  #opening: Promise<Opened> | null = null;
  #info: IndexInfo | null = null;
  #closed = false;
  readonly #progress: Status['progress'] = { index: none, model: none, runtime: none, build: none };
  #kernel = noKernel;
  readonly #notices: Status['notices'] = [];

  /** For `openIndex`; call `open` next. */
  constructor(parts: IndexParts) {
    super();
    this.#parts = parts;
  }

  /** Errors: StoreError index-missing; FormatError format-too-new, format-corrupt; WorkerError worker-failed. */
  async open(signal?: AbortSignal): Promise<Manifest> {
    const opening = this.#open();
    return (await (signal ? abortable(opening, signal) : opening)).manifest;
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

  /** For `openIndex`, to share it with another index. */
  get model(): QueryModel | null {
    return this.#model;
  }

  /** The manifest of the index. */
  get manifest(): Manifest {
    return this.#info!.manifest;
  }

  get status(): Status {
    const { stale } = this.#info!;
    const model = this.#model;
    return {
      tier: model?.state === 'ready' ? 'full' : 'lexical',
      model: model?.state ?? 'absent',
      modelReason: this.#modelReason(),
      runtime: model?.runtime ?? null,
      refused: model?.refused ?? [],
      modelMs: model?.ms ?? null,
      kernel: this.#kernel,
      ...this.#reranker?.status,
      progress: { ...this.#progress },
      stale,
      notices: [...this.#notices],
    };
  }

  /**
   * The answer of the deepest tier at hand. `tier` 'full': waits for the model, and says in `notices` when there is none;
   * 'lexical': never asks it; left out: takes the model when it is ready, and loads it for later queries.
   * Errors: AbortError; NearbitError closed; WorkerError worker-crashed; StoreError, FormatError of the index's blocks.
   */
  async search(query: string, { tier, signal, ...options }: SearchOptions = {}): Promise<Answer> {
    const request = this.#newest.begin(signal);
    try {
      if (tier === 'full' || (tier === undefined && this.#model?.state === 'ready')) {
        const full = await this.#full(query, options, request.signal);
        if (full) return (await full.reranked) ?? full.answer;
      } else if (tier === undefined) this.#loadQuietly();
      const answer = await this.#ask(query, null, options, request.signal);
      const state = this.#model?.state ?? 'absent';
      const missed = tier === 'full' ? state !== 'ready' : tier === undefined && state === 'failed';
      if (missed && query.trim() !== '') answer.notices.push(this.#modelReason());
      return answer;
    } finally {
      request.end();
    }
  }

  /**
   * The lexical answer at once, then the full one when the model is there; only the first when it is not to be had
   * (`status` says why). With a reranker that is ready, a third one in its order. Errors: as `search`.
   */
  async *searchSteps(
    query: string,
    { tier, signal, ...options }: SearchOptions = {},
  ): AsyncGenerator<Answer, void, undefined> {
    const request = this.#newest.begin(signal);
    try {
      const full = tier === 'lexical' ? null : this.#full(query, options, request.signal);
      full?.catch(() => {});
      yield await this.#ask(query, null, options, request.signal);
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
    const ready = this.#model?.load();
    // Told by the query that needs it.
    if (ready) this.warm().catch(() => {});
    await ready;
  }

  /** Fetches what every full query needs of the index (its codes), ahead of the first one. */
  async warm(): Promise<void> {
    const { worker } = await this.#open();
    await worker.call('warm', []);
  }

  /** Ends workers and requests; later calls reject with closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#newest.end();
    this.#model?.removeEventListener('change', this.#onModel);
    if (this.#ownsModel) this.#model?.close();
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.worker.close();
  }

  /** For the model: files kept beside the index, and their bytes as progress of `what`. */
  readonly readAssets = async (
    refs: BlockRef[],
    what: Progress['what'],
    signal?: AbortSignal,
  ): Promise<Uint8Array[]> => {
    const { worker } = await this.#open();
    return worker.call('readAssets', [refs, what], { signal });
  };

  /** For the model and the workers: what they have to say becomes `status`. */
  readonly hear = (event?: WorkerEvent): void => {
    if (event?.type === 'progress') {
      const { what, ...bytes } = event.progress;
      this.#progress[what] = bytes;
    } else if (event?.type === 'kernel') {
      this.#kernel = event.kernel;
    } else if (event?.type === 'notice') {
      const { message } = event.notice;
      if (this.#notices.some((notice) => notice.message === message)) return;
      this.#notices.push(event.notice);
    }
    if (this.#info && !this.#closed) this.dispatchEvent(new Event('status'));
  };

  readonly #onModel = () => this.hear();

  #open(): Promise<Opened> {
    if (this.#closed)
      return Promise.reject(new NearbitError('closed', { what: 'The index', call: 'search' }));
    this.#opening ??= this.#start().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<Opened> {
    const { source, kernels, spawn } = this.#parts;
    const worker = spawn.index({
      onEvent: this.hear,
      onEnd: () => {
        this.#opening = null;
      },
    });
    try {
      this.#info = await worker.call('open', [source, kernels]);
    } catch (error) {
      worker.close();
      throw error;
    }
    this.hear();
    return { worker, ...this.#info };
  }

  /** Null when the model is not to be had; a worker that crashed is the caller's to hear of. */
  async #full(query: string, options: WorkerOptions, signal: AbortSignal): Promise<FullStep | null> {
    if (!this.#model || !this.#mayLoad() || query.trim() === '') return null;
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

  async #ask(
    query: string,
    embedding: Float32Array | null,
    options: WorkerOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { worker } = await abortable(this.#open(), signal);
    return worker.call('search', [query, embedding, options], { signal });
  }

  #modelReason(): string {
    const { savesData } = this.#parts.device;
    if (!this.#model) {
      return this.manifest.model
        ? 'the index carries no model files: pass the encoder it was made with'
        : 'the index was made without a model';
    }
    if (this.#model.state === 'idle' && savesData)
      return 'the reader saves data (Save-Data): loadModel() loads it all the same';
    return this.#model.reason;
  }

  /** A model that failed is loaded again by `loadModel` only; so is any model when the reader saves data. */
  #mayLoad(): boolean {
    const state = this.#model?.state;
    return state === 'ready' || state === 'loading' || (state === 'idle' && !this.#parts.device.savesData);
  }

  #loadQuietly(): void {
    // Why it failed is in `status`.
    if (this.#model?.state === 'idle' && this.#mayLoad()) this.loadModel().catch(() => {});
  }
}
