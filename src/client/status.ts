/** What an open index says of itself: nothing is chosen, left out or fetched without a word here. */
import type { KernelReport, LoadMs, Notice, Progress } from '../../workers/api';
import type { RuntimeReport, Tier } from '../types';
import type { ModelState } from './query-model';

/** `idle`: not asked for yet. Each state is said with its reason. */
export type RerankerState = 'idle' | 'loading' | 'ready' | 'failed';

/** How the instant tier reads its packs. */
export interface InstantReport {
  /** `idle`: not asked for yet. `failed`: the words of the index answer in its place. */
  state: 'idle' | 'ready' | 'failed';
  /** One sentence: why it failed; '' when there is nothing to say. */
  reason: string;
  /** Whether the server gives parts of files. Until that is proved, and where it is refused, whole packs are read. */
  range: 'untried' | 'proved' | 'refused';
  /** Why it was refused; '' when there is nothing to say. */
  rangeReason: string;
  /** So far. */
  requests: number;
  /** Units: bytes of the answers' bodies. */
  bytes: number;
}

export interface Status {
  /** The deepest tier that a query gets at once: `full` once the model is ready, `instant` where the index has that tier. */
  tier: Tier;
  /** With `defer`, `idle` also while it is not known yet whether the index has one. */
  model: ModelState;
  /** One sentence: why the model is in that state; '' when there is nothing to say. */
  modelReason: string;
  /** What runs the model, why, and what was refused; null while nothing does. */
  runtime: RuntimeReport | null;
  /** Runtimes refused so far, also where none is left. */
  refused: RuntimeReport['refused'];
  /** What loading the model took, in milliseconds per stage; null before. */
  modelMs: LoadMs | null;
  /** What scans the codes, why, and what was refused; `none` until an embedding is to be compared. */
  kernel: KernelReport;
  /** Absent: the index has no instant tier. */
  instant?: InstantReport;
  /** Absent: none is configured. `reason`: why it takes no part, or how far it comes in its time; '' when there is nothing to say. */
  reranker?: { state: RerankerState; reason: string };
  /** Bytes per purpose (`build`: passages; `index`: also what is read ahead); `model` and `runtime` tell their size before they are fetched. */
  progress: Record<Progress['what'], { received: number; total: number }>;
  /** The index kept on this device is in use, because the network did not answer. */
  stale: boolean;
  /** What went wrong without stopping anything, each once. */
  notices: Notice[];
}
