/**
 * What a query had to leave out, said once each.
 * In: block reads that may fail. Out: the block or null, with the reason kept for the answer's `notices`.
 * Cancellation is not a failure and passes through.
 */
import { describe, isAbort, NearbitError } from '../errors';

export class Notices {
  readonly #messages = new Set<string>();

  add(message: string): void {
    this.#messages.add(message);
  }

  list(): string[] {
    return [...this.#messages];
  }
}

/** `readOrNotice` for one query. */
export type ReadOrNull = <T>(read: Promise<T>) => Promise<T | null>;

/** Null when the read fails with one of nearbit's errors; anything else is a defect and is thrown. */
export async function readOrNotice<T>(
  read: Promise<T>,
  notices: Notices,
  signal?: AbortSignal,
): Promise<T | null> {
  try {
    const value = await read;
    signal?.throwIfAborted();
    return value;
  } catch (error) {
    if (isAbort(error) || !(error instanceof NearbitError)) throw error;
    notices.add(describe(error));
    return null;
  }
}
