/**
 * Workers and a device for tests of the client in Node: the index worker searches for real, the model is counted words.
 * In: what each runtime is to do. Out: a Platform, and what was started and asked.
 */
import type { IndexApi, InferenceApi, RuntimeName } from '../../workers/api';
import { buildDocuments } from '../../workers/build-documents';
import type { Connection } from '../../workers/rpc';
import { openSource } from '../../workers/source';
import { wordEncoder } from '../build/word-encoder.fixture';
import { NearbitError, WorkerError } from '../errors';
import { portableKernel } from '../kernels/portable';
import { openSearcher, type Searcher } from '../search/searcher';
import type { Device } from './device';
import type { Platform } from './open-index';

export const encoder = wordEncoder();

/** Three pages; only meaning (shared words with the query in the same passage) sets them apart from words alone. */
export const documents = [
  { id: 'bread', text: 'Knead the dough for ten minutes.' },
  { id: 'pasta', text: 'Pasta dough rests for an hour.' },
  { id: 'tea', text: 'Steep the leaves for three minutes.' },
];

type Implementation = Record<string, (signal: AbortSignal, ...args: never[]) => unknown>;

/** A worker in this thread, with the manners of a real connection. */
export class FakeConnection {
  ended = false;
  readonly calls: string[] = [];
  readonly #implementation: Implementation;
  readonly #onEnd: ((error: NearbitError) => void) | undefined;
  readonly #pending = new Set<(error: unknown) => void>();

  constructor(implementation: Implementation, onEnd?: (error: NearbitError) => void) {
    this.#implementation = implementation;
    this.#onEnd = onEnd;
  }

  call(
    method: string,
    args: unknown[],
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<unknown> {
    this.calls.push(method);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.ended) return reject(this.#crash(method));
      signal?.addEventListener('abort', () => reject(signal.reason));
      this.#pending.add(reject);
      const own = signal ?? new AbortController().signal;
      Promise.resolve()
        .then(() => this.#implementation[method]!(own, ...(args as never[])))
        .then(resolve, reject)
        .finally(() => this.#pending.delete(reject));
    });
  }

  close(): void {
    this.ended = true;
    for (const reject of this.#pending)
      reject(new NearbitError('closed', { what: 'The worker', call: 'call' }));
  }

  /** Ends as if killed. */
  kill(): void {
    this.ended = true;
    for (const reject of this.#pending) reject(this.#crash('the call'));
    this.#onEnd?.(this.#crash('the next call'));
  }

  #crash(call: string): WorkerError {
    return new WorkerError('worker-crashed', { worker: 'fake', call, received: 'its end' });
  }
}

/** What a runtime does when it loads; default: it loads. */
export type Load = () => Promise<void>;

export interface FakePlatform extends Platform {
  device: { -readonly [K in keyof Device]: Device[K] };
  indexWorkers: FakeConnection[];
  inferenceWorkers: (FakeConnection & { runtime: RuntimeName })[];
  /** What `load` does, by runtime name. */
  loads: Record<string, Load>;
  /** Texts that were embedded. */
  embedded: string[];
  /** Awaited by every embedding. */
  gate: Promise<void>;
}

export function fakePlatform(): FakePlatform {
  const platform: FakePlatform = {
    device: { isolated: false, cores: 8, savesData: false, jspi: false, adapter: async () => 'none' },
    indexWorkers: [],
    inferenceWorkers: [],
    loads: {},
    embedded: [],
    gate: Promise.resolve(),
    spawn: {
      index({ onEnd }) {
        let searcher: Searcher | null = null;
        const api: Implementation = {
          async open(_signal, source) {
            const { store } = openSource(source, () => {});
            searcher = await openSearcher({ store, kernel: portableKernel });
            return { manifest: searcher.manifest, stale: false };
          },
          search: (signal, query, embedding, options: object) =>
            searcher!.search(query, embedding, { ...options, signal }),
          warm: () => searcher!.warm(),
          readAssets: (_signal, refs: unknown[]) => refs.map(() => new Uint8Array(1)),
        };
        const worker = new FakeConnection(api, onEnd);
        platform.indexWorkers.push(worker);
        return worker as unknown as Connection<IndexApi>;
      },
      inference(runtime, { onEnd }) {
        const api: Implementation = {
          async load(_signal, { report }: { report: { runtime: string } }) {
            await platform.loads[report.runtime]?.();
            return { session: 1, canaries: 1 };
          },
          async embed(_signal, texts: string[], kind) {
            platform.embedded.push(...texts);
            await platform.gate;
            return encoder.embed(texts, kind);
          },
          build: (signal, list) => buildDocuments(list, encoder, { signal }),
        };
        const worker = Object.assign(new FakeConnection(api, onEnd), { runtime });
        platform.inferenceWorkers.push(worker);
        return worker as unknown as Connection<InferenceApi>;
      },
    },
  };
  return platform;
}
