/**
 * The nouns of nearbit, shared by every room.
 * In: nothing. Out: types only; this file holds no code.
 */
import type { Facets, Fields, Filter } from './fields';

/**
 * How much of the machinery a query may use. A tier never waits for a later one.
 * `instant`: the query's embedding is a sum of rows fitted to the index, so no model runs.
 */
export type Tier = 'lexical' | 'instant' | 'full';

/** One page as its author wrote it, free of furniture. */
export interface SourceDocument {
  /** Stable identity: the URL path of a page (`/guide/`), or the caller's own id. */
  id: string;
  /** Where a hit leads; the same as `id` for pages of a site. */
  url: string;
  title: string;
  description: string;
  /** BCP 47 tag in lower case (`en`, `pt-br`), or '' when the page does not say. */
  language: string;
  /** `<link rel=canonical>` as written, or null. */
  canonical: string | null;
  /** The page asks not to be indexed (`<meta name=robots content=noindex>`). */
  noindex: boolean;
  /** In reading order. The text before the first heading is a section with an empty trail. */
  sections: Section[];
  /** Other pages of the site that its text links to (`pageKey`), each once. Absent: not known. */
  links?: string[];
}

/** The text under one heading, down to the next heading of any level. */
export interface Section {
  /** Headings from the outermost to this section's own; the page's title is not repeated. */
  headings: string[];
  /** The `id` a URL fragment can name, or null. */
  anchor: string | null;
  /** Paragraphs, list items, table rows, code blocks: plain text, whitespace collapsed (kept inside code). */
  blocks: string[];
}

/** The unit retrieved: a stretch of one section (or of small neighbouring ones) under the token budget. */
export interface Passage {
  headings: string[];
  anchor: string | null;
  text: string;
}

/** A document and its passages, as stored. `firstOrdinal` is the corpus ordinal of `passages[0]`. */
export interface StoredPage {
  id: string;
  url: string;
  title: string;
  description: string;
  language: string;
  passages: Passage[];
}

export type Pooling = 'mean' | 'cls';
export type EmbeddingKind = 'query' | 'passage';

/** What must be equal for two embeddings to live in one space. */
export interface ModelCard {
  name: string;
  dim: number;
  pooling: Pooling;
  /** Word pieces a text may have, special tokens included; longer texts are cut. */
  maxTokens: number;
  queryPrefix: string;
  passagePrefix: string;
  /** Spread of cosines between a query and passages, where it is known of the model: the unit in which fusion reads a cosine. */
  cosineSd?: number;
  /** Base languages (`en` of `en-gb`) the model was made for. Absent: any. */
  languages?: string[];
}

/** Which machinery runs a model, and why not another. */
export interface RuntimeReport {
  /** `onnxruntime-node`, `wasm`, `wasm-threads`, `webgpu`, or an adapter's own word. */
  runtime: string;
  /** The weights file in use (`onnx/model_quantized.onnx`). */
  weights: string;
  threads: number;
  /** One sentence: why this runtime. */
  reason: string;
  /** Runtimes tried or considered before it, each with its reason. */
  refused: { runtime: string; reason: string }[];
}

/** Texts to embeddings. Implementations: our own ONNX Runtime path; `nearbit/transformers`. */
export interface Encoder {
  readonly card: ModelCard;
  readonly report: RuntimeReport;
  /** Word pieces of a text without special tokens and prefix. */
  countTokens(text: string): number;
  /** Shapes: float32[texts.length × dim], row-major, each row of length 1. Encodes one text at a time. */
  embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A write-once block: its name is its content. */
export interface BlockRef {
  /** First 32 hexadecimal digits of the SHA-256 of the stored bytes. */
  hash: string;
  /** Stored size, compression included. Units: bytes. */
  bytes: number;
}

/** Block kinds; also the file name's ending. The last three are of live indexes; bundles may have `documents`. */
export type BlockKind =
  | 'pages'
  | 'frame'
  | 'codes'
  | 'fine'
  | 'texts'
  | 'postings'
  | 'asset'
  | 'documents'
  | 'fields'
  | 'dead';

/** Consecutive pages whose finer codes and texts are stored together. */
export interface PageGroup {
  pages: number;
  passages: number;
  texts: BlockRef;
  /** Absent in an index without embeddings. */
  fine: BlockRef | null;
}

/** Consecutive terms of the sorted dictionary. */
export interface PostingsRef extends BlockRef {
  /** The block holds terms from this one up to the next block's. */
  firstTerm: string;
}

/** A text with the embedding that the named weights gave it when the index was made. */
export interface Canary {
  text: string;
  /** Weights file → base64 of int8[dim], the unit embedding × 127 / its largest component. */
  embeddings: Record<string, string>;
}

/** What the manifest records of the model, so that a reader can load and check it. */
export interface ManifestModel extends ModelCard {
  /** The model's own, or estimated from the corpus. */
  cosineSd: number;
  /** Weights that encoded the passages (may be a finer copy than readers download). */
  documentWeights: string;
  /** Files a reader may fetch, by path in the model folder. Empty when the encoder is the caller's own. */
  files: Record<string, BlockRef>;
  canaries: Canary[];
}

/** How the legs' scores become one. All are 0 or more. */
export interface FusionWeights {
  /** Weight of a cosine in units of its spread, beside BM25 over its theoretical maximum. */
  cosine: number;
  /** Share of a leg's score that a page's first passage gives, 0 to 1; its best passage gives the rest. */
  firstPassage: number;
  /** Share of the score by words that the page as one text gives, 0 to 1; its passages give the rest. */
  pageWords: number;
  /** Weight of how much the rest of the site links to a page. */
  links: number;
}

/** What the instant tier reads: a folder of packs, named by what is in them. */
export interface InstantRef {
  /** First 32 hexadecimal digits of the SHA-256 over the names and contents of its files; also its folder's name. */
  name: string;
  /** `cells`: rows and codes; `expansion`: pages listed under words they mean, and no vectors. */
  design: 'cells' | 'expansion';
  /** What it was made from: an unchanged site need not be fitted again. */
  source: string;
  files: number;
  bytes: number;
}

/** The one small mutable file of an index: it names every block, and is swapped last. */
export interface Manifest {
  format: number;
  generator: string;
  /** Language of most pages; the default for queries. */
  language: string;
  /** Every analyser used while indexing. */
  languages: string[];
  counts: { pages: number; passages: number; terms: number };
  /** Null in a lexical-only index. */
  model: ManifestModel | null;
  /** How embeddings became codes. Null in a lexical-only index. */
  code: { bits: number; planes: number; rotation: 'fitted' | 'random'; frame: BlockRef } | null;
  /** First bit plane of all passages, in ordinal order. */
  codes: (BlockRef & { passages: number })[];
  /** Passages per page and lexical lengths of passages. */
  pages: BlockRef;
  groups: PageGroup[];
  postings: PostingsRef[];
  lexical: {
    /** Version of tokenisation; a reader with another one refuses the lexical leg. */
    analyser: number;
    /** Mean field-weighted length of a passage. Units: terms. */
    averageLength: number;
  };
  /** Fitted to the site's own queries by `nearbit tune`. Absent: the defaults. */
  weights?: FusionWeights;
  /** ONNX Runtime binaries kept beside the model, by file name. Empty when the index carries none. */
  runtime: Record<string, BlockRef>;
  /** Absent: no instant tier. */
  instant?: InstantRef;
  /** Ids of the pages, in order. Absent in earlier indexes, and where nothing asks for pages by id. */
  documents?: BlockRef;
}

/** A stretch of `text` to mark. Units: UTF-16 code units, end exclusive. */
export type Mark = [start: number, end: number];

/** A passage of a hit, best first. */
export interface HitPassage {
  heading: string;
  headings: string[];
  anchor: string | null;
  text: string;
  marks: Mark[];
  /** The sentence that the query's words point at; null: none of them stands in the text. */
  quote: Mark | null;
  /** The page's URL with anchor and a `#:~:text=` directive for the quote (or the first sentence). */
  link: string;
  score: number;
}

/** A page by one leg alone. */
export interface LegExplanation {
  /** Raw score of the hit's best passage (BM25, cosine). Null: the leg did not run, or could not read the passage. */
  score: number | null;
  /** Place among the pages found, were this leg the only one. Null: it gave the page nothing. */
  rank: number | null;
}

/** Why a page stands where it does. */
export interface Explanation {
  lexical: LegExplanation;
  vector: LegExplanation;
  /** What words, meaning and links gave to the hit's score; they add up to it. */
  shares: { words: number; meaning: number; links: number };
  /**
   * What moved the page: reranking where it ran; links where they lifted it past another; else the leg that ranks it
   * better, `both` where they agree.
   */
  moved: 'words' | 'meaning' | 'both' | 'links' | 'reranked';
}

/** One page that answers, with its best passages. */
export interface Hit {
  rank: number;
  id: string;
  url: string;
  title: string;
  titleMarks: Mark[];
  description: string;
  score: number;
  /** Raw scores of the best passage: BM25, cosine. Null: that leg did not run. */
  scores: { lexical: number | null; vector: number | null; rerank: number | null };
  explanation: Explanation;
  passages: HitPassage[];
  /** What the app filed the document under; absent: nothing. */
  fields?: Fields;
}

/** Milliseconds per stage of one query; `total` includes what no stage names. */
export interface StageMs {
  total: number;
  [stage: string]: number;
}

/** What a query gives back. */
export interface Answer {
  query: string;
  tier: Tier;
  hits: Hit[];
  ms: StageMs;
  /** Pages that matched before the limit. Live indexes: all that hold a word of the query or are found by meaning. */
  found: number;
  /** What was left out and why (a block that could not be read, a leg that could not run). Empty: nothing. */
  notices: string[];
  /** Of the fields asked for, over all documents found. */
  facets?: Facets;
}

export interface SearchOptions {
  /** Deepest tier to use. Default: the deepest at hand. */
  tier?: Tier;
  /** Pages wanted. Default 10, 1 to 100. */
  limit?: number;
  /** Passages shown per page. Default 3. */
  passagesPerPage?: number;
  /** BCP 47 tag of the query; default: every language of the index. */
  language?: string;
  /** Live indexes: only documents whose fields pass. With an empty query: all of them, newest first. */
  filter?: Filter;
  /** Live indexes: fields whose values are counted over all documents found. */
  facets?: readonly string[];
  signal?: AbortSignal;
}
