/** client-vector-search: a scan over arrays of numbers in JavaScript. */
import { EmbeddingIndex } from 'client-vector-search';
import { type Codes, dim, rowOf, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

export async function load({ n, codes }: Codes): Promise<LoadedPeer> {
  const signs = signsOf(codes);
  const index = new EmbeddingIndex(
    Array.from({ length: n }, (_, ordinal) => ({
      ordinal,
      embedding: Array.from(rowOf(signs, ordinal, dim)),
    })),
  );
  return {
    prepare(code, k) {
      const query = Array.from(signsOf(code));
      return async () => {
        const found = await index.search(query, { topK: k, useStorage: 'none' });
        return found.map(({ object }) => object.ordinal);
      };
    },
    close: () => index.clear(),
  };
}
