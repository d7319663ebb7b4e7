/**
 * Samples that depend on what is sampled alone.
 * In: items and the text that stands for each. Out: the first of them by hash.
 */
import { createHash } from 'node:crypto';

/** A sample that does not move when others come and go. */
export function sampleBy<T>(items: Iterable<T>, n: number, keyOf: (item: T) => string): T[] {
  const keyed = Array.from(items, (item) => ({
    item,
    hash: createHash('sha256').update(keyOf(item)).digest('hex'),
  }));
  return keyed
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, n)
    .map(({ item }) => item);
}
