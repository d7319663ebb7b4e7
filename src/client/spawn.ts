/**
 * Where workers come from. The addresses are literal and relative to dist/, the one form that browsers, Vite and webpack
 * all understand.
 */
import type { IndexApi, InferenceApi, RuntimeName } from '../../workers/api';
import type { LiveApi } from '../../workers/live-api';
import { type Connection, type ConnectOptions, connect } from '../../workers/rpc';

export type Events = Pick<ConnectOptions, 'onEvent' | 'onEnd'>;

/** What the client starts; tests start something else. */
export interface Spawn {
  index(events: Events): Connection<IndexApi>;
  inference(runtime: RuntimeName, events: Events): Connection<InferenceApi>;
  /** Absent: that of spawn-live.ts. */
  live?(events: Events): Connection<LiveApi>;
  /** Absent: that of spawn-shared.ts. `key`: names the model. */
  shared?(runtime: RuntimeName, key: string, events: Events): Connection<InferenceApi>;
}

export const spawnWorkers: Spawn = {
  index: (events) =>
    connect(
      () =>
        new Worker(new URL('./index.worker.js', import.meta.url), { type: 'module', name: 'nearbit-index' }),
      { ...events, name: 'index', path: 'index.worker.js' },
    ),
  inference: (runtime, events) =>
    runtime === 'wasm'
      ? connect(
          () =>
            new Worker(new URL('./inference.worker.js', import.meta.url), {
              type: 'module',
              name: 'nearbit-inference',
            }),
          { ...events, name: 'inference', path: 'inference.worker.js' },
        )
      : connect(
          () =>
            new Worker(new URL('./inference-webgpu.worker.js', import.meta.url), {
              type: 'module',
              name: 'nearbit-inference-webgpu',
            }),
          { ...events, name: 'inference (WebGPU)', path: 'inference-webgpu.worker.js' },
        ),
};
