/**
 * A model folder as an encoder on several threads, for indexing.
 * In: texts, all at once or as a stream. Out: their embeddings in the same order.
 * Each thread has a session of one thread of its own: faster than one session on all cores.
 */

import { NearbitError } from '../errors';
import type { EmbeddingKind, Encoder } from '../types';
import { readModelCard } from './model-card';
import { type NodeEncoderOptions, nodeModelFolder } from './node-encoder.node';
import { type EncodeThread, startThread } from './pool-thread.node';
import { readTokenizer } from './tokenizer';

export interface EncoderPoolOptions extends Pick<NodeEncoderOptions, 'weights' | 'runtime'> {
  /** Threads, each with a copy of the model in memory. */
  workers: number;
  /** The built encode.thread.js. Default: beside the running file. */
  script?: URL;
}

export interface StreamOptions {
  signal?: AbortSignal;
  /** Called with the number of texts embedded so far, after every batch. */
  onProgress?: (done: number) => void;
}

/**
 * An encoder that can also take texts as they come.
 * Close it before `process.exit`: Node aborts when it ends a thread that is within native code.
 */
export interface EncoderPool extends Encoder {
  /**
   * Rows of consecutive texts, a batch at a time. Reads only a few batches ahead of its reader.
   * Shapes: f32[texts of the batch × dim], row-major.
   */
  embedStream(
    texts: Iterable<string> | AsyncIterable<string>,
    kind: EmbeddingKind,
    options?: StreamOptions,
  ): AsyncGenerator<Float32Array, void>;
}

/** Texts a message: enough to make its cost vanish, few enough that the threads finish together. */
const batchTexts = 16;
/** Batches a thread has at hand, so that it never waits for the next. */
const batchesAhead = 2;

/**
 * Starts the threads and waits until all are ready.
 * Errors: ModelError `model-missing`, `model-damaged`, `runtime-refused`; WorkerError `worker-crashed`.
 */
export async function openEncoderPool(folder: string, options: EncoderPoolOptions): Promise<EncoderPool> {
  const { workers, script = new URL('./encode.thread.js', import.meta.url), ...encoderOptions } = options;
  const files = nodeModelFolder(folder);
  const card = await readModelCard(files);
  const tokenizer = await readTokenizer(files);
  const start = () => startThread(script, { folder, options: { ...encoderOptions, threads: 1 } });
  const threads = Array.from({ length: Math.max(1, workers) }, start);
  let closed = false;
  const close = async () => {
    closed = true;
    await Promise.all(threads.map((thread) => thread.close()));
  };

  const opened = await Promise.all(threads.map((thread) => thread.ready)).catch(async (error) => {
    await close();
    throw error;
  });
  const report = {
    ...opened[0]!,
    threads: threads.length,
    reason: `${opened[0]!.reason}; a session on each thread`,
  };

  /** The thread with the least to do; a crashed one is replaced first. */
  function idlest(): EncodeThread {
    for (const [i, thread] of threads.entries()) if (!thread.alive) threads[i] = start();
    return threads.reduce((least, thread) => (thread.pending < least.pending ? thread : least));
  }

  async function* embedStream(
    texts: Iterable<string> | AsyncIterable<string>,
    kind: EmbeddingKind,
    { signal, onProgress }: StreamOptions = {},
  ): AsyncGenerator<Float32Array, void> {
    const stop = new AbortController();
    const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const flying: Promise<Float32Array>[] = [];
    let done = 0;
    const send = (batch: string[]) => {
      const rows = idlest().embed(batch, kind, stopped);
      flying.push(rows);
      rows.then(
        () => {
          done += batch.length;
          onProgress?.(done);
        },
        // The reader sees the failure when this batch's turn comes, if it has not gone away by then.
        () => undefined,
      );
    };
    try {
      for await (const batch of batches(texts)) {
        stopped.throwIfAborted();
        if (closed) throw new NearbitError('closed', { what: 'The encoder', call: 'embed' });
        send(batch);
        if (flying.length >= threads.length * batchesAhead) yield await flying.shift()!;
      }
      while (flying.length > 0) yield await flying.shift()!;
    } finally {
      stop.abort();
    }
  }

  return {
    card,
    report,
    countTokens: (text) => tokenizer.countTokens(text),
    embedStream,
    async embed(texts, kind, signal) {
      const rows = new Float32Array(texts.length * card.dim);
      let filled = 0;
      for await (const batch of embedStream(texts, kind, signal && { signal })) {
        rows.set(batch, filled);
        filled += batch.length;
      }
      return rows;
    },
    close,
  };
}

async function* batches(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const text of texts) {
    batch.push(text);
    if (batch.length === batchTexts) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
