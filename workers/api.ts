/**
 * What crosses the worker boundary: types only.
 * Rules: plain objects and typed arrays; no functions, no AbortSignal (rpc.ts carries cancellation by call number).
 */
import type { BuildReport } from '../src/build/build-index';
import type { KernelChoice, KernelOptions } from '../src/kernels/choose';
import type { KernelName } from '../src/kernels/kernel';
import type { DocumentMessage, LiveState } from '../src/live/live-types';
import type { RerankCandidate } from '../src/rerank/extract';
import type { PairScores } from '../src/rerank/reranker';
import type { Durability } from '../src/store/live-store';
import type {
  Answer,
  BlockKind,
  BlockRef,
  EmbeddingKind,
  Manifest,
  ManifestModel,
  RuntimeReport,
  SearchOptions,
} from '../src/types';

export type { DocumentMessage } from '../src/live/live-types';

/** Where an index's blocks come from. */
export type SourceMessage =
  /** An index folder on this origin; `cache`: kept in IndexedDB under its URL; `ahead`: also what no query has read yet. */
  | { kind: 'http'; url: string; cache: boolean; ahead: boolean }
  | ({ kind: 'memory' } & IndexMessage)
  | LiveSource;

/** A live index on this device, by name; for the live worker only. */
export interface LiveSource {
  kind: 'live';
  name: string;
  durability: Durability;
  /** Of documents that do not say. '': each is guessed. */
  language: string;
  /** The bundle that it lies over; null: none. `cache`: kept on the device, as for `http`. */
  base: { url: string; cache: boolean } | null;
}

/** A whole index that was built on the device; `bytes` as stored, block header included. */
export interface IndexMessage {
  manifest: Manifest;
  blocks: { kind: BlockKind; ref: BlockRef; bytes: Uint8Array }[];
}

/** Units: bytes (`build`: passages encoded; `index`: also what is read ahead). `total` 0: not known yet. */
export interface Progress {
  what: 'index' | 'model' | 'runtime' | 'build';
  received: number;
  total: number;
}

/** Something went on without a part of the machinery (the device's cache is full). */
export interface Notice {
  code: string;
  message: string;
}

/** Sent by a worker at any time, beside calls and replies. */
export type WorkerEvent =
  | { type: 'progress'; progress: Progress }
  | { type: 'notice'; notice: Notice }
  | { type: 'kernel'; kernel: KernelReport }
  /** A live index has changed, in this tab or another one. */
  | { type: 'change'; state: LiveState };

export interface KernelReport extends Omit<KernelChoice, 'kernel'> {
  /** `none`: no query has needed one yet. */
  name: KernelName | 'none';
}

export interface IndexInfo {
  manifest: Manifest;
  /** The manifest came from the device because the network did not answer. */
  stale: boolean;
}

/** The index worker: store, scan, lexical leg, fusion. */
export interface IndexApi {
  open(source: SourceMessage, options: KernelOptions): IndexInfo;
  /** `embedding` null: lexical leg only. */
  search(
    query: string,
    embedding: Float32Array | null,
    options: Omit<SearchOptions, 'signal' | 'tier'>,
  ): Answer;
  /** Fetches what the full tier needs (all first planes) ahead of a query. */
  warm(): void;
  /** Files kept beside the index, inflated: this worker alone reads stores. `kind`: blocks of another kind than `asset`. */
  readAssets(refs: BlockRef[], what: Progress['what'], kind?: BlockKind | undefined): Uint8Array[];
}

/** ONNX Runtime's builds, one worker each. */
export type RuntimeName = 'wasm' | 'webgpu';

/** What an inference worker is to load; `files` and `binary` are moved to it. */
export interface ModelRequest {
  /** What the index says of its model. */
  model: ManifestModel;
  /** By path in the model folder: the tokenizer's and the weights that `report` names. */
  files: Record<string, Uint8Array>;
  /** ONNX Runtime's WebAssembly. */
  binary: Uint8Array;
  /** URL of the script that belongs to it. */
  glueUrl: string;
  /** Runtime, weights and threads to use, with the reason for them. */
  report: RuntimeReport;
}

/** What loading took. Units: milliseconds per stage. */
export type LoadMs = Record<'fetch' | 'session' | 'canaries', number>;

/** A model that a worker holds. */
export interface LoadedModel {
  report: RuntimeReport;
  /** What loading took there. */
  ms: Omit<LoadMs, 'fetch'>;
}

/** The inference workers: tokenizer, ONNX Runtime session, indexing on the device. */
export interface InferenceApi {
  /** What another page has loaded into a worker that all pages share; null: nothing yet. Errors: those of its `load`. */
  loaded(): LoadedModel | null;
  /** Loads and checks a model. Errors: ModelError runtime-refused, model-missing, model-damaged. */
  load(request: ModelRequest): Omit<LoadMs, 'fetch'>;
  /** Other calls take their turn after each text. Shapes: float32[texts × dim], row-major. */
  embed(texts: string[], kind: EmbeddingKind): Float32Array;
  /** Opens a reranker beside the loaded model. Errors: ModelError model-missing, model-damaged, runtime-refused. */
  loadReranker(request: RerankerRequest): RerankerLoaded;
  /** Scores the first candidates, one pair after the other, for `ms` milliseconds. Errors: ModelError model-damaged. */
  rerank(query: string, candidates: RerankCandidate[], ms: number): PairScores;
  /** Indexes documents with the loaded model; without one, an index of words alone. */
  build(documents: DocumentMessage[]): BuildReply;
}

/** Which reranker an inference worker is to load, from this origin. */
export interface RerankerRequest {
  /** The folder, a slash at its end. */
  url: string;
}

export interface RerankerLoaded {
  /** The weights file in use. */
  weights: string;
  /** What loading took. Units: milliseconds. */
  ms: number;
}

export interface BuildReply {
  index: IndexMessage;
  report: BuildReport;
}
