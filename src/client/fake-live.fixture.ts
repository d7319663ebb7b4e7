/**
 * A device with a live index on it, for tests of the client in Node: workers that share one store and tell each other of changes,
 * as those of several tabs do. In: what is to go wrong. Out: a Platform for each tab, and what was stored, asked and embedded.
 * The index is a Map; searches match whole words.
 */
import type { WorkerEvent } from '../../workers/api';
import type { LiveApi, LiveDocument, LiveState, ModelAtHand } from '../../workers/live-api';
import type { Connection } from '../../workers/rpc';
import { NearbitError, StoreError } from '../errors';
import type { RuntimeReport } from '../types';
import { EvictionMarker } from './eviction';
import { fakeLocks } from './fake-locks.fixture';
import { FakeConnection, type FakePlatform, fakePlatform } from './fake-platform.fixture';
import { LiveIndex } from './live-index';
import type { ModelState, QueryModel } from './query-model';

export const modelAtHand: ModelAtHand = {
  model: {
    name: 'fake',
    dim: 8,
    pooling: 'mean',
    maxTokens: 64,
    queryPrefix: '',
    passagePrefix: '',
    cosineSd: 0.1,
    documentWeights: '',
    files: {},
    canaries: [],
    folder: null,
  },
  frame: null,
};

/** A model in this thread; each embedding waits for `gate`. */
export class FakeModel extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  runtime: RuntimeReport | null = null;
  refused = [];
  ms = null;
  loads = 0;
  embedded: string[] = [];
  /** Batches under way, and the most there were at a time. */
  underWay = 0;
  mostUnderWay = 0;
  gate: Promise<void> = Promise.resolve();
  /** What loading ends with; null: it works. */
  trouble: Error | null = null;

  async load(): Promise<void> {
    this.loads++;
    this.state = this.trouble ? 'failed' : 'ready';
    this.reason = this.trouble?.message ?? '';
    this.dispatchEvent(new Event('change'));
    if (this.trouble) throw this.trouble;
  }

  async embed(): Promise<Float32Array> {
    return new Float32Array(8).fill(1);
  }

  async embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await this.gate;
    this.underWay--;
    signal.throwIfAborted();
    this.embedded.push(...texts);
    return new Float32Array(texts.length * 8).fill(0.5);
  }

  async build(): Promise<never> {
    throw new Error('not used');
  }

  close(): void {
    this.state = 'idle';
  }
}

export class FakeDevice {
  readonly documents = new Map<string, { text: string; embedded: boolean }>();
  readonly locks = fakeLocks();
  readonly local = new Map<string, string>();
  /** Documents of each slice stored. */
  readonly slices: number[] = [];
  readonly workers: FakeConnection[] = [];
  generation = 0;
  /** What made the embeddings. */
  madeBy = modelAtHand.model;
  /** Slices of tidying left. */
  untidy = 0;
  /** Thrown by the next calls of that method, in order. */
  readonly troubles = new Map<keyof LiveApi, Error[]>();
  /** Runs at the start of the next call of that method. */
  readonly before = new Map<keyof LiveApi, () => unknown>();
  /** Rests of the background, in milliseconds; they end with `wake`. */
  readonly rests: number[] = [];
  persists = 0;
  usage = 1000;
  readonly #tabs: LiveIndex[] = [];
  readonly #emits = new Set<(event: WorkerEvent) => void>();

  /** A tab of its own: workers of its own, on the same store. */
  tab(): FakePlatform {
    const platform = fakePlatform();
    const storage = {
      estimate: async () => ({ usage: this.usage, quota: 10_000 }),
      persisted: async () => this.persists > 0,
      persist: async () => ++this.persists > 0,
    };
    const local = {
      getItem: (key: string) => this.local.get(key) ?? null,
      setItem: (key: string, value: string) => this.local.set(key, value),
      removeItem: (key: string) => this.local.delete(key),
    };
    platform.spawn.live = ({ onEvent, onEnd }) => this.#worker(onEvent, onEnd);
    platform.live = {
      locks: this.locks,
      storage,
      marker: new EvictionMarker('notes', () => local as unknown as Storage),
      pause: async (ms) => void this.rests.push(ms),
    };
    return platform;
  }

  /** Opens the index in a tab of its own. `model` null: words alone. */
  async open(model: QueryModel | null = null, platform = this.tab()): Promise<LiveIndex> {
    const index = new LiveIndex({
      ...platform,
      ...platform.live!,
      name: 'notes',
      live: platform.spawn.live!,
      persist: true,
      source: { kind: 'live', name: 'notes', durability: 'strict', language: '', base: null },
      kernels: {},
    });
    if (model) index.useLive({ model, queries: model, owned: false, atHand: Promise.resolve(modelAtHand) });
    await index.open();
    this.#tabs.push(index);
    return index;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#tabs.map((index) => index.close()));
  }

  state(): LiveState {
    const embedded = [...this.documents.values()].filter((document) => document.embedded).length;
    return {
      generation: this.generation,
      documents: this.documents.size,
      passages: this.documents.size,
      embedded,
      segments: 1,
      bytes: 0,
      model: embedded > 0 ? this.madeBy : null,
      modelDiffers: '',
      reembedding: null,
      damage: [],
    };
  }

  full(): StoreError {
    return new StoreError('quota-exceeded', { path: 'notes', expected: '9 bytes', received: '0' });
  }

  commit(): void {
    this.generation++;
    for (const emit of this.#emits) emit({ type: 'change', state: this.state() });
  }

  #add(documents: LiveDocument[]) {
    const report = { added: 0, updated: 0, unchanged: 0, leftOut: [] };
    for (const { id, text = '' } of documents) {
      const known = this.documents.get(id);
      if (known?.text === text) report.unchanged++;
      else {
        this.documents.set(id, { text, embedded: false });
        report[known ? 'updated' : 'added']++;
      }
    }
    this.slices.push(documents.length);
    this.commit();
    return report;
  }

  #worker(
    onEvent: ((event: WorkerEvent) => void) | undefined,
    onEnd: ((error: NearbitError) => void) | undefined,
  ): Connection<LiveApi> {
    const given = new Map<number, string[]>();
    let tickets = 0;
    let model: ModelAtHand | null = null;
    const emit = (event: WorkerEvent) => onEvent?.(event);
    const methods: Record<string, (signal: AbortSignal, ...args: never[]) => unknown> = {
      open: () => {
        this.#emits.add(emit);
        return { manifest: { model: null }, stale: false };
      },
      state: () => this.state(),
      add: (_signal, documents: LiveDocument[]) => this.#add(documents),
      remove: (_signal, ids: string[]) => {
        const removed = ids.filter((id) => this.documents.delete(id)).length;
        this.commit();
        return removed;
      },
      clear: () => {
        const { size } = this.documents;
        this.documents.clear();
        this.commit();
        return size;
      },
      has: (_signal, ids: string[]) => ids.map((id) => this.documents.has(id)),
      useModel: (_signal, at: ModelAtHand) => {
        model = at;
        given.clear();
        return this.state();
      },
      nextTexts: (_signal, most: number) => {
        if (!model) return null;
        const out = new Set([...given.values()].flat());
        const ids = [...this.documents].filter(([id, { embedded }]) => !embedded && !out.has(id));
        if (ids.length === 0) return null;
        const batch = ids.slice(0, most).map(([id]) => id);
        given.set(++tickets, batch);
        return { ticket: tickets, texts: batch.map((id) => this.documents.get(id)!.text) };
      },
      storeEmbeddings: (_signal, ticket: number) => {
        for (const id of given.get(ticket) ?? []) {
          const document = this.documents.get(id);
          if (document) document.embedded = true;
        }
        given.delete(ticket);
        if (model) this.madeBy = model.model;
        this.commit();
      },
      tidy: () => {
        if (this.untidy === 0) return false;
        this.untidy--;
        this.commit();
        return this.untidy > 0;
      },
      search: (_signal, query: string, embedding: Float32Array | null) => {
        const ids = [...this.documents].filter(([, { text }]) => text.split(' ').includes(query));
        const hits = ids.map(([id]) => ({ id }));
        return { query, tier: embedding ? 'full' : 'lexical', hits, ms: { total: 1 }, found: 0, notices: [] };
      },
      warm: () => {},
      exportPart: (_signal, begin: boolean) => (begin ? Uint8Array.of(1, 2) : null),
      importPart: () => {},
      dropBackup: () => {},
      reembed: () => this.state(),
      destroy: () => {
        this.documents.clear();
        this.generation = 0;
      },
    };
    const guarded = Object.entries(methods).map(([method, run]) => {
      const call = async (signal: AbortSignal, ...args: never[]) => {
        const before = this.before.get(method as keyof LiveApi);
        this.before.delete(method as keyof LiveApi);
        await before?.();
        const trouble = this.troubles.get(method as keyof LiveApi)?.shift();
        if (trouble) throw trouble;
        if (connection.ended) throw new NearbitError('closed', { what: 'The worker', call: method });
        return run(signal, ...args);
      };
      return [method, call];
    });
    const connection = new FakeConnection(Object.fromEntries(guarded), (error) => {
      this.#emits.delete(emit);
      onEnd?.(error);
    });
    this.workers.push(connection);
    return connection as unknown as Connection<LiveApi>;
  }
}
