/** Orama: a scan over float vectors in JavaScript. */
import { create, insertMultiple, searchVector } from '@orama/orama';
import { type Codes, dim, rowOf, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

export async function load({ n, codes }: Codes): Promise<LoadedPeer> {
  const index = create({ schema: { embedding: `vector[${dim}]` } });
  const signs = signsOf(codes);
  await insertMultiple(
    index,
    Array.from({ length: n }, (_, i) => ({ id: `${i}`, embedding: Array.from(rowOf(signs, i, dim)) })),
    1000,
  );
  return {
    prepare(code, k) {
      const vector = { value: signsOf(code), property: 'embedding' };
      return async () => {
        const { hits } = await searchVector(index, { vector, similarity: 0, limit: k });
        return hits.map(({ id }) => Number(id));
      };
    },
    close() {},
  };
}
