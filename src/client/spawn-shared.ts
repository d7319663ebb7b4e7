/**
 * Where the worker that all tabs share comes from: one per model, whichever tab starts it first.
 * In: a runtime, the model's key. Out: this page's connection to it. The addresses are literal and relative to dist/, as in spawn.ts.
 * A file of its own because pages of static sites never start one.
 */
import type { InferenceApi, RuntimeName } from '../../workers/api';
import { type Connection, connect, type Wire } from '../../workers/rpc';
import type { PortApi } from '../../workers/shared-ports';
import { holdPageLock, type PageLock } from './page-lock';
import type { Events } from './spawn';

/** A script that throws at its start says nothing at all. Units: milliseconds. */
const startMs = 30_000;

export function spawnShared(runtime: RuntimeName, key: string, events: Events): Connection<InferenceApi> {
  const page = holdPageLock();
  const file = runtime === 'wasm' ? 'inference.worker.js' : 'inference-webgpu.worker.js';
  const start = () =>
    wireTo(
      runtime === 'wasm'
        ? new SharedWorker(new URL('./inference.worker.js', import.meta.url), { type: 'module', name: key })
        : new SharedWorker(new URL('./inference-webgpu.worker.js', import.meta.url), {
            type: 'module',
            name: key,
          }),
      page,
    );
  const name = `inference (shared by all tabs${runtime === 'webgpu' ? ', WebGPU' : ''})`;
  const connection = connect<InferenceApi & PortApi>(start, { ...events, name, path: file, startMs });
  // What the page has asked for ends with it.
  page.held.then(() => connection.call('attend', [page.name])).catch(() => {});
  return connection as unknown as Connection<InferenceApi>;
}

/** A shared worker's messages come through its port, its failure to start does not; closing ends this page's part alone. */
function wireTo(worker: SharedWorker, page: PageLock): Wire {
  const { port } = worker;
  port.start();
  return {
    addEventListener(type: string, listener: EventListenerOrEventListenerObject) {
      (type === 'error' ? worker : port).addEventListener(type, listener);
    },
    postMessage: (message: unknown, transfer: Transferable[]) => port.postMessage(message, transfer),
    terminate() {
      page.release();
      port.close();
    },
  } as Wire;
}
