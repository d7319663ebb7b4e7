/** The public surface of `nearbit`. */
export type { DocumentMessage, KernelReport, Notice, Progress } from '../workers/api';
export type { InstantIndex } from './client/instant-index';
export { NearbitIndex } from './client/nearbit-index';
export { type OpenOptions, openIndex } from './client/open-index';
export type { ModelState } from './client/query-model';
export type { RuntimeWish } from './client/runtimes';
export type { InstantReport, RerankerState, Status } from './client/status';
export {
  type ErrorCode,
  FormatError,
  ModelError,
  NearbitError,
  ShapeError,
  StoreError,
  WorkerError,
} from './errors';
export type {
  Answer,
  EmbeddingKind,
  Encoder,
  Explanation,
  FusionWeights,
  Hit,
  HitPassage,
  LegExplanation,
  Manifest,
  Mark,
  ModelCard,
  RuntimeReport,
  SearchOptions,
  StageMs,
  Tier,
} from './types';
