/**
 * The worker of a live index: wiring of database, lock, channel and engine behind LiveApi.
 * Changes are told to the workers of other tabs over a BroadcastChannel, and to the page as `change`.
 * Deliberately not here: embedding (the inference workers), and when the background's work is done (src/client/background.ts).
 */
import { NearbitError } from '../src/errors';
import type { KernelChoice } from '../src/kernels/choose';
import { type LiveEngine, openLiveEngine } from '../src/live/live-engine';
import { localGuard, type PruneGuard } from '../src/live/transfer';
import type { Exclusively } from '../src/live/writer';
import { idbLiveStore } from '../src/store/live-store-idb';
import type { LiveSource } from './api';
import type { LiveApi } from './live-api';
import { moved, serve } from './rpc';
import { openSource, readAssets } from './source';

/** Names of a live index's database, lock and channel begin like this. */
const prefix = 'nearbit live';

/** Without Web Locks (an insecure context) there is one tab at a time at best; its own changes still wait for each other. */
function exclusively(name: string): Exclusively {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    if (navigator.locks) return navigator.locks.request(`${prefix} ${name} write`, work) as Promise<T>;
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

/** Backups hold a lock together that pruning must have alone. Without Web Locks: for this tab only. */
function pruneGuard(name: string): PruneGuard {
  const lock = `${prefix} ${name} backup`;
  if (!navigator.locks) return localGuard();
  return {
    hold: () =>
      new Promise((resolve, reject) => {
        const held = () => new Promise<void>((release) => resolve(release));
        navigator.locks.request(lock, { mode: 'shared' }, held).catch(reject);
      }),
    unlessHeld: (work) =>
      navigator.locks.request(lock, { ifAvailable: true }, async (free) => {
        if (free) await work();
      }),
  };
}

serve<LiveApi>((emit) => {
  let engine: LiveEngine | null = null;
  let base: ReturnType<typeof openSource> | null = null;
  const index = (call: string) => {
    if (!engine) throw new NearbitError('closed', { what: 'The live index', call });
    return engine;
  };
  return {
    async open(_signal, source, kernels) {
      const { name, durability, language, base: bundle } = source as LiveSource;
      const channel = new BroadcastChannel(`${prefix} ${name}`);
      base = bundle && openSource({ kind: 'http', ...bundle, ahead: false }, emit);
      const opened = await openLiveEngine({
        store: idbLiveStore(name),
        exclusively: exclusively(name),
        pruneGuard: pruneGuard(name),
        durability,
        language,
        base: base && { url: bundle!.url, store: base.store },
        async kernel(codes) {
          const { chooseKernel } = await import('../src/kernels/choose');
          const tell = ({ kernel, ...report }: KernelChoice) =>
            emit({ type: 'kernel', kernel: { ...report, name: kernel.name } });
          const choice = await chooseKernel({ ...kernels, codes, threads: null });
          tell(choice);
          return choice.kernel;
        },
        onNotice: (notice) => emit({ type: 'notice', notice }),
        onChange(state, own) {
          if (own) channel.postMessage(state.generation);
          emit({ type: 'change', state });
        },
      });
      engine = opened;
      // What another tab wrote between reading the manifest and listening to it is seen with its next change, or here.
      channel.addEventListener('message', () => void opened.refresh().catch(() => {}));
      await opened.refresh();
      return { manifest: opened.overview(), stale: base?.keeps?.stale ?? false };
    },
    search: (signal, query, embedding, options) =>
      index('search').search(query, embedding, { ...options, signal }),
    warm: () => index('warm').warm(),
    async readAssets(signal, refs, what, kind) {
      if (!base) throw new NearbitError('closed', { what: 'The bundle under the index', call: 'readAssets' });
      const files = await readAssets(base.store, refs, what, emit, signal, kind);
      return moved(files, files);
    },
    add: (_signal, documents, mode) => index('add').add(documents, mode),
    remove: (_signal, ids) => index('remove').remove(ids),
    clear: () => index('clear').clear(),
    has: (_signal, ids) => index('has').has(ids),
    async state() {
      const opened = index('state');
      // What another tab has just written counts, too.
      await opened.refresh();
      return opened.state();
    },
    useModel: (_signal, model) => index('useModel').useModel(model),
    nextTexts: (_signal, most) => index('nextTexts').nextTexts(most),
    storeEmbeddings: (_signal, ticket, embeddings) =>
      index('storeEmbeddings').storeEmbeddings(ticket, embeddings),
    tidy: (_signal, ms) => index('tidy').tidy(ms),
    check: () => index('check').check(),
    repair: () => index('repair').repair(),
    reembed: () => index('reembed').reembed(),
    async exportPart(_signal, begin) {
      const part = await index('export').exportPart(begin);
      return part && moved(part, [part]);
    },
    importPart: (_signal, bytes, begin) => index('import').importPart(bytes, begin),
    dropBackup: (_signal, direction) => index(direction).dropBackup(direction),
    destroy: () => index('destroy').destroy(),
  };
});
