/**
 * Reads the blocks that no query has asked for yet, so that later any query is answered without a network.
 * In: a store that keeps what it reads, its manifest. Out: blocks on the device.
 * Queries go first: two blocks at a time, at low priority, none while a query runs or was answered a moment ago.
 * Deliberately not here: model and runtime, which are kept when they are loaded; when to begin (the index worker).
 */
import type { Manifest } from '../types';
import type { CachedStore } from './idb-cache';
import type { BlockProgress } from './store';

/** Where more than this is missing, nothing is read ahead. Units: stored bytes. */
export const maxAheadBytes = 64 * 2 ** 20;
const lanes = 2;

export interface ReadAheadOptions {
  /** Called for every block before the first is read, so that the total stands still. */
  count(bytes: number): BlockProgress;
  /** How long nobody must have asked anything: queries come in bursts of keys. Units: milliseconds. */
  quietMs?: number;
}

export class ReadAhead {
  readonly #store: CachedStore;
  readonly #manifest: Manifest;
  readonly #options: ReadAheadOptions;
  #running = 0;
  #lastMs = 0;
  #reading: Promise<void> | null = null;

  constructor(store: CachedStore, manifest: Manifest, options: ReadAheadOptions) {
    this.#store = store;
    this.#manifest = manifest;
    this.#options = options;
  }

  /** The query's outcome; nothing more is read ahead before it. */
  async during<T>(query: Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await query;
    } finally {
      this.#running--;
      this.#lastMs = performance.now();
    }
  }

  /** Calls after the first wait for the same reads; after an error they begin again. Errors: those of the store; AbortError. */
  start(signal?: AbortSignal): Promise<void> {
    this.#reading ??= this.#read(signal).catch((error) => {
      this.#reading = null;
      throw error;
    });
    return this.#reading;
  }

  async #read(signal?: AbortSignal): Promise<void> {
    const store = this.#store;
    await this.#quiet();
    if (store.stale || !store.keeps) return;
    const missing = (await store.missing(this.#manifest)).filter(({ kind }) => kind !== 'asset');
    if (missing.reduce((bytes, { ref }) => bytes + ref.bytes, 0) > maxAheadBytes) return;
    const waiting = missing.map((block) => ({ ...block, onProgress: this.#options.count(block.ref.bytes) }));
    const lane = async () => {
      for (let next = waiting.shift(); next && store.keeps; next = waiting.shift()) {
        await this.#quiet();
        await store.readStored(next.kind, next.ref, {
          signal,
          onProgress: next.onProgress,
          priority: 'low',
        });
      }
    };
    try {
      await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
      // One lane's error ends the other.
      waiting.length = 0;
    }
  }

  async #quiet(): Promise<void> {
    const { quietMs = 1000 } = this.#options;
    for (;;) {
      const left = this.#running > 0 ? quietMs : this.#lastMs + quietMs - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }
}
