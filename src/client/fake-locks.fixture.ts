/**
 * Web Locks within one test: one holder a name, the others in order.
 * In: requests as `navigator.locks` takes them. Out: the callback's outcome. Shared ('shared' mode) locks are not known to it.
 */
export function fakeLocks(): LockManager {
  const tails = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  const run = async (name: string, work: (lock: Lock) => unknown) => {
    held.add(name);
    try {
      return await work({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };
  const request = async (name: string, given: LockOptions | LockGrantedCallback<unknown>, last?: unknown) => {
    const options = typeof given === 'function' ? {} : given;
    const work = (typeof given === 'function' ? given : last) as (lock: Lock | null) => unknown;
    const waiting = tails.get(name);
    if (options.ifAvailable && (held.has(name) || waiting)) return work(null);
    let isGranted = false;
    const turn = Promise.resolve(waiting).then(() => {
      options.signal?.throwIfAborted();
      isGranted = true;
      return run(name, work);
    });
    const tail = turn
      .catch(() => {})
      .then(() => {
        if (tails.get(name) === tail) tails.delete(name);
      });
    tails.set(name, tail);
    const aborted = new Promise<never>((_, reject) => {
      options.signal?.addEventListener('abort', () => isGranted || reject(options.signal!.reason));
    });
    return Promise.race([turn, aborted]);
  };
  return { request, query: async () => ({}) } as unknown as LockManager;
}
