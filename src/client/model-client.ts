/**
 * The model of an index: loaded when asked, in the first runtime that passes, and again after its worker ended.
 * In: what the index carries, what the device offers. Out: query embeddings, indexes of documents, a state with its reason.
 * Deliberately not here: when to load (nearbit-index.ts).
 */
import type {
  BuildReply,
  DocumentMessage,
  InferenceApi,
  LoadMs,
  Progress,
  WorkerEvent,
} from '../../workers/api';
import { type Connection, moved } from '../../workers/rpc';
import { describe, isAbort, ModelError, NearbitError, WorkerError } from '../errors';
import type { BlockRef, Manifest, ManifestModel, RuntimeReport } from '../types';
import type { Device } from './device';
import { abortable } from './newest';
import type { ModelState, QueryModel } from './query-model';
import {
  type Candidate,
  type RuntimeOptions,
  type RuntimeWish,
  runtimesFor,
  tokenizerFiles,
} from './runtimes';
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
}

interface Loaded {
  worker: Connection<InferenceApi>;
  report: RuntimeReport;
  ms: LoadMs;
}

/** From this many characters on a graphics card repays the seconds it takes to get ready. */
const bulkUnits = 200_000;

export class ModelClient extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  runtime: RuntimeReport | null = null;
  refused: RuntimeReport['refused'] = [];
  ms: LoadMs | null = null;
  readonly #options: ModelOptions;
  readonly #workers = new Set<Connection<InferenceApi>>();
  #loaded: Promise<Loaded> | null = null;
  /** The worker that answers queries; null until it is ready. */
  #serving: Connection<InferenceApi> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ModelOptions) {
    super();
    this.#options = options;
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

  /** With WebGPU where the documents are many and the graphics card is real. */
  async build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    const units = documents.reduce((sum, { html, text }) => sum + (html ?? text ?? '').length, 0);
    if (units >= bulkUnits && this.#options.wish === 'auto') {
      const bulk = await this.#try('bulk', signal, ({ name }) => name === 'webgpu');
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

  /** The first runtime that loads and passes; null when none does. Errors: a model that no runtime could load. */
  async #try(
    work: RuntimeOptions['work'],
    signal?: AbortSignal,
    wanted: (candidate: Candidate) => boolean = () => true,
  ): Promise<Loaded | null> {
    const { model, runtime, device, wish, threads } = this.#options;
    const refuse = (name: string, reason: string) => void this.refused.push({ runtime: name, reason });
    for await (const candidate of runtimesFor({ wish, threads, work }, { model, runtime }, device, refuse)) {
      if (!wanted(candidate)) continue;
      try {
        return await this.#open(candidate, signal);
      } catch (error) {
        if (isAbort(error) || this.#closed || !refusesRuntime(error)) throw error;
        refuse(candidate.report.runtime, describe(error));
      }
    }
    return null;
  }

  async #open({ name, binary, report }: Candidate, signal?: AbortSignal): Promise<Loaded> {
    const { model, engine, onEvent, spawn } = this.#options;
    const worker: Connection<InferenceApi> = spawn.inference(name, {
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
    try {
      const began = performance.now();
      const { files, wasm } = await this.#fetch(report.weights, binary, signal);
      const fetch = performance.now() - began;
      const request = {
        model,
        files,
        binary: wasm,
        glueUrl: `${engine}${binary.replace('.wasm', '.mjs')}`,
        report,
      };
      const ms = await worker.call('load', [moved(request, [wasm, ...Object.values(files)])], { signal });
      return { worker, report, ms: { fetch, ...ms } };
    } catch (error) {
      this.#end(worker);
      throw error;
    }
  }

  async #fetch(weights: string, binary: string, signal?: AbortSignal) {
    const { model, runtime, readAssets } = this.#options;
    if (this.#closed) throw new NearbitError('closed', { what: 'The index', call: 'load' });
    const paths = [weights, ...tokenizerFiles].filter((path) => path in model.files);
    const [contents, [wasm]] = await Promise.all([
      readAssets(
        paths.map((path) => model.files[path]!),
        'model',
        signal,
      ),
      readAssets([runtime[binary]!], 'runtime', signal),
    ]);
    const files = Object.fromEntries(paths.map((path, i) => [path, contents[i]!]));
    return { files, wasm: wasm! };
  }
}

/** Another runtime may do better; it would not with files that are missing or damaged. */
function refusesRuntime(error: unknown): boolean {
  return error instanceof WorkerError || (error instanceof NearbitError && error.code === 'runtime-refused');
}
