/**
 * One thread of an encoder pool, seen from the pool: every call settles, by reply, error, abort, crash or close.
 * In: a batch of texts. Out: its rows. The other end is encode.thread.node.ts.
 */

import { Worker } from 'node:worker_threads';
import { describe, NearbitError, reviveError, WorkerError } from '../errors';
import type { EmbeddingKind, RuntimeReport } from '../types';
import type { FromThread, ThreadStart, ToThread } from './thread-messages';

interface Call {
  resolve(rows: Float32Array): void;
  reject(error: unknown): void;
}

/** A thread with its own encoder. */
export interface EncodeThread {
  /** Errors: ModelError, WorkerError `worker-crashed` when the encoder cannot be opened. */
  readonly ready: Promise<RuntimeReport>;
  /** Batches asked for and not yet answered. */
  readonly pending: number;
  /** False once the thread has ended; it stays so. */
  readonly alive: boolean;
  embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Starts a thread. `script` is the built encode.thread.js. */
export function startThread(script: URL, start: ThreadStart): EncodeThread {
  const worker = new Worker(script, { workerData: start });
  const calls = new Map<number, Call>();
  let ended: Error | null = null;
  let nextId = 0;
  let opened: { resolve(report: RuntimeReport): void; reject(error: unknown): void };
  const ready = new Promise<RuntimeReport>((resolve, reject) => {
    opened = { resolve, reject };
  });
  // Whoever awaits `ready` hears of a failure; so does every call.
  ready.catch(() => undefined);

  function end(error: Error): void {
    if (ended) return;
    ended = error;
    opened.reject(error);
    for (const call of calls.values()) call.reject(error);
    calls.clear();
  }
  const crash = (received: string) =>
    end(new WorkerError('worker-crashed', { worker: 'encoder', call: 'embed', received }));

  worker.on('message', (message: FromThread) => {
    if ('ready' in message) opened.resolve(message.ready);
    else if ('failed' in message) end(reviveError(message.failed));
    else {
      const call = calls.get(message.id);
      calls.delete(message.id);
      if ('rows' in message) call?.resolve(message.rows);
      else call?.reject(reviveError(message.error));
    }
  });
  worker.on('error', (error) => crash(describe(error)));
  worker.on('messageerror', (error) => crash(describe(error)));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      crash(`its end (exit code ${code})`);
      resolve();
    });
  });

  const post = (message: ToThread) => worker.postMessage(message);
  return {
    ready,
    get pending() {
      return calls.size;
    },
    get alive() {
      return ended === null;
    },
    async embed(texts, kind, signal) {
      signal?.throwIfAborted();
      if (ended) throw ended;
      const id = nextId++;
      const onAbort = () => {
        calls.get(id)?.reject(signal?.reason);
        calls.delete(id);
        post({ abort: id });
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return await new Promise<Float32Array>((resolve, reject) => {
          calls.set(id, { resolve, reject });
          post({ id, texts, kind });
        });
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      end(new NearbitError('closed', { what: 'The encoder', call: 'embed' }));
      post({ close: true });
      await exited;
    },
  };
}
