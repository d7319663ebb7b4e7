/**
 * EntityDB: packed codes in IndexedDB, read whole for every query. A query is a text: no-model gives it the vector that its
 * median rule turns into the query's bits. Codes are stored packed as insertBinary packs them: insertBinary itself would cut
 * each at its own median, and so store other codes.
 */
import { EntityDB } from '@babycommando/entity-db';
import { teach } from '@xenova/transformers';
import { type Codes, codeBytes, rowOf, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

/** Inserts in flight at once. */
const batch = 1000;

export const loadBinary = (codes: Codes) => load(codes, 'queryBinary');

export async function loadBinarySimd(codes: Codes): Promise<LoadedPeer> {
  const loaded = await load(codes, 'queryBinarySIMD');
  // As shipped, a query prints more lines than there are codes, which would be all that is timed.
  console.log = () => {};
  return loaded;
}

async function load({ n, codes }: Codes, call: 'queryBinary' | 'queryBinarySIMD'): Promise<LoadedPeer> {
  const database = new EntityDB({ vectorPath: 'vector' });
  for (let from = 0; from < n; from += batch) {
    await Promise.all(
      Array.from({ length: Math.min(batch, n - from) }, (_, i) =>
        database.insertManualVectors({ vector: pack(rowOf(codes, from + i, codeBytes)), ordinal: from + i }),
      ),
    );
  }
  return {
    prepare(code, k) {
      const text = code.join();
      teach(text, Array.from(signsOf(code)));
      return async () => (await database[call](text, { limit: k })).map(({ ordinal }) => ordinal);
    },
    close() {},
  };
}

/** Its bit order: bit i of the vector is bit i % 64 of word i / 64, least significant first. */
function pack(code: Uint8Array): BigUint64Array {
  const reversed = code.map((byte) => {
    let bits = 0;
    for (let i = 0; i < 8; i++) bits |= ((byte >> i) & 1) << (7 - i);
    return bits;
  });
  return new BigUint64Array(reversed.buffer);
}
