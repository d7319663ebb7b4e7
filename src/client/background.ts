/**
 * The work that no one waits for: embedding what was added, merging small segments, deleting blocks no longer needed.
 * In: a live worker, a model, a lock that one tab at a time holds. Out: a tidy index; who does it, or why nobody does.
 * The tab that has a model keeps the lock until it closes; one without only tidies up, and gives the lock back.
 * Deliberately not here: what the worker does in each step (live), and loading the model (model-client.ts).
 */
import { moved } from '../../workers/rpc';
import { describe, NearbitError } from '../errors';
import { IdleReports } from './idle-reports';
import type { LiveLink } from './live-link';
import { abortable } from './newest';
import type { QueryModel } from './query-model';

/** Who does the background's work of a live index. */
export interface BackgroundReport {
  /** `paused`: nobody, as far as this tab knows. */
  where: 'this tab' | 'another tab' | 'paused';
  /** One sentence: why it is paused; '' when there is nothing to say. */
  reason: string;
}

export interface BackgroundParts {
  name: string;
  link: Pick<LiveLink, 'call' | 'state' | 'model' | 'useModel'>;
  model(): QueryModel | null;
  savesData(): boolean;
  /** Null: not to be had (an insecure context), and this tab is taken for the only one. */
  locks: Pick<LockManager, 'request'> | null;
  /** Rests for so long, or until the signal. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Hears of every change of `report`. */
  onChange(): void;
}

/** Texts of a batch: some seconds' work at most, so that little is lost with a tab. */
const batchTexts = 8;
/** Batches under way, so that the model has the next one when it is through with one. */
const lanes = 2;
/** How long the worker may tidy up while a query may be waiting. Units: milliseconds. */
const tidyMs = 25;
/** Every so many batches, small segments are merged while embedding goes on. */
const batchesPerTidy = 8;
/** After trouble: the first pause, and the longest. Units: milliseconds. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** Troubles in a row that are not worth a word. */
const quietTroubles = 3;

const savesDataReason = 'the reader saves data (Save-Data): once loadModel() has loaded the model it embeds';

export class Background {
  report: BackgroundReport = { where: 'another tab', reason: '' };
  readonly #parts: BackgroundParts;
  readonly #idle: IdleReports;
  readonly #end = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake = () => {};
  #isWoken = true;
  #troubles = 0;
  #loadError: unknown = null;

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
    this.#idle = new IdleReports(`nearbit live ${parts.name} idle`);
  }

  start(): void {
    this.#running = this.#run().catch(() => {});
  }

  /** Something has changed: documents, the model, room on the device. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** There is something to do that no change of the index tells of. */
  begin(): void {
    this.#idle.busy();
    this.wake();
  }

  /** When nothing is left to be done, in whichever tab. Errors: what keeps it from being done; NearbitError closed; AbortError. */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    const { generation } = await this.#parts.link.call('state', []);
    const deep = this.#parts.model() !== null;
    this.wake();
    const idle = this.#idle.until(generation, deep, this.#end.signal);
    await (signal ? abortable(idle, signal) : idle);
  }

  /** Stops at once and lets the lock go. */
  async stop(): Promise<void> {
    this.#end.abort(new NearbitError('closed', { what: 'The index', call: 'whenIdle' }));
    this.wake();
    await this.#running;
    this.#idle.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    const { locks, name } = this.#parts;
    const lock = `nearbit live ${name} background`;
    const hold = () => this.#hold(signal);
    while (!signal.aborted) {
      const held = locks
        ? await locks.request(lock, { ifAvailable: true }, (free) => free && hold())
        : await hold();
      if (held === null) {
        this.#set('another tab', '');
        await locks!.request(lock, { signal }, hold);
      }
      await this.#woken();
    }
  }

  /** While this tab does the work: until the end, or until it has no model any more that could do it. */
  async #hold(signal: AbortSignal): Promise<boolean> {
    try {
      do {
        await this.#woken();
        this.#isWoken = false;
        this.#idle.busy();
        if (this.#usable()) this.#set('this tab', '');
        await this.#tryWork(signal);
      } while (this.#usable() || this.#isWoken);
    } finally {
      this.#idle.busy();
    }
    return true;
  }

  /** Errors: NearbitError closed; any other trouble is waited out. */
  async #tryWork(signal: AbortSignal): Promise<void> {
    const { link } = this.#parts;
    try {
      const { generation, model } = await this.#work(signal);
      this.#troubles = 0;
      const usable = model !== null;
      if (usable !== (this.#usable() !== null)) {
        this.wake();
        return;
      }
      const { embedded, passages } = link.state!;
      // What was to be embedded and could not: who waits for it is told why.
      const failure = !usable && embedded < passages ? this.#failure() : null;
      this.#set(usable ? 'this tab' : 'paused', usable ? '' : this.#whyNot());
      this.#idle.tell(generation, usable, failure);
    } catch (error) {
      if (signal.aborted || (error instanceof NearbitError && error.code === 'closed')) throw error;
      await this.#rest(error, signal);
    }
  }

  /** A pause that grows with every trouble in a row, and ends when something has changed. */
  async #rest(error: unknown, signal: AbortSignal): Promise<void> {
    const { link, pause } = this.#parts;
    this.#isWoken = false;
    this.#troubles++;
    const isFull = error instanceof NearbitError && error.code === 'quota-exceeded';
    if (isFull || this.#troubles > quietTroubles) {
      this.#set('paused', describe(error));
      this.#idle.tell(link.state?.generation ?? 0, true, error);
    }
    const rested = new AbortController();
    const ms = Math.min(firstPauseMs * 2 ** (this.#troubles - 1), longestPauseMs);
    await Promise.race([pause(ms, rested.signal), this.#woken()]);
    rested.abort();
    signal.throwIfAborted();
    this.wake();
    // Texts that were given out and did not come back are given out again.
    if (link.model) await link.useModel(link.model).catch(() => {});
  }

  /**
   * Embeds what is to be embedded, then tidies up, until both find nothing. Out: the state that was known when the last look
   * began, and the model that was asked; what has changed since then is another turn's.
   */
  async #work(signal: AbortSignal): Promise<{ generation: number; model: QueryModel | null }> {
    for (;;) {
      const { generation } = this.#parts.link.state!;
      const model = this.#usable();
      const batches = model ? await this.#embedAll(model, signal) : 0;
      while (await this.#tidy(signal));
      if (batches === 0) return { generation, model };
    }
  }

  /** Out: how many batches there were. */
  async #embedAll(model: QueryModel, signal: AbortSignal): Promise<number> {
    let batches = 0;
    let tidying: Promise<unknown> | null = null;
    const onBatch = () => {
      batches++;
      // Beside the model's work, which goes on in another worker.
      if (batches % batchesPerTidy === 0) tidying ??= this.#tidy(signal).finally(() => (tidying = null));
      tidying?.catch(() => {});
    };
    const ended = await Promise.allSettled(
      Array.from({ length: lanes }, () => this.#lane(model, signal, onBatch)),
    );
    await tidying;
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason;
    return batches;
  }

  /** One batch after the other. */
  async #lane(model: QueryModel, signal: AbortSignal, onBatch: () => void): Promise<void> {
    const { link } = this.#parts;
    const next = () => {
      signal.throwIfAborted();
      return link.call('nextTexts', [batchTexts]);
    };
    let storing: Promise<unknown> = Promise.resolve();
    let batch = await next();
    while (batch) {
      // A model of the app's own may not hear the signal; the lock must not wait for it.
      if (model.state !== 'ready') await abortable(this.#load(model), signal);
      const embeddings = await abortable(model.embedPassages(batch.texts, signal), signal);
      onBatch();
      // Asked for before the store, so that the model does not wait for the disk.
      const following = next();
      following.catch(() => {});
      await storing;
      storing = link.call('storeEmbeddings', [batch.ticket, moved(embeddings, [embeddings])]);
      storing.catch(() => {});
      batch = await following;
    }
    await storing;
  }

  async #tidy(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    return this.#parts.link.call('tidy', [tidyMs]);
  }

  async #load(model: QueryModel): Promise<void> {
    try {
      await model.load();
      this.#loadError = null;
    } catch (error) {
      this.#loadError = error;
      throw error;
    }
  }

  /** The model, where it may be loaded or is there, and the worker knows of it. */
  #usable(): QueryModel | null {
    const { link, model, savesData } = this.#parts;
    const found = model();
    if (!found || !link.model) return null;
    const may =
      found.state === 'ready' || found.state === 'loading' || (found.state === 'idle' && !savesData());
    return may ? found : null;
  }

  #whyNot(): string {
    const model = this.#parts.model();
    if (!model) return 'there is no model: documents are found by their words';
    if (model.state === 'failed') return model.reason;
    return this.#parts.savesData() ? savesDataReason : 'the model is not known yet';
  }

  #failure(): unknown {
    if (this.#loadError) return this.#loadError;
    if (!this.#parts.model()) return null;
    const received = this.#whyNot();
    return new NearbitError('usage', {
      what: 'whenIdle',
      expected: 'a model that may be loaded',
      received,
      fix: 'call loadModel()',
    });
  }

  /** At once if something has changed since the work began. */
  #woken(): Promise<void> {
    if (this.#isWoken) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #set(where: BackgroundReport['where'], reason: string): void {
    if (where === this.report.where && reason === this.report.reason) return;
    this.report = { where, reason };
    this.#parts.onChange();
  }
}
