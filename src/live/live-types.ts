/**
 * The nouns of a live index in use: what an app hands over, and what it hears.
 * In: nothing. Out: types only. They cross to the worker, so they are plain objects and typed arrays.
 * Deliberately not here: what is stored (segment/live-shape.ts).
 */
import type { Fields } from '../fields';
import type { LiveModel } from '../segment/live-shape';

/** A page or note to be indexed on the device: `html` or `text`. */
export interface DocumentMessage {
  id: string;
  /** Where a hit leads. Default: `id`. */
  url?: string;
  /** Default: what the HTML says, else `id`. */
  title?: string;
  html?: string | Uint8Array;
  text?: string;
}

/** A document of a live index. */
export interface LiveDocument extends DocumentMessage {
  /** Default: what the HTML or the first heading of the text says, else none: an id would be found by its letters. */
  title?: string;
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
  /** Ids of documents that have lost what they were filed under. */
  withoutFields: string[];
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
