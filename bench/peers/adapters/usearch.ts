/** USearch, native: an exact search over int8, which is the narrowest its Node binding takes there, and a graph over bits. */
import { exactSearch, Index } from 'usearch';
import { type Codes, dim, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

export async function loadExact({ codes }: Codes): Promise<LoadedPeer> {
  const rows = Int8Array.from(signsOf(codes));
  return {
    prepare(code, k) {
      const query = Int8Array.from(signsOf(code));
      return () => Array.from(exactSearch(rows, query, dim, k, 'ip', 1).keys, Number);
    },
    close() {},
  };
}

export async function loadGraph({ n, codes }: Codes): Promise<LoadedPeer> {
  const index = new Index({
    dimensions: dim,
    metric: 'hamming',
    quantization: 'b1',
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 64,
    multi: false,
  });
  // 0: as many threads as there are cores. Signs are packed to bits inside.
  index.add(
    BigUint64Array.from({ length: n }, (_, i) => BigInt(i)),
    Int8Array.from(signsOf(codes)),
    0,
  );
  return {
    prepare(code, k) {
      const query = Int8Array.from(signsOf(code));
      return () => Array.from(index.search(query, k, 1).keys, Number);
    },
    close() {},
  };
}
