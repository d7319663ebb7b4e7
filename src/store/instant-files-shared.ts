/**
 * One piece of work for all who ask for it.
 * In: names of the work, what to do, signals of those who wait. Out: its result for each of them.
 * It stops when nobody waits any more, and then only after a moment: who types on often wants the same parts again.
 */

/** Units: ms. About the time between two keystrokes. */
const lingerMs = 200;

export interface Job<T> {
  /** Errors: the signal's reason; whatever the work throws. */
  join(signal: AbortSignal | undefined): Promise<T>;
}

export interface SharedWork<T> {
  /** The work under way of that name. */
  get(name: string): Job<T> | undefined;
  /** Starts; the names that are free stand for it until it ends. */
  start(names: readonly string[], work: (signal: AbortSignal) => Promise<T>): Job<T>;
}

export function sharedWork<T>(): SharedWork<T> {
  const jobs = new Map<string, Job<T>>();
  return {
    get: (name) => jobs.get(name),
    start(names, work) {
      const controller = new AbortController();
      let waiting = 0;
      const result = work(controller.signal);
      const forget = () => {
        for (const name of names) if (jobs.get(name) === job) jobs.delete(name);
      };
      result.then(forget, forget);
      const stopUnlessWanted = () => {
        if (waiting > 0) return;
        forget();
        controller.abort();
      };
      const job: Job<T> = {
        join(signal) {
          waiting++;
          if (!signal) return result;
          return new Promise((resolve, reject) => {
            const leave = () => {
              reject(signal.reason);
              if (--waiting === 0) setTimeout(stopUnlessWanted, lingerMs);
            };
            if (signal.aborted) return leave();
            signal.addEventListener('abort', leave, { once: true });
            result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
          });
        },
      };
      for (const name of names) if (!jobs.has(name)) jobs.set(name, job);
      return job;
    },
  };
}

/** Parts read lately, up to `budget` bytes. */
export function keptParts(budget: number) {
  const parts = new Map<string, Uint8Array>();
  let bytes = 0;
  const drop = (name: string) => {
    bytes -= parts.get(name)?.length ?? 0;
    parts.delete(name);
  };
  return {
    get(name: string): Uint8Array | undefined {
      const part = parts.get(name);
      if (part) {
        parts.delete(name);
        parts.set(name, part);
      }
      return part;
    },
    set(name: string, part: Uint8Array): void {
      drop(name);
      parts.set(name, part);
      bytes += part.length;
      for (const oldest of parts.keys()) {
        if (bytes <= budget) break;
        drop(oldest);
      }
    },
  };
}
