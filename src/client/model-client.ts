/**
 * The model of an index: loaded when asked, in the first runtime that passes, and again after its worker ended.
 * In: what the index carries, what the device offers. Out: query embeddings, indexes of documents, a state with its reason.
 * Deliberately not here: when to load (nearbit-index.ts), and how (first-runtime.ts).
 */
import type {
  BuildReply,
  DocumentMessage,
  InferenceApi,
  LoadMs,
  Progress,
  RuntimeName,
  WorkerEvent,
} from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import { describe, ModelError, NearbitError } from '../errors';
import type { BlockRef, Manifest, ManifestModel, RuntimeReport } from '../types';
import type { Device } from './device';
import type { Loaded } from './first-runtime';
import { abortable } from './newest';
import type { ModelState, QueryModel } from './query-model';
import type { RuntimeOptions, RuntimeWish } from './runtimes';
import type { Spawn } from './spawn';

export interface ModelOptions {
  /** Reads files of the index; `what` is told as progress. */
  readAssets(refs: BlockRef[], what: Progress['what'], signal?: AbortSignal): Promise<Uint8Array[]>;
  /** URL of the folder with ONNX Runtime's scripts, a slash at its end. */
  engine: string;
  model: ManifestModel;
  runtime: Manifest['runtime'];
  wish: RuntimeWish;
  threads: number;
  device: Device;
  spawn: Spawn;
  onEvent(event: WorkerEvent): void;
  /** Its worker is one that other pages share: runs `work` (a look whether the model is there, else its load) while no other page does. */
  inTurn?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

/** From this many characters on a graphics card repays the seconds it takes to get ready. */
const bulkUnits = 200_000;

export class ModelClient extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  runtime: RuntimeReport | null = null;
  refused: RuntimeReport['refused'] = [];
  ms: LoadMs | null = null;
  readonly options: ModelOptions;
  readonly #workers = new Set<Connection<InferenceApi>>();
  #loaded: Promise<Loaded> | null = null;
  /** The worker that answers queries; null until it is ready. */
  #serving: Connection<InferenceApi> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ModelOptions) {
    super();
    this.options = options;
  }

  get worker(): Connection<InferenceApi> | null {
    return this.#serving;
  }

  async load(): Promise<void> {
    await this.#load();
  }

  async embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    const { worker } = await abortable(this.#load(), signal);
    // One at a time, decided here: a worker that computes does not hear that the queries waiting for it are given up.
    const turn = this.#turn.then(() => {
      signal.throwIfAborted();
      return worker.call('embed', [[text], 'query']);
    });
    this.#turn = turn.catch(() => {});
    return abortable(turn, signal);
  }

  async embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    const { worker } = await abortable(this.#load(), signal);
    return worker.call('embed', [texts, 'passage'], { signal });
  }

  /** With WebGPU where the documents are many and the graphics card is real. */
  async build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    const units = documents.reduce((sum, { html, text }) => sum + (html ?? text ?? '').length, 0);
    if (units >= bulkUnits && this.options.wish === 'auto') {
      const bulk = await this.#try('bulk', signal, 'webgpu');
      if (bulk) {
        try {
          return await bulk.worker.call('build', [documents], { signal });
        } finally {
          this.#end(bulk.worker);
        }
      }
    }
    const { worker } = await this.#load();
    return worker.call('build', [documents], { signal });
  }

  close(): void {
    this.#closed = true;
    for (const worker of [...this.#workers]) this.#end(worker);
    this.#loaded = null;
    this.#set('idle', 'closed');
  }

  #set(state: ModelState, reason: string): void {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('change'));
  }

  #end(worker: Connection<InferenceApi>): void {
    worker.close();
    this.#workers.delete(worker);
  }

  #load(): Promise<Loaded> {
    this.#loaded ??= this.#start();
    return this.#loaded;
  }

  async #start(): Promise<Loaded> {
    this.refused = [];
    this.#set('loading', '');
    try {
      const loaded = await this.#try('query');
      if (!loaded) {
        const reasons = this.refused.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ');
        throw new ModelError('runtime-refused', { reasons });
      }
      this.#serving = loaded.worker;
      this.runtime = { ...loaded.report, refused: this.refused };
      this.ms = loaded.ms;
      this.#set('ready', loaded.report.reason);
      return loaded;
    } catch (error) {
      this.#loaded = null;
      if (!this.#closed) this.#set('failed', describe(error));
      throw error;
    }
  }

  /** A file of its own, because words alone need none of it. */
  async #try(work: RuntimeOptions['work'], signal?: AbortSignal, only?: RuntimeName): Promise<Loaded | null> {
    const { firstRuntime } = await import('./first-runtime');
    return firstRuntime(this.options, work, {
      signal,
      only,
      refuse: (runtime, reason) => void this.refused.push({ runtime, reason }),
      start: (runtime) => this.#spawn(runtime),
      end: (worker) => this.#end(worker),
    });
  }

  #spawn(runtime: RuntimeName): Connection<InferenceApi> {
    if (this.#closed) throw new NearbitError('closed', { what: 'The index', call: 'load' });
    const { spawn, onEvent } = this.options;
    const worker: Connection<InferenceApi> = spawn.inference(runtime, {
      onEvent,
      onEnd: (error) => {
        this.#workers.delete(worker);
        if (this.#serving !== worker) return;
        this.#serving = null;
        this.#loaded = null;
        this.runtime = null;
        this.#set('idle', error.message);
      },
    });
    this.#workers.add(worker);
    return worker;
  }
}
