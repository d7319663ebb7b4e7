/** hnswlib compiled to WASM: a graph over float vectors. */
import { loadHnswlib } from 'hnswlib-wasm';
import { type Codes, dim, rowOf, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

/** Vectors handed over at once. */
const batch = 1000;

export async function load({ n, codes }: Codes): Promise<LoadedPeer> {
  const { HierarchicalNSW } = await loadHnswlib();
  const index = new HierarchicalNSW('cosine', dim, '');
  index.initIndex(n, 16, 200, 100);
  const signs = signsOf(codes);
  for (let from = 0; from < n; from += batch) {
    const labels = Array.from({ length: Math.min(batch, n - from) }, (_, i) => from + i);
    index.addPoints(
      labels.map((i) => rowOf(signs, i, dim)),
      labels,
      false,
    );
  }
  index.setEfSearch(64);
  return {
    prepare(code, k) {
      const query = signsOf(code);
      return () => index.searchKnn(query, k, undefined).neighbors;
    },
    close() {},
  };
}
