/**
 * One loaded model for all tabs of an origin, whatever it takes: a SharedWorker; else one tab's worker that answers the others;
 * else, without Web Locks, a worker of each tab's own.
 * In: what a model of this tab alone would be given, as soon as that is known. Out: a QueryModel that says in its reason which of
 * the three it is, and why.
 * Deliberately not here: the ways themselves (model-client.ts over spawn-shared.ts, relayed-model.ts).
 */
import type { BuildReply, DocumentMessage, InferenceApi, LoadMs } from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import { describe, ModelError, NearbitError } from '../errors';
import { hashBlock } from '../segment/hash';
import type { RuntimeReport } from '../types';
import { version } from '../version';
import { ModelClient, type ModelOptions } from './model-client';
import { abortable } from './newest';
import type { ModelState, QueryModel } from './query-model';
import { RelayedModel } from './relayed-model';
import { spawnShared } from './spawn-shared';

/** What must be equal for two tabs to mean the same model: its name for the worker, locks and channel. */
async function modelKey({ model, runtime }: ModelOptions): Promise<string> {
  const { name, pooling, maxTokens, queryPrefix, passagePrefix, files } = model;
  const hashes = [files, runtime].map((refs) =>
    Object.keys(refs)
      .sort()
      .map((path) => [path, refs[path]!.hash]),
  );
  const text = JSON.stringify([version, pooling, maxTokens, queryPrefix, passagePrefix, hashes]);
  return `nearbit model ${name} ${(await hashBlock(new TextEncoder().encode(text))).slice(0, 16)}`;
}

export class SharedModel extends EventTarget implements QueryModel {
  readonly #given: () => Promise<ModelOptions>;
  #options: ModelOptions | undefined;
  /** Why nothing is known of it; '' otherwise. */
  #failure = '';
  #isAbsent = false;
  #way: ModelClient | RelayedModel | null = null;
  /** The way over a worker that all tabs share. */
  #shared: ModelClient | null = null;
  /** What the reader of its reason is told of the way. */
  #note = () => '';
  /** Why the worker that all tabs share cannot be had; null: nothing speaks against it. */
  #against: string | null = null;
  #loading: Promise<void> | null = null;
  #closed = false;

  /** `given` is asked when the model is to be loaded, and again after it has failed. */
  constructor(given: () => Promise<ModelOptions>) {
    super();
    this.#given = given;
  }

  get options(): ModelOptions | undefined {
    return this.#options;
  }

  get state(): ModelState {
    return this.#way?.state ?? (this.#isAbsent ? 'absent' : this.#failure ? 'failed' : 'idle');
  }

  get reason(): string {
    return this.#noted(this.#way?.reason ?? this.#failure);
  }

  get runtime(): RuntimeReport | null {
    const runtime = this.#way?.runtime;
    return runtime ? { ...runtime, reason: this.#noted(runtime.reason) } : null;
  }

  get refused(): RuntimeReport['refused'] {
    return this.#way?.refused ?? [];
  }

  get ms(): LoadMs | null {
    return this.#way?.ms ?? null;
  }

  get worker(): Connection<InferenceApi> | null | undefined {
    return this.#way instanceof RelayedModel ? undefined : (this.#way?.worker ?? null);
  }

  /** There turned out to be none, and nobody had asked for it. */
  leaveOut(reason: string): void {
    this.#isAbsent = true;
    this.#failure = reason;
    this.dispatchEvent(new Event('change'));
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    return (await this.#ready(signal)).embed(text, signal);
  }

  async embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    return (await this.#ready(signal)).embedPassages(texts, signal);
  }

  async build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    return (await this.#ready(signal)).build(documents, signal);
  }

  close(): void {
    this.#closed = true;
    this.#way?.close();
  }

  async #ready(signal?: AbortSignal): Promise<QueryModel> {
    if (this.state !== 'ready') await (signal ? abortable(this.load(), signal) : this.load());
    return this.#way!;
  }

  #noted(reason: string): string {
    return this.state === 'ready' ? `${reason}; ${this.#note()}` : reason;
  }

  async #load(): Promise<void> {
    if (!this.#way) await this.#begin(await this.#known());
    const way = this.#way!;
    try {
      await way.load();
    } catch (error) {
      // What a worker that all tabs share could not do, one of a tab's own may: it starts anew.
      if (error instanceof ModelError) this.#against ??= describe(error);
      if (way !== this.#shared || this.#against === null || this.#closed) {
        this.dispatchEvent(new Event('change'));
        throw error;
      }
      await this.#relay(this.#options!, this.#against);
      way.close();
      await this.#way!.load();
    }
  }

  async #known(): Promise<ModelOptions> {
    try {
      this.#options = await this.#given();
      this.#failure = '';
      this.#isAbsent = false;
      return this.#options;
    } catch (error) {
      this.#failure = describe(error);
      this.dispatchEvent(new Event('change'));
      throw error;
    }
  }

  async #begin(options: ModelOptions): Promise<void> {
    if (!globalThis.navigator?.locks) {
      this.#note = () => 'each tab has a worker of its own: no Web Locks here (they need HTTPS)';
      this.#follow(new ModelClient(options));
    } else if (!('SharedWorker' in globalThis) && !options.spawn.shared)
      await this.#relay(options, 'this browser has no SharedWorker');
    else await this.#share(options);
  }

  async #share(options: ModelOptions): Promise<void> {
    const key = await modelKey(options);
    const { spawn } = options;
    const inference: typeof spawn.inference = (runtime, events) => {
      // Not asked for, so that it is for bulk work, and ends with it.
      if (runtime === 'webgpu' && options.wish !== 'webgpu') return spawn.inference(runtime, events);
      return (spawn.shared ?? spawnShared)(runtime, key, {
        ...events,
        onEnd: (error) => {
          // While it loads: later it has worked before, and may again.
          if (this.state === 'loading') this.#against ??= error.message;
          events.onEnd?.(error);
        },
      });
    };
    this.#note = () => 'in one worker that all tabs share';
    this.#shared = new ModelClient({
      ...options,
      spawn: { ...spawn, inference },
      inTurn: (work) => navigator.locks.request(`${key} load`, work) as ReturnType<typeof work>,
    });
    this.#follow(this.#shared);
  }

  async #relay(options: ModelOptions, why: string): Promise<void> {
    const relayed = new RelayedModel(await modelKey(options), options);
    this.#note = () =>
      `in the worker of ${relayed.leads ? 'this' : 'another'} tab, which answers for all: ${why}`;
    this.#follow(relayed);
  }

  #follow(way: ModelClient | RelayedModel): void {
    if (this.#closed) throw new NearbitError('closed', { what: 'The model', call: 'load' });
    this.#way = way;
    way.addEventListener('change', () => {
      // That it failed there need not be the last word: `#load` knows.
      const isOpen = way === this.#shared && way.state === 'failed';
      if (this.#way === way && !isOpen) this.dispatchEvent(new Event('change'));
    });
  }
}
