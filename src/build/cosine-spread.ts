/**
 * The unit in which fusion reads a cosine, for a model whose folder does not say it: how far the cosines of a query and
 * a passage spread.
 * In: headlines of the corpus (as stand-ins for queries) and passage embeddings. Out: a standard deviation.
 */
import type { Encoder } from '../types';

/** Below so many passages a corpus says little about the model. */
const minimumPassages = 200;
/** Taken where nothing can be estimated; MiniLM's. e5 models are near .023, bge near .05. */
const usualSpread = 0.109;
/** Headlines lie closer to their own corpus than queries do: MiniLM spreads .139 and .143 where queries spread .109. */
const headlineShare = 0.78;

/** Cost: one encoder pass per headline, then headlines × passages dot products on at most 2,048 passages. */
export async function estimateSpread(
  headlines: readonly string[],
  embeddings: Float32Array,
  encoder: Encoder,
  signal?: AbortSignal,
): Promise<number> {
  const { dim } = encoder.card;
  const n = embeddings.length / dim;
  if (n < minimumPassages || headlines.length === 0) return usualSpread;
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
  return headlineShare * Math.sqrt(Math.max(0, squares / count - mean * mean));
}
