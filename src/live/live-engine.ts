/**
 * A live index as its worker and tests hold it: documents in, answers out, and what keeps it tidy.
 * In: a store, a lock that all tabs share, documents, embeddings. Out: reports, answers, the state after every change.
 * Deliberately not here: how other tabs are told (workers/live.worker.ts), when the background's work is done
 * (client/background.ts), and what each operation does (the files beside this one).
 */
import { FormatError, StoreError } from '../errors';
import type { Kernel } from '../kernels/kernel';
import { loadAnalyser } from '../lexical/analyser';
import type { LiveManifest } from '../segment/live-shape';
import type { Durability, LiveStore } from '../store/live-store';
import type { ReadableStore } from '../store/store';
import type { Answer, Manifest, SearchOptions } from '../types';
import { addDocuments } from './add-documents';
import { openBase, settleBase } from './base';
import { checkBlocks, lossOf } from './check-blocks';
import { EmbedQueue } from './embed-queue';
import { KnownIds } from './known-ids';
import type { LiveParts } from './live-parts';
import { createLiveSearcher } from './live-searcher';
import { describeState } from './live-state';
import type {
  AddReport,
  Damage,
  EmbedBatch,
  LiveDocument,
  LiveState,
  ModelAtHand,
  RepairReport,
} from './live-types';
import { manifestOf } from './manifest-of';
import { beginReembed, createReembedQueue, settleReembed } from './reembed';
import { clearDocuments, hasDocuments, removeDocuments } from './remove-documents';
import { repairIndex } from './repair';
import { SegmentReaders } from './segment-reader';
import { Tidying } from './tidying';
import { localGuard, type PruneGuard, Transfer } from './transfer';
import { type Exclusively, openWriter } from './writer';

export interface LiveEngineOptions {
  store: LiveStore;
  exclusively: Exclusively;
  /** Default: one for this realm alone. */
  pruneGuard?: PruneGuard;
  durability: Durability;
  /** Of documents that do not say. '': each is guessed. */
  language: string;
  /** The bundle that the index lies over. */
  base: { url: string; store: ReadableStore } | null;
  /** A function is called with the first embedding, and the number of passages. */
  kernel: Kernel | ((codes: number) => Promise<Kernel>);
  /** After every state that is new here. `own`: made here, so that other tabs are to be told. */
  onChange(state: LiveState, own: boolean): void;
  /** Something goes on without a part of it. */
  onNotice?(notice: { code: string; message: string }): void;
}

/** Errors of every method: those of the file that does it; StoreError store-failed; NearbitError closed after `close`. */
export interface LiveEngine {
  state(): LiveState;
  /** What a bundle of the same name would say of itself: that of the bundle under it, else an empty one's. */
  overview(): Manifest;
  /** Takes in what another tab has written. */
  refresh(): Promise<void>;
  search(query: string, embedding: Float32Array | null, options?: SearchOptions): Promise<Answer>;
  warm(): Promise<void>;
  add(documents: readonly LiveDocument[], mode: 'add' | 'update'): Promise<AddReport>;
  remove(ids: readonly string[]): Promise<number>;
  clear(): Promise<number>;
  has(ids: readonly string[]): Promise<boolean[]>;
  useModel(model: ModelAtHand): Promise<LiveState>;
  nextTexts(most: number): Promise<EmbedBatch | null>;
  storeEmbeddings(ticket: number, embeddings: Float32Array): Promise<void>;
  reembed(): Promise<LiveState>;
  tidy(ms: number): Promise<boolean>;
  check(): Promise<Damage[]>;
  repair(): Promise<RepairReport>;
  exportPart(begin: boolean): Promise<Uint8Array | null>;
  importPart(bytes: Uint8Array | null, begin: boolean): Promise<void>;
  /** Gives up a backup that is under way: what it holds may be deleted again. */
  dropBackup(direction: 'export' | 'import'): Promise<void>;
  /** Deletes everything, and closes. */
  destroy(): Promise<void>;
  close(): Promise<void>;
}

/** Errors: those of reading the manifest. A bundle that cannot be read is left out, and said in a notice. */
export async function openLiveEngine(options: LiveEngineOptions): Promise<LiveEngine> {
  const { store, exclusively, durability, language, kernel, onChange } = options;
  const { pruneGuard = localGuard(), onNotice = () => {} } = options;
  // Their code comes while the database opens and is read; who needs it hears of what goes wrong.
  const fetchAnalysers = (tags: Iterable<string>) => {
    for (const tag of tags) loadAnalyser(tag).catch(() => {});
  };
  if (language) fetchAnalysers([language]);
  const damage = new Map<string, Damage>();
  const readers = new SegmentReaders(store, {
    onDamage(path, { message }) {
      if (damage.has(path)) return;
      const lost = lossOf(writer.manifest, path);
      damage.set(path, { path, lost, reason: message });
      onNotice({ code: 'block-damaged', message: `${message}. Lost until repair(): ${lost}` });
    },
  });
  const searcher = createLiveSearcher({ kernel });
  const show = (manifest: LiveManifest) =>
    searcher.show(manifest, readers.of(manifest, parts.base), parts.base?.manifest ?? null);

  let isOpen = false;
  const writer = await openWriter({
    store,
    exclusively,
    durability,
    onChange(manifest, own) {
      if (!isOpen) return;
      show(manifest);
      onChange(state(), own);
    },
  });
  fetchAnalysers(new Set(writer.manifest.segments.flatMap(({ languages }) => Object.keys(languages))));
  const base =
    options.base &&
    (await openBase(options.base.url, options.base.store).catch((error: unknown) => {
      if (!(error instanceof StoreError || error instanceof FormatError)) throw error;
      onNotice({ code: 'bundle-missing', message: `Without the documents of the bundle: ${error.message}` });
      return null;
    }));
  const parts: LiveParts = { writer, store, readers, base, ids: new KnownIds(readers, base), language };
  const queue = new EmbedQueue(parts);
  const reembedQueue = createReembedQueue(parts);
  /** Tickets of the two queues are told apart by their lowest bit. */
  const queues = [queue, reembedQueue] as const;
  const transfer = new Transfer(parts, pruneGuard);
  const tidying = new Tidying(parts, pruneGuard);
  let atHand: ModelAtHand | null = null;
  await settleBase(parts);
  isOpen = true;
  show(writer.manifest);
  // Nobody waits for it; what cannot be read is told by the query that needs it.
  searcher.warmWords().catch(() => {});

  function state(): LiveState {
    return describeState(writer.manifest, parts.base, queue.modelDiffers, damage);
  }

  const beginAnew = (model: ModelAtHand | null) => {
    for (const each of queues) each.useModel(model);
  };

  return {
    state,
    overview: () => parts.base?.manifest ?? manifestOf(writer.manifest),
    refresh: async () => void (await writer.refresh()),
    async search(query, embedding, options) {
      const { generation } = writer.manifest;
      const answer = await searcher.search(query, embedding, options);
      if (answer.notices.length === 0) return answer;
      // What could not be read may have been merged and pruned by another tab meanwhile.
      const now = await writer.refresh();
      return now.generation === generation ? answer : searcher.search(query, embedding, options);
    },
    warm: () => searcher.warm(),
    add: (documents, mode) => addDocuments(parts, documents, mode),
    remove: (ids) => removeDocuments(parts, ids),
    clear: () => clearDocuments(parts),
    has: (ids) => hasDocuments(parts, ids),
    async useModel(model) {
      atHand = model;
      beginAnew(model);
      await settleReembed(parts, model);
      return state();
    },
    async nextTexts(most) {
      const which = writer.manifest.next ? 1 : 0;
      const batch = await queues[which].next(most);
      return batch && { ...batch, ticket: 2 * batch.ticket + which };
    },
    storeEmbeddings: (ticket, embeddings) =>
      queues[ticket & 1 ? 1 : 0].store(Math.floor(ticket / 2), embeddings),
    async reembed() {
      if (atHand) await beginReembed(parts, atHand);
      return state();
    },
    tidy: (ms) => tidying.step(ms),
    async check() {
      const found = await checkBlocks(parts);
      damage.clear();
      for (const one of found) damage.set(one.path, one);
      return found;
    },
    async repair() {
      const report = await repairIndex(parts);
      damage.clear();
      tidying.reset();
      beginAnew(atHand);
      return report;
    },
    exportPart: (begin) => transfer.exportPart(begin),
    dropBackup: (direction) => transfer.drop(direction),
    async importPart(bytes, begin) {
      await transfer.importPart(bytes, begin);
      if (bytes !== null) return;
      damage.clear();
      tidying.reset();
      beginAnew(atHand);
    },
    async destroy() {
      await searcher.close();
      await exclusively(() => store.destroy());
    },
    async close() {
      await searcher.close();
      await store.close();
    },
  };
}
