/**
 * One loaded model for all tabs where no worker can be shared: one tab's worker answers, and the next tab's when that one goes.
 * In: what a model of this tab alone would be given. Out: a QueryModel. Only the tab that answers reads the model's files.
 * Deliberately not here: who answers, and how the others reach it (relay.ts).
 */
import type { BuildReply, DocumentMessage, LoadMs } from '../../workers/api';
import { describe, NearbitError } from '../errors';
import type { EmbeddingKind, RuntimeReport } from '../types';
import { ModelClient, type ModelOptions } from './model-client';
import { abortable } from './newest';
import type { ModelState, QueryModel } from './query-model';
import { Relay } from './relay';

/** What a tab asks of the one that answers. */
interface RelayApi {
  load(): { runtime: RuntimeReport; refused: RuntimeReport['refused']; ms: LoadMs | null };
  embed(texts: string[], kind: EmbeddingKind): Float32Array;
  build(documents: DocumentMessage[]): BuildReply;
}

export class RelayedModel extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  runtime: RuntimeReport | null = null;
  refused: RuntimeReport['refused'] = [];
  ms: LoadMs | null = null;
  readonly options: ModelOptions;
  readonly #name: string;
  #relay: Relay<RelayApi> | null = null;
  /** Where this tab answers. */
  #local: ModelClient | null = null;
  #loading: Promise<void> | null = null;
  #closed = false;

  /** `name`: of lock and channel, the same wherever it is the same model. */
  constructor(name: string, options: ModelOptions) {
    super();
    this.#name = name;
    this.options = options;
  }

  /** Whether this tab's worker answers for all tabs. */
  get leads(): boolean {
    return this.#local !== null;
  }

  load(): Promise<void> {
    if (this.#closed) return Promise.reject(new NearbitError('closed', { what: 'The model', call: 'load' }));
    this.#loading ??= this.#load();
    return this.#loading;
  }

  embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    return this.#embed([text], 'query', signal);
  }

  embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    return this.#embed(texts, 'passage', signal);
  }

  async build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    return this.#ask().call('build', [documents], signal);
  }

  close(): void {
    this.#closed = true;
    // First, so that the calls of other tabs do not hear of the worker's end, and go to the next tab.
    this.#relay?.close();
    this.#local?.close();
    this.#set('idle', 'closed');
  }

  #set(state: ModelState, reason: string): void {
    this.state = state;
    this.reason = reason;
    if (state !== 'ready') this.runtime = null;
    this.dispatchEvent(new Event('change'));
  }

  async #embed(texts: string[], kind: EmbeddingKind, signal: AbortSignal): Promise<Float32Array> {
    await abortable(this.load(), signal);
    return this.#ask().call('embed', [texts, kind], signal);
  }

  #ask(): Relay<RelayApi> {
    this.#relay ??= new Relay<RelayApi>({
      name: this.#name,
      lead: () => this.#lead(),
      onChange: () => this.#passOn(),
    });
    return this.#relay;
  }

  async #load(): Promise<void> {
    this.#set('loading', '');
    const relay = this.#ask();
    try {
      const { runtime, refused, ms } = await relay.call('load', []);
      this.runtime = runtime;
      this.refused = refused;
      this.ms = ms;
      this.#set('ready', runtime.reason);
    } catch (error) {
      this.#loading = null;
      if (!this.#closed) this.#set('failed', describe(error));
      throw error;
    }
  }

  /** Another tab answers from now on, or this one: it loads the model at once, so that the next query need not wait for all of it. */
  #passOn(): void {
    if (this.#closed || this.state !== 'ready') return;
    this.#loading = null;
    this.load().catch(() => {});
  }

  #lead() {
    const local = new ModelClient(this.options);
    this.#local = local;
    local.addEventListener('change', () => {
      if (this.state !== 'ready' || local.state === 'ready' || local.state === 'loading') return;
      this.#loading = null;
      this.#set('idle', local.reason);
    });
    return {
      async load() {
        await local.load();
        return { runtime: local.runtime!, refused: local.refused, ms: local.ms };
      },
      embed: (signal: AbortSignal, texts: string[], kind: EmbeddingKind) =>
        kind === 'query' ? local.embed(texts[0]!, signal) : local.embedPassages(texts, signal),
      build: (signal: AbortSignal, documents: DocumentMessage[]) => local.build(documents, signal),
    };
  }
}
