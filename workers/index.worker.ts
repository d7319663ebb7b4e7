/**
 * The index worker: wiring of store, kernel and searcher behind IndexApi.
 * Deliberately not here: embedding a query (the inference workers), and which query is the newest (src/client).
 */
import { NearbitError } from '../src/errors';
import { openSearcher, type Searcher } from '../src/search/searcher';
import { ReadAhead } from '../src/store/read-ahead';
import type { ReadableStore } from '../src/store/store';
import type { IndexApi } from './api';
import { moved, serve } from './rpc';
import { countBytes, countedStore, openSource, readAssets } from './source';

interface Opened {
  store: ReadableStore;
  searcher: Searcher;
  /** Null: nothing is kept, or the reader saves data. */
  ahead: ReadAhead | null;
}

serve<IndexApi>((emit) => {
  let opened: Opened | null = null;
  const index = (call: string) => {
    if (!opened) throw new NearbitError('closed', { what: 'The index', call });
    return opened;
  };
  return {
    async open(signal, source, options) {
      const { store, keeps } = openSource(source, emit);
      const count = countBytes('index', emit);
      const searcher = await openSearcher({
        store: countedStore(store, count),
        // A file of its own, because words alone need no kernel.
        async kernel() {
          const { chooseKernel } = await import('../src/kernels/choose');
          const { kernel, ...report } = await chooseKernel(options);
          emit({ type: 'kernel', kernel: { ...report, name: kernel.name } });
          return kernel;
        },
        signal,
      });
      const { manifest } = searcher;
      const wanted = source.kind === 'http' && source.ahead;
      opened = { store, searcher, ahead: keeps && wanted ? new ReadAhead(keeps, manifest, { count }) : null };
      return { manifest, stale: keeps?.stale ?? false };
    },
    async search(signal, query, embedding, options) {
      const { searcher, ahead } = index('search');
      const answering = searcher.search(query, embedding, { ...options, signal });
      const answer = await (ahead?.during(answering) ?? answering);
      // What cannot be read is told by the query that needs it.
      if (answer.tier === 'full') ahead?.start().catch(() => {});
      return answer;
    },
    warm: () => index('warm').searcher.warm(),
    async readAssets(signal, refs, what) {
      const files = await readAssets(index('readAssets').store, refs, what, emit, signal);
      return moved(files, files);
    },
  };
});
