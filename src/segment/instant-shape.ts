/**
 * The instant tier at rest: types of what its packs hold.
 * In and out: nothing; byte tables stand in the files that encode and decode them (instant-start, word-part, cell-part, card-part).
 * Pages have numbers of their own here, in the order of their cells, so that what is alike lies together.
 */
import type { FusionWeights, InstantRef } from '../types';

/** Kinds of packs; also the beginning of their files' names (`words-12.bin`). */
export type PackKind = 'words' | 'cells' | 'cards';

/** Parts of one kind, in order, `perPack` to a file. */
export interface PartTable {
  perPack: number;
  /** Stored size of each part, framing included. Units: bytes. */
  sizes: Uint32Array;
}

/** What every instant query needs first: `start.bin`. */
export interface InstantStart {
  design: InstantRef['design'];
  /** Version of tokenisation (`analyserVersion`). */
  analyser: number;
  /** Main language, and every analyser used while indexing. */
  language: string;
  languages: string[];
  pages: number;
  /** All passages of the index, of which the instant tier codes some: what idf counts. */
  passages: number;
  weights: FusionWeights;
  packs: Record<PackKind, PartTable>;
  /** First term of each words part, ascending in UTF-16 code units. */
  firstTerms: string[];
  /** First page of each cards part. */
  firstPages: Uint32Array;
  /** How much the rest of the site links to a page, 0 to 15. Shapes: u8[pages]. */
  linked: Uint8Array;
  /** Null: words alone (no model, or the expansion design). */
  meaning: InstantMeaning | null;
}

export interface InstantMeaning {
  /** Of the space that rows, codes and centroids share: the model's, projected. */
  dim: number;
  /** Bits of a dimension in a code, 1 or 2. */
  bits: number;
  /** The corpus's mean in that space: a query's product with it is its mean cosine. Shapes: float32[dim]. */
  mean: Float32Array;
  /** Values of the levels of a code in each dimension: `level × spread`. Shapes: float32[dim]. */
  spread: Float32Array;
  /** Spread of the cosines of fitted queries: the unit in which fusion reads one. */
  cosineSd: number;
  /** Centroids of the cells, decoded, length 1. Shapes: float32[cells × dim], row-major. */
  centroids: Float32Array;
  /** First page of each cell, then the number of pages: a page stands in the cell of its first passage. Shapes: u32[cells + 1]. */
  cellPages: Uint32Array;
}

/** One term of the dictionary. */
export interface WordEntry {
  /** As the analyser writes it; pieces end with "!" (`pieceTerm`). */
  term: string;
  /** Passages of the index that hold it; 0: no page does, and only its row is known. */
  df: number;
  /** Pages by number, ascending: the best ones where many hold the term. */
  pages: Uint32Array;
  /** What the term alone gives to the page's words, of 256 parts (`impactSteps`). Shapes: u8[pages.length], 1 to 255. */
  impacts: Uint8Array;
  /** Length of the page's title in terms, 1 to 15, where the title holds the term; else 0. Shapes: u8[pages.length]. */
  titles: Uint8Array;
  /** Shapes: float32[dim]; null: it has none. */
  row: Float32Array | null;
}

/** Passages whose codes lie near one centroid. All arrays are parallel. */
export interface Cell {
  /** By number, ascending. */
  pages: Uint32Array;
  /** Place of the passage in its page's card. */
  passages: Uint8Array;
  /** Shapes: u8[n × dim × bits / 8], row-major. */
  codes: Uint8Array;
  /** Factor that restores a code's length. */
  lengths: Float32Array;
}

/** What a hit shows of a page. */
export interface Card {
  id: string;
  url: string;
  title: string;
  description: string;
  /** Those that have codes; texts are cut short. The first is the page's first. */
  passages: { heading: string; anchor: string | null; text: string; isCut: boolean }[];
}
