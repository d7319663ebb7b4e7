/**
 * What crosses the boundary to the worker of a live index: types only.
 * Rules as in api.ts. Deliberately not here: the nouns (src/live/live-types.ts), what is searched (api.ts), and who does the
 * background's work (src/client/background.ts).
 */
import type {
  AddReport,
  Damage,
  EmbedBatch,
  LiveDocument,
  LiveState,
  ModelAtHand,
  RepairReport,
} from '../src/live/live-types';
import type { IndexApi } from './api';

export type {
  AddReport,
  Damage,
  EmbedBatch,
  LiveDocument,
  LiveState,
  ModelAtHand,
  RepairReport,
} from '../src/live/live-types';

/** The worker of a live index: everything that the index worker does, and changes. */
export interface LiveApi extends IndexApi {
  /** One transaction. `update`: ids must be known, and what is left out of a document stays as it is. Errors: NearbitError usage, field-unusable; ShapeError; StoreError quota-exceeded. */
  add(documents: LiveDocument[], mode: 'add' | 'update'): AddReport;
  /** How many there were. */
  remove(ids: string[]): number;
  clear(): number;
  has(ids: string[]): boolean[];
  state(): LiveState;
  useModel(model: ModelAtHand): LiveState;
  /** The next texts without an embedding, at most `most`; null: none, or not with the model at hand. */
  nextTexts(most: number): EmbedBatch | null;
  /** Shapes: float32[texts × dim] of the batch. A batch that is out of date is dropped. */
  storeEmbeddings(ticket: number, embeddings: Float32Array): void;
  /** Tidies up (compaction, blocks no longer needed) for about `ms`; true: there is more to do. */
  tidy(ms: number): boolean;
  /** Reads every block. */
  check(): Damage[];
  repair(): RepairReport;
  /** From now on `nextTexts` gives what the model at hand has not embedded; the old embeddings answer until all is done. */
  reembed(): LiveState;
  /** The next bytes of a backup, in order; null: the end. `begin`: a new one. */
  exportPart(begin: boolean): Uint8Array | null;
  /** Bytes of a backup, in order; null: the end, on which it takes the place of everything here. `begin`: a new one. */
  importPart(bytes: Uint8Array | null, begin: boolean): void;
  /** A backup that went out or came in is given up; while one is under way no tab deletes blocks. */
  dropBackup(direction: 'export' | 'import'): void;
  destroy(): void;
}
