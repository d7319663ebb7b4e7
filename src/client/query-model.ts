/** What an index needs of its model, wherever that runs: types only. */
import type { BuildReply, DocumentMessage, InferenceApi, LoadMs } from '../../workers/api';
import type { Connection } from '../../workers/rpc';
import type { RuntimeReport } from '../types';
import type { ModelOptions } from './model-client';

/** `absent`: the index has none, or none that a reader may fetch. */
export type ModelState = 'absent' | 'idle' | 'loading' | 'ready' | 'failed';

/** Fires `change` (a plain Event) after every change of state. */
export interface QueryModel extends EventTarget {
  readonly state: ModelState;
  /** One sentence: why it is in that state; '' when there is nothing to say. */
  readonly reason: string;
  /** The runtime in use; null while there is none. */
  readonly runtime: RuntimeReport | null;
  /** Runtimes refused so far, the last try's only. */
  readonly refused: RuntimeReport['refused'];
  /** What loading took; null before, and where it is not known. */
  readonly ms: LoadMs | null;
  /** The worker that holds it; null while there is none, undefined where it runs in none of ours. */
  readonly worker?: Connection<InferenceApi> | null | undefined;
  /** What it was made of, once that is known; absent: it is the caller's own. */
  readonly options?: Pick<ModelOptions, 'engine'> | undefined;
  /** Calls that come while it loads wait for the same load. Errors: ModelError; StoreError; WorkerError; NearbitError closed. */
  load(): Promise<void>;
  /** Loads first, if it must. Errors: those of `load`; WorkerError worker-crashed; AbortError. */
  embed(text: string, signal: AbortSignal): Promise<Float32Array>;
  /** As passages; a query that comes meanwhile waits for one text at most. Shapes: float32[texts × dim], row-major. Errors: as `embed`. */
  embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array>;
  /** Indexes documents on the device. Errors: as `embed`; NearbitError usage. */
  build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply>;
  close(): void;
}
