/**
 * The index worker: wiring of store, kernel and searcher behind IndexApi.
 * What words alone do not need is in files of its own, loaded with the first embedding.
 * Deliberately not here: embedding a query (the inference workers), and which query is the newest (src/client).
 */
import { NearbitError } from '../src/errors';
import type { KernelChoice } from '../src/kernels/choose';
import type { ScanThreads } from '../src/kernels/wasm/crew';
import { openSearcher, type Searcher } from '../src/search/searcher';
import type { ReadableStore } from '../src/store/store';
import type { IndexApi, LiveSource, SourceMessage } from './api';
import { moved, serve } from './rpc';
import { countBytes, countedStore, openSource, readAssets } from './source';

interface Opened {
  store: ReadableStore;
  searcher: Searcher;
  /** Reads ahead. Null: nothing is kept, or the reader saves data. */
  keepRest: (() => Promise<void>) | null;
}

/** A scan is bound by memory: more threads than this do not make it faster. */
const mostThreads = 4;

/** Threads beside this worker's own; null without cross-origin isolation, which no site has to have. */
function scanThreads(): ScanThreads | null {
  const count = Math.min(navigator.hardwareConcurrency, mostThreads) - 1;
  if (!globalThis.crossOriginIsolated || count < 1) return null;
  return {
    count,
    start() {
      const url = new URL('./scan.worker.js', import.meta.url);
      const worker = new Worker(url, { type: 'module', name: 'nearbit-scan' });
      return { post: (setup) => worker.postMessage(setup), terminate: () => worker.terminate() };
    },
  };
}

serve<IndexApi>((emit) => {
  let opened: Opened | null = null;
  let running = 0;
  let answeredMs = 0;
  const index = (call: string) => {
    if (!opened) throw new NearbitError('closed', { what: 'The index', call });
    return opened;
  };
  const idleMs = () => (running > 0 ? 0 : performance.now() - answeredMs);
  return {
    async open(signal, source, options) {
      // Live indexes are opened by their own worker.
      const { store, keeps } = openSource(source as Exclude<SourceMessage, LiveSource>, emit);
      const count = countBytes('index', emit);
      const searcher = await openSearcher({
        store: countedStore(store, count),
        async kernel(codes) {
          const { chooseKernel } = await import('../src/kernels/choose');
          const tell = ({ kernel, ...report }: KernelChoice, more = '') =>
            emit({ type: 'kernel', kernel: { ...report, name: kernel.name, reason: report.reason + more } });
          const onGpu = (reason: string) => tell(choice, `; ${reason}`);
          const choice = await chooseKernel({ ...options, codes, threads: scanThreads(), onGpu });
          tell(choice);
          return choice.kernel;
        },
        signal,
      });
      const { manifest } = searcher;
      let begun = false;
      const keepRest = async () => {
        if (begun) return;
        begun = true;
        try {
          const { readAhead } = await import('../src/store/read-ahead');
          await readAhead(keeps!, manifest, { count, idleMs });
        } catch {
          // Tried again with the next full answer; a query that needs what cannot be read will tell.
          begun = false;
        }
      };
      const wanted = keeps !== null && source.kind === 'http' && source.ahead;
      opened = { store, searcher, keepRest: wanted ? keepRest : null };
      return { manifest, stale: keeps?.stale ?? false };
    },
    async search(signal, query, embedding, options) {
      const { searcher, keepRest } = index('search');
      running++;
      try {
        const answer = await searcher.search(query, embedding, { ...options, signal });
        if (answer.tier === 'full') void keepRest?.();
        return answer;
      } finally {
        running--;
        answeredMs = performance.now();
      }
    },
    warm: () => index('warm').searcher.warm(),
    async readAssets(signal, refs, what, kind) {
      const files = await readAssets(index('readAssets').store, refs, what, emit, signal, kind);
      return moved(files, files);
    },
  };
});
