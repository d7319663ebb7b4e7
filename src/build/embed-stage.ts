/**
 * Second stage of a build: every passage gets its embedding, from the cache where its text was encoded before.
 * In: passage texts by ordinal. Out: float32[n × dim].
 * Memory: n × dim × 4 bytes; the fit of the codes needs them all.
 */
import type { EmbeddingKind, Encoder } from '../types';

/** Embeddings of texts seen before, for one model. Implementations own the key. */
export interface EmbeddingCache {
  /** Null when the text is new. */
  get(text: string): Float32Array | null;
  put(text: string, embedding: Float32Array): void;
  flush(): void;
}

export interface EmbedResult {
  embeddings: Float32Array;
  reused: number;
}

/** Texts handed to the encoder at once: enough to keep several threads busy, few enough to lose little when killed. */
const batchSize = 256;

/** Cost: one encoder pass per distinct new text; repeated texts are encoded once. */
export async function embedPassages(
  inputs: readonly string[],
  encoder: Encoder,
  options: {
    cache?: EmbeddingCache;
    /** Default `passage`. */
    kind?: EmbeddingKind;
    onProgress?: (done: number, total: number) => void;
    signal?: AbortSignal;
  },
): Promise<EmbedResult> {
  const { cache, kind = 'passage', onProgress, signal } = options;
  const { dim } = encoder.card;
  const embeddings = new Float32Array(inputs.length * dim);
  const missing = new Map<string, number[]>();
  let reused = 0;
  for (const [ordinal, text] of inputs.entries()) {
    const known = cache?.get(cacheKey(text, kind));
    if (known) {
      embeddings.set(known, ordinal * dim);
      reused++;
      continue;
    }
    const ordinals = missing.get(text);
    if (ordinals) ordinals.push(ordinal);
    else missing.set(text, [ordinal]);
  }

  const texts = [...missing.keys()];
  const encode = (start: number): Promise<Float32Array> | null =>
    start < texts.length ? encoder.embed(texts.slice(start, start + batchSize), kind, signal) : null;
  let current = encode(0);
  for (let start = 0; current; start += batchSize) {
    onProgress?.(start, texts.length);
    // The next batch is under way before this one is awaited, so that no thread of the encoder waits at its end.
    const next = encode(start + batchSize);
    next?.catch(() => {});
    const rows = await current;
    for (const [i, text] of texts.slice(start, start + batchSize).entries()) {
      const row = rows.subarray(i * dim, (i + 1) * dim);
      for (const ordinal of missing.get(text)!) embeddings.set(row, ordinal * dim);
      cache?.put(cacheKey(text, kind), row);
    }
    cache?.flush();
    current = next;
  }
  onProgress?.(texts.length, texts.length);
  return { embeddings, reused };
}

/** A model may encode a text as a query in another way than as a passage. */
function cacheKey(text: string, kind: EmbeddingKind): string {
  return kind === 'passage' ? text : `${kind}\n${text}`;
}
