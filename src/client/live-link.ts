/**
 * The line to the worker of a live index: started as the index worker is, and again after it ended.
 * In: calls. Out: replies, and the newest state that any reply or event has brought.
 * Deliberately not here: which changes are made, and in what order (live-index.ts).
 */
import type { IndexApi } from '../../workers/api';
import type { LiveApi, LiveState, ModelAtHand } from '../../workers/live-api';
import type { CallOptions, Connection } from '../../workers/rpc';
import { NearbitError } from '../errors';
import type { Events, Spawn } from './spawn';

/** How often a call that may be made twice is made again after the worker ended under it. */
const mostTries = 3;
/** A worker that has ended is started again at once, so that changes of other tabs are heard; but not more often than this. Units: milliseconds. */
const restartMs = 5000;

export class LiveLink {
  /** Null until it was open once. */
  state: LiveState | null = null;
  /** Set by the index, which opens the worker. */
  open: () => Promise<unknown> = async () => {};
  /** Set by the index: hears of every state; `isNew`: another one than was known before. */
  onState: (state: LiveState, isNew: boolean) => void = () => {};
  /** Workers started so far. */
  starts = 0;
  readonly #name: string;
  #isClosed = false;
  #restartedMs = Number.NEGATIVE_INFINITY;
  readonly #spawn: (events: Events) => Connection<LiveApi>;
  #connection: Connection<LiveApi> | null = null;
  #model: ModelAtHand | null = null;

  constructor(name: string, spawn: (events: Events) => Connection<LiveApi>) {
    this.#name = name;
    this.#spawn = spawn;
  }

  /** Nothing is called and nothing is heard any more. */
  close(): void {
    this.#isClosed = true;
    this.onState = () => {};
  }

  /** Errors: NearbitError closed. */
  mustBeOpen(call: string): void {
    if (this.#isClosed) throw new NearbitError('closed', { what: `The index ${this.#name}`, call });
  }

  /** What the page has at hand to embed with; every new worker is told again. */
  get model(): ModelAtHand | null {
    return this.#model;
  }

  /** In place of the index worker's: a live worker does everything that it does. */
  readonly start: Spawn['index'] = (events) => {
    let isOpen = false;
    const connection = this.#spawn({
      onEvent: (event) => {
        if (event.type === 'change') this.#take(event.state);
        else events.onEvent?.(event);
      },
      onEnd: (error) => {
        events.onEnd?.(error);
        if (isOpen) this.#restart();
      },
    });
    this.#connection = connection;
    this.starts++;
    const call = async (method: keyof IndexApi, args: never, options?: CallOptions) => {
      const reply = await connection.call(method, args, options);
      if (method === 'open') {
        this.#take(await this.#tell(connection));
        isOpen = true;
      }
      return reply;
    };
    return {
      call: call as Connection<IndexApi>['call'],
      close: () => connection.close(),
      get ended() {
        return connection.ended;
      },
    };
  };

  /** Opens the worker first, if it must. Errors: those of opening and of the call. */
  async call<K extends keyof LiveApi & string>(
    method: K,
    args: Parameters<LiveApi[K]>,
    options: CallOptions = {},
  ): Promise<ReturnType<LiveApi[K]>> {
    this.mustBeOpen(method);
    options.signal?.throwIfAborted();
    await this.open();
    return this.#connection!.call(method, args, options);
  }

  /** The same for what may be done twice: goes to a new worker when the one that had it has ended. */
  async callAgain<K extends keyof LiveApi & string>(
    method: K,
    args: Parameters<LiveApi[K]>,
    options: CallOptions = {},
  ): Promise<ReturnType<LiveApi[K]>> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.call(method, args, options);
      } catch (error) {
        const crashed = error instanceof NearbitError && error.code === 'worker-crashed';
        if (!crashed || tries === mostTries) throw error;
      }
    }
  }

  /** Told once per worker, and again to have texts that nobody has brought back given out anew. */
  async useModel(model: ModelAtHand): Promise<void> {
    this.#model = model;
    if (!this.state) return;
    const state = await this.call('useModel', [model]);
    // A change may have been told of before the reply came.
    if (state.generation >= this.state.generation) this.#take(state);
  }

  /** Whatever goes wrong is told by the next call. */
  #restart(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    const wait = this.#restartedMs + restartMs - now;
    if (wait > 0) {
      setTimeout(() => this.#restart(), wait);
      return;
    }
    this.#restartedMs = now;
    this.open().catch(() => {});
  }

  #tell(connection: Connection<LiveApi>): Promise<LiveState> {
    return this.#model ? connection.call('useModel', [this.#model]) : connection.call('state', []);
  }

  #take(state: LiveState): void {
    const before = this.state;
    this.state = state;
    this.onState(state, before !== null && before.generation !== state.generation);
  }
}
