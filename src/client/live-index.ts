/**
 * A live index: documents are added, changed and removed while the app runs, and searched as any other index.
 * In: documents, ids, queries. Out: reports, answers, `status` and `change` events. Tabs that open the same name share it.
 * Deliberately not here: how a change is stored (the live worker), embedding (background.ts), and opening (open-live.ts).
 */
import type { AddReport, Damage, LiveState, RepairReport } from '../../workers/live-api';
import { readEmbedding } from '../live/own-embedding';
import type { Answer, Manifest, SearchOptions } from '../types';
import { Background, type BackgroundParts } from './background';
import type { LiveInputs } from './document-slices';
import type { EvictionMarker } from './eviction';
import { LiveChanges } from './live-changes';
import { LiveLink } from './live-link';
import type { LiveModelChoice } from './live-model';
import type { ChangeOptions, LiveSearchOptions, LiveStatus } from './live-options';
import { type IndexParts, NearbitIndex } from './nearbit-index';
import { abortable, Newest } from './newest';
import type { Spawn } from './spawn';
import { type StorageParts, StorageState } from './storage-state';

/** What a live index is made of; `openIndex` puts it together. */
export interface LiveParts extends IndexParts, LivePlatform {
  name: string;
  live: NonNullable<Spawn['live']>;
  persist: boolean;
}

/** What it asks of the browser; tests bring their own. */
export interface LivePlatform {
  locks: BackgroundParts['locks'];
  pause: BackgroundParts['pause'];
  storage: StorageParts['storage'];
  marker: EvictionMarker;
}

/**
 * Fires `change` (a plain Event) after every change of what can be found, in this tab or another one, and `status` as any
 * index does. Every method rejects with NearbitError closed after `close`.
 */
export class LiveIndex extends NearbitIndex {
  readonly name: string;
  readonly #link: LiveLink;
  readonly #background: Background;
  readonly #storage: StorageState;
  readonly #marker: EvictionMarker;
  readonly #changes: LiveChanges;
  readonly #newest = new Newest();
  #choice: LiveModelChoice | null = null;
  #isOpen = false;

  /** For `openIndex`; call `open` next. */
  constructor({ name, live, locks, pause, storage, marker, persist, ...parts }: LiveParts) {
    const link = new LiveLink(name, live);
    super({ ...parts, spawn: { ...parts.spawn, index: link.start } });
    this.name = name;
    this.#link = link;
    link.open = () => super.open();
    link.onState = (state, isNew) => this.#onState(state, isNew);
    this.#marker = marker;
    const onChange = () => this.hear();
    this.#storage = new StorageState({ storage, persist, onChange });
    this.#changes = new LiveChanges(link, this.#storage);
    this.#background = new Background({
      name,
      link,
      model: () => (this.#choice?.model.state === 'absent' ? null : (this.#choice?.model ?? null)),
      savesData: () => parts.device.savesData,
      locks,
      pause,
      onChange,
    });
  }

  override async open(signal?: AbortSignal): Promise<Manifest> {
    const manifest = await super.open(signal);
    if (this.#isOpen) return manifest;
    this.#isOpen = true;
    this.#lookForEviction();
    void this.#storage.ask();
    this.#background.start();
    return manifest;
  }

  /** For `openIndex`: the model, which is loaded when a query or a document wants it. */
  useLive(choice: LiveModelChoice): void {
    this.#choice = choice;
    this.use(choice.queries, true);
    choice.model.addEventListener('change', this.#onLiveModel);
    this.#onLiveModel();
  }

  override get status(): LiveStatus {
    const status = super.status;
    if (!this.#choice)
      status.modelReason = 'openIndex was given no model: documents are found by their words';
    return {
      ...status,
      live: this.#link.state!,
      storage: this.#storage.report,
      background: this.#background.report,
    };
  }

  /**
   * Adds documents; those whose id is known are replaced, unless nothing in them has changed. What has resolved is stored
   * and found by its words; by meaning once its embedding is there (`whenIdle`). Documents are taken from an iterable as they
   * are stored, and stored in slices: an error leaves those before it stored.
   * Errors: NearbitError usage, field-unusable, closed; ShapeError for an embedding; StoreError quota-exceeded (the index is
   * whole, and as it was before the slice); WorkerError; AbortError.
   */
  add(documents: LiveInputs, options: ChangeOptions = {}): Promise<AddReport> {
    return this.#changes.store(documents, 'add', options);
  }

  /** Changes what is given of documents that are known by their id; the rest of them stays. Errors: as `add`; usage for an id that is not known. */
  update(documents: LiveInputs, options: ChangeOptions = {}): Promise<AddReport> {
    return this.#changes.store(documents, 'update', options);
  }

  /** How many of them there were. Errors: as `add`. */
  remove(ids: string | Iterable<string>): Promise<number> {
    return this.#changes.call('remove', [listed(ids)]);
  }

  /** Removes every document, those of the bundle under the index included; how many there were. Errors: as `add`. */
  clear(): Promise<number> {
    return this.#changes.call('clear', []);
  }

  has(id: string): Promise<boolean>;
  has(ids: Iterable<string>): Promise<boolean[]>;
  async has(ids: string | Iterable<string>): Promise<boolean | boolean[]> {
    const known = await this.#link.callAgain('has', [listed(ids)]);
    return typeof ids === 'string' ? known[0]! : known;
  }

  /** Documents, those of the bundle under the index included. */
  async count(): Promise<number> {
    return (await this.#link.callAgain('state', [])).documents;
  }

  /**
   * As for any index; with `embedding` in place of a query, or beside it, by that and the query's words, without the model.
   * Errors: as for any index; ShapeError for an embedding of another dimension, or with NaN in it.
   */
  override search(query: string, options?: LiveSearchOptions): Promise<Answer>;
  override search(options: LiveSearchOptions): Promise<Answer>;
  override async search(query: string | LiveSearchOptions, options: LiveSearchOptions = {}): Promise<Answer> {
    if (typeof query !== 'string') return this.search('', query);
    const { signal, embedding, ...rest } = options;
    const request = this.#newest.begin(signal);
    try {
      return embedding
        ? await this.#searchBy(query, embedding, rest, request.signal)
        : await super.search(query, { ...rest, signal: request.signal });
    } finally {
      request.end();
    }
  }

  override async *searchSteps(
    query: string,
    options: LiveSearchOptions = {},
  ): AsyncGenerator<Answer, void, undefined> {
    const { signal, embedding, ...rest } = options;
    const request = this.#newest.begin(signal);
    try {
      if (embedding) yield await this.#searchBy(query, embedding, rest, request.signal);
      else yield* super.searchSteps(query, { ...rest, signal: request.signal });
    } finally {
      request.end();
    }
  }

  /**
   * Resolves when all changes begun so far are stored, every passage is embedded and nothing is left to be tidied up, whichever
   * tab does it; without a model, when the rest is done. Errors: what keeps it from being done (the model's error, a full device); AbortError.
   */
  async whenIdle({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#link.mustBeOpen('whenIdle');
    const known = this.#changes.settled().then(() => this.#tellModel());
    await (signal ? abortable(known, signal) : known);
    await this.#background.whenIdle(signal);
    // Another tab may have done it, whose last change this one has yet to hear of.
    await this.#link.callAgain('state', []);
  }

  /**
   * Embeds everything anew with the model at hand, in the background; until all is done the old embeddings answer. Goes on
   * where it was after a restart. `status.live.reembedding` tells how far it is.
   */
  async reembed(): Promise<void> {
    await this.#changes.call('reembed', []);
    this.#background.begin();
  }

  /** Reads everything that is stored; what is missing or damaged, and what is lost by it. */
  async check(): Promise<Damage[]> {
    return this.#link.call('check', []);
  }

  /** Makes anew what can be made of what is left; embeddings come back in the background. */
  async repair(): Promise<RepairReport> {
    const report = await this.#changes.call('repair', []);
    this.#background.begin();
    return report;
  }

  /** Everything as one stream, for a file: text, embeddings, fields. One at a time: a later one ends an earlier one. */
  export(): ReadableStream<Uint8Array> {
    return this.#changes.export();
  }

  /** What `export` gave, in place of everything here. Errors: FormatError (nothing has changed); as `add`. */
  import(
    source: ReadableStream<Uint8Array> | Blob,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#changes.import(source, signal);
  }

  /** Stops all work and ends the workers; what was added stays. */
  override async close(): Promise<void> {
    this.#newest.end();
    this.#choice?.model.removeEventListener('change', this.#onLiveModel);
    const stopped = this.#background.stop();
    this.#link.close();
    await super.close();
    if (this.#choice?.owned) this.#choice.model.close();
    await stopped;
  }

  /** Deletes the index from this device, and closes it. Changes in other tabs that have it open reject (store-failed) until they open it again. */
  async destroy(): Promise<void> {
    this.#link.mustBeOpen('destroy');
    await this.#background.stop();
    await this.#changes.call('destroy', []);
    this.#marker.clear();
    await this.close();
  }

  readonly #onLiveModel = () => {
    // What goes wrong is told by the model's state, and by whoever waits for documents to be embedded.
    this.#tellModel().catch(() => {});
    this.#background.wake();
  };

  /** Once the model is known: the worker must know it to say which texts are to be embedded. */
  async #tellModel(): Promise<void> {
    const atHand = await this.#choice?.atHand;
    if (!atHand || atHand === this.#link.model) return;
    await this.#link.useModel(atHand);
    this.#background.wake();
  }

  #onState({ documents }: LiveState, isNew: boolean): void {
    this.hear();
    if (!isNew) return;
    this.#marker.mark(documents);
    this.#background.wake();
    this.dispatchEvent(new Event('change'));
  }

  #searchBy(
    query: string,
    embedding: NonNullable<LiveSearchOptions['embedding']>,
    { tier: _, ...options }: Omit<SearchOptions, 'signal'>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const dim = this.#link.state?.model?.dim ?? this.#link.model?.model.dim ?? null;
    return this.#link.call(
      'search',
      [query, readEmbedding('The embedding of the query', embedding, dim), options],
      { signal },
    );
  }

  #lookForEviction(): void {
    const { documents, generation } = this.#link.state!;
    const gone = this.#marker.found(documents, generation === 0);
    if (gone) {
      const what = `The browser has deleted the index ${this.name}`;
      const message = `${what}: ${gone.documents} documents stored since ${gone.since} are gone; add them again`;
      this.hear({ type: 'notice', notice: { code: 'evicted', message } });
    } else if (generation > 0) this.#marker.mark(documents);
  }
}

const listed = (ids: string | Iterable<string>) => (typeof ids === 'string' ? [ids] : [...ids]);
