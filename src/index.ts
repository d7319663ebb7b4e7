/** The public surface of `nearbit`. */
export type { DocumentMessage, KernelReport, Notice, Progress } from '../workers/api';
export type {
  AddReport,
  Damage,
  LiveDocument,
  LiveState,
  RepairReport,
} from '../workers/live-api';
export type { BackgroundReport } from './client/background';
export type { LiveInput, LiveInputs } from './client/document-slices';
export type { InstantIndex } from './client/instant-index';
export type { LiveIndex } from './client/live-index';
export type {
  AddProgress,
  ChangeOptions,
  LiveOptions,
  LiveSearchOptions,
  LiveStatus,
} from './client/live-options';
export { NearbitIndex } from './client/nearbit-index';
export { type OpenOptions, openIndex } from './client/open-index';
export type { ModelState } from './client/query-model';
export type { RuntimeWish } from './client/runtimes';
export type { InstantReport, RerankerState, Status } from './client/status';
export type { StorageReport } from './client/storage-state';
export {
  type ErrorCode,
  FormatError,
  ModelError,
  NearbitError,
  ShapeError,
  StoreError,
  WorkerError,
} from './errors';
export type { Facets, Fields, FieldTest, FieldValue, Filter, FilterValue } from './fields';
export type { Durability } from './store/live-store';
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
