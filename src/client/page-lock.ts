/**
 * A Web Lock that says "this page is here": whoever waits for it hears when the page has let go, however it ended.
 * In: nothing. Out: the lock's name, once it is held. Deliberately not here: what the one who hears of it does.
 */

export interface PageLock {
  name: string;
  /** Only from then on may others wait for it. Errors: those of Web Locks. */
  held: Promise<void>;
  release(): void;
}

/** Cost: a lock of its own for each call, since one that is shared says nothing of a single use. */
export function holdPageLock(): PageLock {
  const name = `nearbit page ${crypto.randomUUID()}`;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve, reject) => {
    const hold = () => {
      resolve();
      return released;
    };
    navigator.locks.request(name, hold).catch(reject);
  });
  return { name, held, release };
}

/** Calls `work` when the page that holds the lock is gone. */
export function whenReleased(name: string, work: () => void): void {
  navigator.locks.request(name, work).catch(() => {});
}
