/**
 * What a person should know where the model at hand is not the one that made an index's embeddings.
 * In: what the manifest says, what is at hand. Out: one sentence, or ''.
 */
import type { LiveModel } from '../segment/live-shape';
import { sameModel } from './same-model';

/** '' where they are the same (same-model.ts), or where there is nothing to compare. */
export function modelDifference(stored: LiveModel | null, atHand: LiveModel | null): string {
  if (!stored || !atHand || sameModel(stored, atHand)) return '';
  const other =
    stored.name === atHand.name
      ? `another ${atHand.name} (other weights or settings) is at hand`
      : `the model at hand is ${atHand.name}`;
  return `The embeddings were made by ${stored.name}, and ${other}: reembed() makes them anew with it`;
}
