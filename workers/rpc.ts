/**
 * Calls to a worker that always settle: reply, error, crash, failed start, abort or close.
 * In: an api of plain values (api.ts). Out: `serve` for workers, `connect` for whoever starts them.
 * Written out, because libraries for it wait for ever in all of these cases but the first two, and are larger than this.
 * Deliberately not here: starting a worker again (src/client/index-worker.ts, src/client/model-client.ts), and the ports of a
 * worker that several pages share (shared-ports.ts).
 */
import { describe, NearbitError, type PlainError, plainError, reviveError, WorkerError } from '../src/errors';
import type { WorkerEvent } from './api';

// biome-ignore lint/suspicious/noExplicitAny: the constraint "every member is a function" has no other spelling.
type Methods<Api> = { [K in keyof Api]: (...args: any[]) => unknown };

/** An api as the worker implements it: each method gets the call's signal first. */
export type Handlers<Api extends Methods<Api>> = {
  [K in keyof Api]: (
    signal: AbortSignal,
    ...args: Parameters<Api[K]>
  ) => ReturnType<Api[K]> | Promise<ReturnType<Api[K]>>;
};

/** What crosses to the worker; calls are numbered by their caller. */
type Call = { request: number; method: string; args: unknown[] } | { cancel: number };

/** What comes back: a reply, or what the worker says of itself. */
type Reply =
  | { request: number; value: unknown }
  | { request: number; error: PlainError }
  | { ready: string | null }
  | { event: WorkerEvent };

/** Buffers that go along with a value instead of being copied. */
const buffersOf = new WeakMap<object, ArrayBuffer[]>();

/**
 * A value to reply with (or pass), whose arrays are moved instead of copied. Arrays must own their whole buffer:
 * a view would move or copy what lies around it, and WASM memory cannot be moved.
 */
export function moved<T extends object>(value: T, arrays: readonly ArrayBufferView[]): T {
  buffersOf.set(
    value,
    arrays.map((array) => array.buffer as ArrayBuffer),
  );
  return value;
}

/** What this file needs of a worker, so that anything that carries messages can stand in for one. */
export type Wire = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>;

const transferred = (values: unknown[]) => values.flatMap((value) => buffersOf.get(value as object) ?? []);

let serving = false;

/** Answers calls in a worker; to be called synchronously while the worker's script runs. */
export function serve<Api extends Methods<Api>>(
  create: (emit: (event: WorkerEvent) => void) => Handlers<Api>,
): void {
  // ONNX Runtime's threads may be started from the script that started them; they are not ours to answer for.
  if (self.name.startsWith('em-pthread')) return;
  // A chunk may import from the script under another address than it was started by, and so run it a second time.
  if (serving) return;
  serving = true;
  answer(self as unknown as Wire, create);
}

/**
 * Answers the calls that come over one wire. Out: those that run, by number, to be aborted when the caller is gone.
 * `lock`: the name of one that is held for as long as there are answers; null: the caller cannot see their end.
 */
export function answer<Api extends Methods<Api>>(
  wire: Pick<Wire, 'addEventListener' | 'postMessage'>,
  create: (emit: (event: WorkerEvent) => void) => Handlers<Api>,
  lock: Promise<string | null> = holdLock(),
): Map<number, AbortController> {
  const post = (message: Reply, values: unknown[] = []) => wire.postMessage(message, transferred(values));
  const handlers = create((event) => post({ event }));
  const running = new Map<number, AbortController>();
  wire.addEventListener('message', async ({ data }: MessageEvent<Call>) => {
    if ('cancel' in data) {
      running.get(data.cancel)?.abort();
      return;
    }
    const { request, method, args } = data;
    const controller = new AbortController();
    running.set(request, controller);
    try {
      const handler = handlers[method as keyof Api] as (signal: AbortSignal, ...args: unknown[]) => unknown;
      const value = await handler(controller.signal, ...args);
      post({ request, value }, [value]);
    } catch (error) {
      post({ request, error: plainError(error) });
    }
    running.delete(request);
  });
  void lock.then((ready) => post({ ready }));
  return running;
}

/**
 * Takes a lock that the browser frees when this worker ends, however it ends: a killed worker fires no event.
 * Out: the lock's name, or null where locks are not to be had (pages without a secure context or an origin).
 */
async function holdLock(): Promise<string | null> {
  const name = `nearbit-worker-${Math.random().toString(36).slice(2)}`;
  return new Promise((resolve) => {
    const held = () => {
      resolve(name);
      return new Promise<never>(() => {});
    };
    if (!navigator.locks) resolve(null);
    else navigator.locks.request(name, held).catch(() => resolve(null));
  });
}

export interface CallOptions {
  /** Rejects the call with the signal's reason at once and tells the worker. */
  signal?: AbortSignal | undefined;
}

/** A worker that was started. */
export interface Connection<Api extends Methods<Api>> {
  /** Errors: what the method throws; WorkerError worker-failed, worker-crashed; NearbitError closed; AbortError. */
  call<K extends keyof Api & string>(
    method: K,
    args: Parameters<Api[K]>,
    options?: CallOptions,
  ): Promise<ReturnType<Api[K]>>;
  /** Whether it can take no more calls. */
  readonly ended: boolean;
  /** Ends the worker; calls in flight reject with closed. */
  close(): void;
}

export interface ConnectOptions {
  /** For messages: `index`, `inference`. */
  name: string;
  /** For messages: the script's address. */
  path: string;
  onEvent?: (event: WorkerEvent) => void;
  /** Once, when the worker ends by itself. */
  onEnd?: (error: NearbitError) => void;
  /** How long the script may take to load and run. Units: milliseconds. Default 60,000: it may be a slow line. */
  startMs?: number;
}

/** Starts a worker by `start` (which may throw); calls wait until it is ready. */
export function connect<Api extends Methods<Api>>(
  start: () => Wire,
  { name, path, onEvent, onEnd, startMs = 60_000 }: ConnectOptions,
): Connection<Api> {
  const pending = new Map<
    number,
    { method: string; resolve(value: unknown): void; reject(error: unknown): void }
  >();
  let requests = 0;
  let errorFor: ((call: string) => NearbitError) | null = null;
  let isReady = false;
  let markReady = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  const timer = setTimeout(() => fail(`no word from it in ${startMs / 1000} s`), startMs);
  let worker: Wire | null = null;

  function end(reason: (call: string) => NearbitError): void {
    if (errorFor) return;
    errorFor = reason;
    clearTimeout(timer);
    worker?.terminate();
    for (const { method, reject } of [...pending.values()]) reject(reason(method));
  }

  /** It never became ready, or its state is unknown: of no more use either way. */
  function fail(received: string, cause?: unknown): void {
    if (errorFor) return;
    end(
      isReady
        ? (call) => new WorkerError('worker-crashed', { worker: name, call, received }, { cause })
        : () => new WorkerError('worker-failed', { worker: name, path, received }, { cause }),
    );
    onEnd?.(errorFor!('the next call'));
  }

  try {
    worker = start();
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      fail(event.message || 'an error without a message');
    });
    worker.addEventListener('messageerror', () => fail('a message that cannot be read'));
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if ('event' in data) return onEvent?.(data.event);
      if ('error' in data) return pending.get(data.request)?.reject(reviveError(data.error));
      if ('value' in data) return pending.get(data.request)?.resolve(data.value);
      isReady = true;
      clearTimeout(timer);
      markReady();
      if (data.ready !== null) navigator.locks.request(data.ready, () => fail('its end')).catch(() => {});
    });
  } catch (error) {
    fail(describe(error), error);
  }
  return {
    get ended() {
      return errorFor !== null;
    },
    close() {
      end((call) => new NearbitError('closed', { what: `The ${name} worker`, call }));
    },
    call(method, args, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (errorFor) return reject(errorFor(method));
        const request = ++requests;
        const post = (message: Call, values: unknown[] = []) =>
          worker?.postMessage(message, transferred(values));
        const settle = () => {
          pending.delete(request);
          signal?.removeEventListener('abort', onAbort);
        };
        const onAbort = () => {
          if (isReady) post({ cancel: request });
          settle();
          reject(signal?.reason);
        };
        const call = {
          method,
          resolve(value: unknown) {
            settle();
            resolve(value as never);
          },
          reject(error: unknown) {
            settle();
            reject(error);
          },
        };
        signal?.addEventListener('abort', onAbort);
        pending.set(request, call);
        ready.then(() => pending.has(request) && post({ request, method, args }, args)).catch(call.reject);
      });
    },
  };
}
