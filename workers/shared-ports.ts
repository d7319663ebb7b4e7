/**
 * Answers the pages that share one worker, each over its own port.
 * In: what one page is answered with (what they share is the creator's to keep). Out: calls that end with the page that made them.
 * Deliberately not here: the calls themselves (rpc.ts), and starting the worker (src/client/spawn-shared.ts).
 */
import type { WorkerEvent } from './api';
import { answer, type Handlers } from './rpc';

/** What a page tells a shared worker beside its calls: a port says nothing when the page behind it is gone. */
export interface PortApi {
  /** `lock`: the name of one that the page holds while it is there. */
  attend(lock: string): void;
}

// biome-ignore lint/suspicious/noExplicitAny: the constraint "every member is a function" has no other spelling.
type Methods<Api> = { [K in keyof Api]: (...args: any[]) => unknown };

/** Marks the realm, since a script that runs a second time has this module a second time (see `serve`). */
const served = Symbol.for('nearbit serves');

/** To be called synchronously while the script of a SharedWorker runs. */
export function serveShared<Api extends Methods<Api>>(
  create: (emit: (event: WorkerEvent) => void) => Handlers<Api>,
): void {
  const realm = self as unknown as Record<symbol, boolean>;
  if (realm[served]) return;
  realm[served] = true;
  self.addEventListener('connect', (event) => {
    const port = (event as MessageEvent).ports[0]!;
    const running = answer<Api & PortApi>(port, (emit) => {
      const attend = (_signal: AbortSignal, lock: string) => {
        const gone = () => {
          for (const call of running.values()) call.abort();
          port.close();
        };
        navigator.locks.request(lock, gone).catch(() => {});
      };
      return { ...create(emit), attend } as unknown as Handlers<Api & PortApi>;
    });
    port.start();
  });
}
