/**
 * What crosses the boundary to the worker of a live index: types only.
 * Rules as in api.ts. Deliberately not here: what is searched (api.ts), and who does the background's work (src/client/background.ts).
 */
import type { Fields } from '../src/fields';
import type { LiveModel } from '../src/segment/live-shape';
import type { DocumentMessage, IndexApi } from './api';

/** A document of a live index. */
export interface LiveDocument extends DocumentMessage {
  /** What filters and facets read. Dates may be Date objects. */
  fields?: Fields;
  /** BCP 47 tag of the text. Default: that of `openIndex`, else what the HTML says, else a guess. */
  language?: string;
  /** The app's own embedding of the whole document. Shapes: float32[dim]. */
  embedding?: Float32Array | readonly number[];
}

/** What became of the documents handed over. */
export interface AddReport {
  added: number;
  /** Known under their id, and replaced. */
  updated: number;
  /** Known under their id with the same content: nothing was written. */
  unchanged: number;
  /** Neither title nor text: not added (an earlier version of them is removed). */
  leftOut: { id: string; reason: string }[];
}

/** What a live index holds at the moment. */
export interface LiveState {
  /** Rises with every change, whichever tab made it. */
  generation: number;
  /** Those of the bundle that it lies over included. */
  documents: number;
  passages: number;
  /** Passages that are found by meaning too. */
  embedded: number;
  segments: number;
  /** Of the blocks that are in use. Units: bytes. */
  bytes: number;
  /** What made the embeddings; null: there are none yet. */
  model: LiveModel | null;
  /** One sentence where the model at hand is not the one that made the embeddings: `reembed()` mends it. '' otherwise. */
  modelDiffers: string;
  /** Passages that `reembed` has done, of how many; null: it is not under way. */
  reembedding: { done: number; total: number } | null;
  /** Blocks found to be missing or damaged, each with what is lost by it. */
  damage: Damage[];
}

/** A block that could not be read. */
export interface Damage {
  path: string;
  /** One sentence: what cannot be found until `repair()`. */
  lost: string;
  /** The error's message. */
  reason: string;
}

export interface RepairReport {
  /** Segments written anew. */
  mended: number;
  /** Passages to be embedded again. */
  toEmbed: number;
  /** Ids of documents whose text is lost: they are gone from the index, to be added again. */
  lost: string[];
}

/** Texts to be embedded, as passages. */
export interface EmbedBatch {
  ticket: number;
  texts: string[];
}

/** The model that the page has at hand. */
export interface ModelAtHand {
  model: LiveModel;
  /** A frame fitted to like texts, of the model's folder: reference in that folder's manifest and the block's payload. */
  frame: { code: { bits: number; planes: number; rotation: 'fitted' | 'random' }; bytes: Uint8Array } | null;
}

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
  /** Bytes of a backup, in order; null: the end, on which it takes the place of everything here. */
  importPart(bytes: Uint8Array | null): void;
  destroy(): void;
}
