/**
 * The worker that holds an index: started with the first call, and again after it ended.
 * In: calls. Out: replies; what the index is, once it is open. Deliberately not here: which query is the newest.
 */
import type { IndexApi, IndexInfo, SourceMessage, WorkerEvent } from '../../workers/api';
import type { CallOptions, Connection } from '../../workers/rpc';
import { describe, NearbitError } from '../errors';
import type { KernelOptions } from '../kernels/choose';
import type { Manifest } from '../types';
import { abortable } from './newest';
import type { Spawn } from './spawn';

export interface IndexWorkerOptions {
  source: SourceMessage;
  kernels: KernelOptions;
  spawn: Spawn;
  /** Gives the index what its manifest names, once, before its first answer. */
  prepare?(manifest: Manifest): Promise<void>;
}

export class IndexWorker {
  /** Null until it was open once. */
  info: IndexInfo | null = null;
  /** Why it could not be opened, while that is so. */
  failure = '';
  readonly #options: IndexWorkerOptions;
  readonly #hear: (event?: WorkerEvent) => void;
  #opening: Promise<Connection<IndexApi>> | null = null;
  #prepared: Promise<void> | undefined;
  #closed = false;

  /** `hear`: what the worker has to say, and (without an event) that the state has changed. */
  constructor(options: IndexWorkerOptions, hear: (event?: WorkerEvent) => void) {
    this.#options = options;
    this.#hear = hear;
  }

  /** Errors: StoreError index-missing; FormatError; WorkerError worker-failed; NearbitError closed; AbortError. */
  async open(signal?: AbortSignal): Promise<IndexInfo> {
    const opening = this.#open();
    await (signal ? abortable(opening, signal) : opening);
    return this.info!;
  }

  /** Errors: those of `open` and of the call. */
  async call<K extends keyof IndexApi & string>(
    method: K,
    args: Parameters<IndexApi[K]>,
    options: CallOptions = {},
  ): Promise<ReturnType<IndexApi[K]>> {
    const { signal } = options;
    const opening = this.#open();
    const worker = await (signal ? abortable(opening, signal) : opening);
    return worker.call(method, args, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  #open(): Promise<Connection<IndexApi>> {
    if (this.#closed)
      return Promise.reject(new NearbitError('closed', { what: 'The index', call: 'search' }));
    this.#opening ??= this.#start().catch((error) => {
      this.#opening = null;
      this.failure = describe(error);
      this.#hear();
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<Connection<IndexApi>> {
    const { source, kernels, spawn, prepare } = this.#options;
    const worker = spawn.index({
      onEvent: this.#hear,
      onEnd: () => {
        this.#opening = null;
      },
    });
    try {
      const info = await worker.call('open', [source, kernels]);
      this.#prepared ??= prepare?.(info.manifest);
      await this.#prepared;
      this.info = info;
      this.failure = '';
    } catch (error) {
      worker.close();
      throw error;
    }
    this.#hear();
    return worker;
  }
}
