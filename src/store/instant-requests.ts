/**
 * Single requests of the instant tier, with their length bounded and their failures named.
 * In: a URL and what may come of it. Out: status, headers and bytes, or bytes alone, or StoreError.
 * Deliberately not here: which requests to send, and Range (instant-files.ts, instant-range.ts).
 */
import { describe, FormatError, StoreError } from '../errors';
import { headPath } from '../segment/instant-head';

export type InstantRequests = ReturnType<typeof instantRequests>;

export interface Reply {
  status: number;
  headers: Headers;
  /** Empty where the status is neither 200 nor 206. */
  bytes: Uint8Array;
}

/** `onReply`: called after every answer, with the bytes of its body. */
export function instantRequests(onReply: (bytes: number) => void) {
  const requests = {
    /** `limit`: of what is longer, one byte more is read. Errors: whatever fetch throws. */
    async ask(url: string, init: RequestInit, limit: number): Promise<Reply> {
      const response = await fetch(url, init);
      const { status, headers, body } = response;
      const reader = body?.getReader();
      const bytes = new Uint8Array(limit + 1);
      let at = 0;
      try {
        while (reader && (status === 200 || status === 206) && at < bytes.length) {
          const { done, value } = await reader.read();
          if (done) break;
          const taken = value.subarray(0, bytes.length - at);
          bytes.set(taken, at);
          at += taken.length;
        }
      } finally {
        // Where all was read this does nothing.
        reader?.cancel().catch(() => {});
        onReply(at);
      }
      return { status, headers, bytes: bytes.subarray(0, at) };
    },

    /** Errors: StoreError `code`. */
    async askWhole(
      code: 'index-missing' | 'block-missing',
      url: string,
      init: RequestInit,
      limit: number,
    ): Promise<Uint8Array> {
      const missing = (received: string, cause?: unknown) =>
        new StoreError(code, { path: url, expected: headPath, received }, { cause });
      const reply = await requests.ask(url, init, limit).catch((error: unknown) => {
        throw init.signal?.aborted ? error : missing(`no answer (${describe(error)})`, error);
      });
      if (reply.status !== 200) throw missing(`status ${reply.status}`);
      return reply.bytes;
    },

    /** A name never changes its content, so damage is likeliest in some cache's copy: it is asked for once past all of them. */
    async readTwice<T>(
      url: string,
      length: number,
      signal: AbortSignal,
      open: (bytes: Uint8Array) => Promise<T>,
      first: RequestCache = 'default',
    ): Promise<T> {
      const read = async (cache: RequestCache) =>
        open(await requests.askWhole('block-missing', url, { cache, signal }, length));
      return read(first).catch((error) => {
        if (!(error instanceof FormatError)) throw error;
        return read('reload');
      });
    },
  };
  return requests;
}
