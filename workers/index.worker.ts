/**
 * The index worker: wiring of store, kernel and searcher behind IndexApi.
 * Deliberately not here: embedding a query (the inference workers), and which query is the newest (src/client).
 */
import { NearbitError } from '../src/errors';
import { chooseKernel } from '../src/kernels/choose';
import { openSearcher, type Searcher } from '../src/search/searcher';
import type { IndexApi } from './api';
import { moved, serve } from './rpc';
import { countedStore, openSource, readAssets, type Source } from './source';

serve<IndexApi>((emit) => {
  let opened: { store: Source; searcher: Searcher } | null = null;
  const index = (call: string) => {
    if (!opened) throw new NearbitError('closed', { what: 'The index', call });
    return opened;
  };
  return {
    async open(signal, source, options) {
      const store = openSource(source, emit);
      const { kernel, reason, refused } = await chooseKernel(options);
      const searcher = await openSearcher({ store: countedStore(store, emit), kernel, signal });
      opened = { store, searcher };
      const { manifest } = searcher;
      return { manifest, kernel: { name: kernel.name, reason, refused }, stale: store.stale ?? false };
    },
    search: (signal, query, embedding, options) =>
      index('search').searcher.search(query, embedding, { ...options, signal }),
    warm: () => index('warm').searcher.warm(),
    async readAssets(signal, refs, what) {
      const files = await readAssets(index('readAssets').store, refs, what, emit, signal);
      return moved(files, files);
    },
  };
});
