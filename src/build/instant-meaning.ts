/**
 * The instant tier's vectors: codes of passages in cells, and rows of words that a query's vector is the sum of.
 * In: embeddings of all passages, the model, the site's pages. Out: what the packs hold, pages numbered by their cells.
 * Everything happens in one space: the model's, projected to fewer dimensions; the projection itself is not kept.
 */
import { addLevels, encodeLevels, levelBytes, spreadOf } from '../codes/levels';
import { balancedCells } from '../distil/balanced-cells';
import { makeCells, orderPages } from '../distil/cell-pages';
import { chooseRowTerms } from '../distil/dictionary';
import { blendEntries, chooseEntries } from '../distil/entries';
import { featuresOf } from '../distil/features';
import { fitRows } from '../distil/fit-rows';
import { fitProjection, type Projection, project } from '../distil/projection';
import { makePseudoQueries } from '../distil/pseudo-queries';
import type { Analyser } from '../lexical/analyser';
import { encodeCell } from '../segment/cell-part';
import type { InstantMeaning } from '../segment/instant-shape';
import { storedCentroids, storedMean, storedSpread } from '../segment/instant-vectors';
import type { WritableStore } from '../store/store';
import { readStoredPages } from '../store/stored-pages';
import type { Encoder, Manifest } from '../types';
import { type EmbeddingCache, embedPassages } from './embed-stage';

/** Dimensions of rows, centroids and codes. */
const instantDim = 128;
const codeBits = 2;
/** Pseudo-queries of a site: as many as its text is worth, and no more than bring anything. Each costs a tenth of a passage. */
const pseudoQueries = { least: 8000, perPassage: 2, most: 140_000 };
/** Words that the site need not say: a small one is not worth the time that many take. */
const commonWords = { least: 2000, perPassage: 4 };
/** Texts whose embeddings are in memory before they are projected. */
const encodedAtOnce = 8192;

export interface InstantVectors {
  meaning: InstantMeaning;
  /** Ordinals of the passages that have codes, ascending. */
  entries: Uint32Array;
  /** New number of each page. Shapes: u32[pages]. */
  numberOf: Uint32Array;
  /** Vectors of the entries as readers decode them, and the numbers of their pages. Shapes: f32[n × dim], u32[n]. */
  decoded: Float32Array;
  entryPages: Uint32Array;
  /** Payloads of cells parts. */
  cells: Uint8Array[];
  /** Terms in order, each with a row. */
  rows: { terms: readonly string[]; rowAt(i: number): Float32Array };
}

export interface MeaningSource {
  /** Shapes: f32[passages × dim] */
  embeddings: Float32Array;
  /** Shapes: u32[pages + 1] */
  pageStart: Uint32Array;
  /** Passages that hold each term of the index. */
  held: ReadonlyMap<string, number>;
  analysers: readonly Analyser[];
}

export interface MeaningOptions {
  store: WritableStore;
  encoder: Encoder;
  vocabulary: readonly string[];
  cache?: EmbeddingCache;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export async function fitMeaning(
  manifest: Manifest,
  { embeddings, pageStart, held, analysers }: MeaningSource,
  options: MeaningOptions,
): Promise<InstantVectors> {
  const { store, encoder, signal } = options;
  const { dim: from } = encoder.card;
  const entries = chooseEntries(embeddings, from, pageStart);
  const blended = blendEntries(embeddings, from, pageStart, entries);
  const projection = fitProjection(blended, from, instantDim);
  const dim = projection.to;
  const vectors = project(blended, projection);
  const mean = storedMean(projection.mean);
  subtract(vectors, mean);
  const spread = storedSpread(spreadOf(vectors, dim));
  const { codes, lengths } = encodeLevels(vectors, spread, codeBits);
  const decoded = decodeAll(codes, lengths, mean, spread);
  signal?.throwIfAborted();

  const { centroids, cellOf } = balancedCells(decoded, dim);
  const order = orderPages(entries, cellOf, pageStart, centroids.length / dim);
  const cells = makeCells({ entries, cellOf, codes, lengths }, pageStart, order, dim, codeBits);

  const entryPages = pagesOf(entries, pageStart);
  const { least, perPassage, most } = pseudoQueries;
  const wanted = Math.min(most, least + Math.round(perPassage * manifest.counts.passages));
  const queries = await makePseudoQueries(readStoredPages(store, manifest), wanted);
  const texts = queries.map(({ text }) => text);
  const vocabulary = options.vocabulary.slice(
    0,
    commonWords.least + commonWords.perPassage * manifest.counts.passages,
  );
  const rowTerms = chooseRowTerms(held, vocabulary, texts, analysers);
  const targets = await embedProjected([...texts, ...rowTerms.words], projection, options);
  const fitted = fitRows({
    dim,
    words: targets.subarray(texts.length * dim),
    frequencies: rowTerms.frequencies,
    features: featuresOf(texts, rowTerms.terms, analysers),
    targets: targets.subarray(0, texts.length * dim),
    pages: Int32Array.from(queries, ({ page }) => page),
    entryPages,
    entries: decoded,
    cosineSd: manifest.model!.cosineSd,
    seed: 1,
  });
  return {
    meaning: {
      dim,
      bits: codeBits,
      mean,
      spread,
      cosineSd: fitted.cosineSd,
      centroids: storedCentroids(centroids, mean),
      cellPages: order.cellPages,
    },
    entries,
    numberOf: order.numbers,
    decoded,
    entryPages: entryPages.map((page) => order.numbers[page]!),
    cells: cells.map(encodeCell),
    rows: {
      terms: rowTerms.terms,
      rowAt: (i) => fitted.rows.subarray(i * dim, (i + 1) * dim),
    },
  };
}

/** Shapes: f32[texts × dim] of the projection. */
async function embedProjected(
  texts: readonly string[],
  projection: Projection,
  { encoder, cache, onProgress, signal }: MeaningOptions,
): Promise<Float32Array> {
  const out = new Float32Array(texts.length * projection.to);
  for (let start = 0; start < texts.length; start += encodedAtOnce) {
    const { embeddings } = await embedPassages(texts.slice(start, start + encodedAtOnce), encoder, {
      kind: 'query',
      ...(cache && { cache }),
      ...(signal && { signal }),
      onProgress: (done) => onProgress?.(start + done, texts.length),
    });
    out.set(project(embeddings, projection), start * projection.to);
  }
  return out;
}

function subtract(vectors: Float32Array, mean: Float32Array): void {
  const dim = mean.length;
  for (let i = 0; i < vectors.length; i++) vectors[i]! -= mean[i % dim]!;
}

/** Codes as readers decode them, the mean added again. */
function decodeAll(
  codes: Uint8Array,
  lengths: Float32Array,
  mean: Float32Array,
  spread: Float32Array,
): Float32Array {
  const dim = mean.length;
  const size = levelBytes(dim, codeBits);
  const decoded = new Float32Array(lengths.length * dim);
  for (const [i, length] of lengths.entries()) {
    const row = decoded.subarray(i * dim, (i + 1) * dim);
    row.set(mean);
    addLevels(codes.subarray(i * size, (i + 1) * size), length, spread, codeBits, row);
  }
  return decoded;
}

/** Page of each entry. */
function pagesOf(entries: Uint32Array, pageStart: Uint32Array): Uint32Array {
  let page = 0;
  return entries.map((ordinal) => {
    while (pageStart[page + 1]! <= ordinal) page++;
    return page;
  });
}
