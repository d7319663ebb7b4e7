/** What a live index is opened with, what its methods take, and what it says of itself: types only. */
import type { AddReport, LiveState } from '../../workers/live-api';
import type { Durability } from '../store/live-store';
import type { SearchOptions } from '../types';
import type { BackgroundReport } from './background';
import type { NearbitIndex } from './nearbit-index';
import type { OpenOptions } from './open-index';
import type { Status } from './status';
import type { StorageReport } from './storage-state';

type Shared =
  | 'encoder'
  | 'cache'
  | 'kernels'
  | 'runtime'
  | 'threads'
  | 'preload'
  | 'reranker'
  | 'rerankMs'
  | 'signal';

export interface LiveOptions extends Pick<OpenOptions, Shared> {
  /** Which index on this device, 1 to 200 characters. Pages of one origin that open the same name share it. */
  name: string;
  /**
   * `strict` (default): what has resolved also survives a power failure, and every change waits for the disk. `relaxed`:
   * changes do not wait, and a power failure may take the last seconds with it. Neither loses anything with the tab, the worker or the browser.
   */
  durability?: Durability;
  /** BCP 47 tag of documents that do not say theirs. Default: each is guessed. */
  language?: string;
  /**
   * An open index whose model is shared, or the folder of one (`nearbit index` or `nearbit model` wrote it). Default: that of
   * `source`; else the folder that this script was loaded from, where it is an index's `engine` folder; else words alone.
   */
  model?: NearbitIndex | string | URL;
  /**
   * Folder of an index that `nearbit index` wrote, under this one: its documents are found too, and what is added, updated or
   * removed here stays when the folder is replaced by a newer one.
   */
  source?: string | URL;
  /** Asks the browser, after the first documents were stored, not to delete them when space is short. Default true. */
  persist?: boolean;
}

export interface ChangeOptions {
  /** Hears after every slice that was stored. */
  onProgress?(progress: AddProgress): void;
  /** Ends the work. What `onProgress` has told of stays stored, and the slice under way may. */
  signal?: AbortSignal;
}

/** Units: documents. */
export interface AddProgress {
  /** Stored, or left out. */
  done: number;
  /** Null: the source does not say. */
  total: number | null;
  /** What became of them. */
  report: AddReport;
}

export interface LiveSearchOptions extends SearchOptions {
  /** The app's own embedding of the query, in place of the model's. Shapes: float32[dim]. */
  embedding?: Float32Array | readonly number[];
}

export interface LiveStatus extends Status {
  /** What the index holds; `embedded` of `passages` are found by meaning too. */
  live: LiveState;
  /** Room on the device, as of the last time it was asked for. */
  storage: StorageReport;
  /** Who embeds and tidies up, or why nobody does. */
  background: BackgroundReport;
}
