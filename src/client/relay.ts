/**
 * One tab answers calls for all tabs: the one that holds the Web Lock; the others ask it over a BroadcastChannel.
 * In: a name, what the answering tab does. Out: calls that settle: when that tab goes, they are asked of the next, which may be
 * this one. Deliberately not here: what the calls are (relayed-model.ts).
 */
import type { WorkerEvent } from '../../workers/api';
import { answer, type Connection, connect, type Handlers, type Wire } from '../../workers/rpc';
import { NearbitError } from '../errors';
import { holdPageLock, type PageLock, whenReleased } from './page-lock';

// biome-ignore lint/suspicious/noExplicitAny: the constraint "every member is a function" has no other spelling.
type Methods<Api> = { [K in keyof Api]: (...args: any[]) => unknown };

/** What crosses the channel; `id` stands for one asking tab, and is the name of a lock that it holds. */
type Message =
  /** Anybody there? */
  | { hello: string }
  /** A tab has begun to answer: whoever has no answer to `hello` asks again. */
  | { leads: true }
  | { from: string; message: unknown }
  | { to: string; message: unknown };

export interface RelayOptions<Api extends Methods<Api>> {
  /** Of lock and channel: the same in all tabs. */
  name: string;
  /** Called once, when this tab begins to answer. */
  lead(): Handlers<Api>;
  /** This tab has begun to answer, or the one that did is gone. */
  onChange(): void;
}

/** What stands for a worker at either end of the channel. */
class ChannelWire extends EventTarget {
  constructor(
    readonly postMessage: (message: unknown) => void,
    readonly terminate: () => void,
  ) {
    super();
  }

  hear(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: message }));
  }
}

export class Relay<Api extends Methods<Api>> {
  readonly #options: RelayOptions<Api>;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  /** Not null: this tab answers. */
  #handlers: Handlers<Api> | null = null;
  /** Held while it does. */
  #here: PageLock | null = null;
  #resign = () => {};
  /** Wires to the tabs that this one answers. */
  readonly #asking = new Map<string, ChannelWire>();
  #connection: Connection<Api> | null = null;
  /** This tab's end of that connection. */
  #id = '';
  #wire: ChannelWire | null = null;

  constructor(options: RelayOptions<Api>) {
    this.#options = options;
    this.#channel = new BroadcastChannel(options.name);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#hear(data));
    const { signal } = this.#closing;
    // Rejects when it is closed first.
    navigator.locks.request(options.name, { signal }, () => this.#lead()).catch(() => {});
  }

  get leads(): boolean {
    return this.#handlers !== null;
  }

  /** Errors: what the method throws, in whichever tab; NearbitError closed; AbortError. */
  async call<K extends keyof Api & string>(
    method: K,
    args: Parameters<Api[K]>,
    signal: AbortSignal = this.#closing.signal,
  ): Promise<ReturnType<Api[K]>> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new NearbitError('closed', { what: 'The model', call: method });
      if (this.#handlers) return this.#handlers[method](signal, ...args);
      this.#connection ??= this.#connect();
      const connection = this.#connection;
      try {
        return await connection.call(method, args, { signal });
      } catch (error) {
        signal.throwIfAborted();
        // Else the answering tab is gone, or this one has taken its place, which hears none of its own messages.
        if (!connection.ended) throw error;
        if (this.#connection === connection) this.#connection = null;
      }
    }
  }

  /** Calls under way reject with closed; those of other tabs go on in the next tab. */
  close(): void {
    this.#channel.close();
    this.#closing.abort(new NearbitError('closed', { what: 'The model', call: 'embed' }));
    this.#connection?.close();
    this.#resign();
  }

  /** Resolves, and so frees the lock, when this tab ends it. */
  async #lead(): Promise<void> {
    const here = holdPageLock();
    await here.held;
    const end = new Promise<void>((resolve) => {
      this.#resign = () => {
        here.release();
        resolve();
      };
    });
    if (this.#closing.signal.aborted) this.#resign();
    else {
      this.#handlers = this.#options.lead();
      this.#here = here;
      this.#connection?.close();
      this.#connection = null;
      this.#post({ leads: true });
      this.#options.onChange();
    }
    await end;
  }

  #post(message: Message): void {
    if (!this.#closing.signal.aborted) this.#channel.postMessage(message);
  }

  #hear(message: Message): void {
    if ('hello' in message) this.#answer(message.hello);
    else if ('leads' in message) this.#greet();
    else if ('from' in message) this.#asking.get(message.from)?.hear(message.message);
    else if (message.to === this.#id) this.#wire?.hear(message.message);
  }

  /** For the tab that asks; a second `hello` changes nothing. */
  #answer(id: string): void {
    if (!this.#handlers || this.#asking.has(id)) return;
    const handlers = this.#handlers;
    const wire = new ChannelWire(
      (message) => this.#post({ to: id, message }),
      () => {},
    );
    this.#asking.set(id, wire);
    const create = (_emit: (event: WorkerEvent) => void) => handlers;
    const running = answer<Api>(wire as unknown as Wire, create, Promise.resolve(this.#here!.name));
    whenReleased(id, () => {
      this.#asking.delete(id);
      for (const call of running.values()) call.abort();
    });
  }

  #greet(): void {
    if (this.#connection && this.#id) this.#post({ hello: this.#id });
  }

  #connect(): Connection<Api> {
    const here = holdPageLock();
    const wire = new ChannelWire(
      (message) => this.#post({ from: here.name, message }),
      () => here.release(),
    );
    this.#wire = wire;
    this.#id = '';
    const connection = connect<Api>(() => wire as unknown as Wire, {
      name: 'model (of another tab)',
      path: this.#options.name,
      onEnd: () => this.#options.onChange(),
    });
    const greet = () => {
      if (this.#wire !== wire) return;
      this.#id = here.name;
      this.#greet();
    };
    here.held.then(greet).catch(() => {});
    return connection;
  }
}
