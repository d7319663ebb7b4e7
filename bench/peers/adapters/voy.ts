/** Voy: a k-d tree over float vectors in WASM. Its entry imports a .wasm file as a module; this does the same by hand. */
import * as glue from 'voy-search/voy_search_bg.js';
import { type Codes, dim, rowOf, signsOf } from '../codes';
import type { LoadedPeer } from '../peer';

const wasm = new URL('../node_modules/voy-search/voy_search_bg.wasm', import.meta.url);

export async function load({ n, codes }: Codes): Promise<LoadedPeer> {
  const imports = { './voy_search_bg.js': glue as unknown as WebAssembly.ModuleImports };
  const { instance } = await WebAssembly.instantiateStreaming(fetch(wasm), imports);
  glue.__wbg_set_wasm(instance.exports);
  const signs = signsOf(codes);
  const embeddings = Array.from({ length: n }, (_, i) => ({
    id: `${i}`,
    title: '',
    url: '',
    embeddings: Array.from(rowOf(signs, i, dim)),
  }));
  const index = new glue.Voy({ embeddings });
  return {
    prepare(code, k) {
      const query = signsOf(code);
      return () => index.search(query, k).neighbors.map(({ id }) => Number(id));
    },
    close: () => index.free(),
  };
}
