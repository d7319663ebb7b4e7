/**
 * Newest query wins: a new request ends the ones before it.
 * Deliberately not here: what a request does.
 */

export interface Request {
  /** Aborted by the caller's signal, by a newer request, and by `end`. */
  signal: AbortSignal;
  /** Lets go of everything the request started. */
  end(): void;
}

export class Newest {
  #current: AbortController | null = null;

  /** Ends the running request with AbortError. */
  begin(outer?: AbortSignal): Request {
    this.end();
    const controller = new AbortController();
    this.#current = controller;
    const pass = () => controller.abort(outer?.reason);
    if (outer?.aborted) pass();
    else outer?.addEventListener('abort', pass, { once: true });
    return {
      signal: controller.signal,
      end() {
        outer?.removeEventListener('abort', pass);
        controller.abort();
      },
    };
  }

  end(): void {
    this.#current?.abort(new DOMException('A newer query took over', 'AbortError'));
  }
}

/** The promise's outcome, or the signal's reason as soon as it is aborted; the work behind the promise goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
