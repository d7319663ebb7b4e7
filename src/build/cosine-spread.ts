/**
 * The unit in which fusion reads a cosine: how far cosines of a query and a passage spread, for one model.
 * In: headlines of the corpus (as stand-ins for queries) and passage embeddings. Out: a standard deviation.
 */
import type { Encoder } from '../types';

/** Below so many passages a corpus says little about the model; its own figure is then not used. */
export const minimumPassages = 200;

/** Measured for MiniLM over five judged sets; e5 models are near .023, bge near .05. */
export const defaultSpread = 0.109;

/** Cost: one encoder pass per headline, then headlines × passages dot products on at most 2,048 passages. */
export async function measureSpread(
  headlines: readonly string[],
  embeddings: Float32Array,
  encoder: Encoder,
  signal?: AbortSignal,
): Promise<number> {
  const { dim } = encoder.card;
  const n = embeddings.length / dim;
  if (n < minimumPassages || headlines.length === 0) return defaultSpread;
  const queries = await encoder.embed(headlines, 'query', signal);
  const step = Math.max(1, Math.floor(n / 2048));
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let q = 0; q < queries.length; q += dim) {
    for (let row = 0; row < n; row += step) {
      let dot = 0;
      for (let d = 0; d < dim; d++) dot += queries[q + d]! * embeddings[row * dim + d]!;
      count++;
      sum += dot;
      squares += dot * dot;
    }
  }
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean));
}
