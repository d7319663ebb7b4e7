/**
 * Documents to a whole index in a store: read → embed → code → postings → manifest, swapped last.
 * In: a stream of documents, an encoder (or none: a lexical-only index), a writable store. Out: a report of counts and times.
 * Runs in Node and in a browser's worker; deliberately knows neither files nor the command line.
 */
import { makeCanaries } from '../embed/canary';
import { analyserVersion } from '../lexical/tokens';
import { formatVersion } from '../segment/block';
import { cutPostings } from '../segment/cut-postings';
import { documentsOf, encodeDocuments } from '../segment/documents-block';
import { encodePages, quantiseLinks } from '../segment/pages-block';
import type { WritableStore } from '../store/store';
import type {
  BlockRef,
  Encoder,
  FusionWeights,
  Manifest,
  ManifestModel,
  PageGroup,
  PostingsRef,
  SourceDocument,
} from '../types';
import { version } from '../version';
import { writeCodes } from './code-stage';
import { estimateSpread } from './cosine-spread';
import { type EmbeddingCache, embedPassages } from './embed-stage';
import type { InstantStage } from './instant-stage';
import { type LeftOut, type ReadResult, readDocuments } from './read-stage';

export type BuildStage = 'read' | 'encode' | 'code' | 'write' | 'fit';

export interface BuildProgress {
  stage: BuildStage;
  done: number;
  /** 0: not known. */
  total: number;
}

/** Files stored beside the index so that a reader finds model and runtime on the same origin. */
export interface BuildAssets {
  /** By path in the model folder (`tokenizer.json`, `onnx/model_quantized.onnx`). */
  model: Record<string, Uint8Array>;
  /** By file name (`ort-wasm-simd-threaded.wasm`). */
  runtime: Record<string, Uint8Array>;
}

export interface BuildOptions {
  store: WritableStore;
  /** Null: a lexical-only index. */
  encoder: Encoder | null;
  /** Encoders of the weights that readers may load, by weights file; each signs the canaries. Default: `encoder`. */
  queryEncoders?: Encoder[];
  assets?: BuildAssets;
  cache?: EmbeddingCache;
  /** Fitted to the site's own queries (`nearbit tune`). Default: none, and readers use the usual ones. */
  weights?: FusionWeights;
  /** Adds an instant tier (`instantStage`). Default: none. */
  instant?: InstantStage;
  onProgress?: (progress: BuildProgress) => void;
  signal?: AbortSignal;
}

export interface BuildReport {
  pages: number;
  passages: number;
  /** Passages whose embedding came from the cache. */
  reused: number;
  leftOut: LeftOut[];
  /** Pages by base language, '' for those whose language could not be told; most pages first. */
  languages: Record<string, number>;
  bytes: { total: number; [part: string]: number };
  ms: { total: number; [stage: string]: number };
}

export async function buildIndex(
  documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>,
  options: BuildOptions,
): Promise<BuildReport> {
  const { store, encoder, cache, signal, onProgress } = options;
  const began = performance.now();
  const ms: BuildReport['ms'] = { total: 0 };
  let stageBegan = began;
  const endStage = (stage: BuildStage): void => {
    const now = performance.now();
    ms[stage] = now - stageBegan;
    stageBegan = now;
  };

  const read = await readDocuments(documents, {
    store,
    maxTokens: encoder?.card.maxTokens ?? 256,
    countTokens: encoder ? (text) => encoder.countTokens(text) : countWords,
    onPage: (done) => onProgress?.({ stage: 'read', done, total: 0 }),
    ...(signal && { signal }),
  });
  endStage('read');

  let meaning: Awaited<ReturnType<typeof writeMeaning>> | null = null;
  if (encoder && read.inputs.length > 0) {
    meaning = await writeMeaning(read, encoder, options, endStage);
  }
  const postings = await writePostings(read, store);
  const groups: PageGroup[] = read.groups.map((group, i) => ({ ...group, fine: meaning?.fine[i] ?? null }));
  const linked = quantiseLinks(read.links);
  const languages = [...read.languages].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const manifest: Manifest = {
    format: formatVersion,
    generator: `nearbit ${version}`,
    language: languages[0]?.[0] ?? '',
    languages: languages.map(([language]) => language),
    counts: { pages: read.pages, passages: read.inputs.length, terms: postings.terms },
    model: meaning?.model ?? null,
    code: meaning?.code ?? null,
    codes: meaning?.codes ?? [],
    pages: await store.writeBlock(
      'pages',
      encodePages({
        passagesPerPage: read.passagesPerPage,
        lengths: read.lengths,
        linked,
        titleLengths: read.titleLengths,
      }),
      { compress: true },
    ),
    groups,
    postings: postings.refs,
    lexical: { analyser: analyserVersion, averageLength: read.averageLength },
    // They weigh meaning beside words: without meaning there is nothing to weigh.
    ...(meaning && options.weights && { weights: options.weights }),
    runtime: meaning ? await writeAssets(options.assets?.runtime ?? {}, store) : {},
    documents: await store.writeBlock('documents', encodeDocuments(documentsOf(read.ids)), {
      compress: true,
    }),
  };
  signal?.throwIfAborted();
  endStage('write');
  if (options.instant && read.inputs.length > 0) {
    manifest.instant = await options.instant(
      manifest,
      { ...read, linked, embeddings: meaning?.embeddings ?? null },
      {
        store,
        encoder,
        previous: await previousInstant(store),
        ...(cache && { cache }),
        ...(signal && { signal }),
        onProgress: (done, total) => onProgress?.({ stage: 'fit', done, total }),
      },
    );
    endStage('fit');
    signal?.throwIfAborted();
  }
  await store.commit(manifest);
  ms.total = performance.now() - began;
  return {
    pages: read.pages,
    passages: read.inputs.length,
    reused: meaning?.reused ?? 0,
    leftOut: read.leftOut,
    languages: Object.fromEntries(languages),
    bytes: bytesByPart(manifest),
    ms,
  };
}

/** Everything that needs the model: embeddings, codes, canaries, the model's own files. */
async function writeMeaning(
  read: ReadResult,
  encoder: Encoder,
  options: BuildOptions,
  endStage: (stage: BuildStage) => void,
) {
  const { store, cache, onProgress, signal } = options;
  const { embeddings, reused } = await embedPassages(read.inputs, encoder, {
    ...(cache && { cache }),
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ stage: 'encode', done, total }),
  });
  const cosineSd =
    encoder.card.cosineSd ?? (await estimateSpread(read.headlines, embeddings, encoder, signal));
  const canaries = await makeCanaries(options.queryEncoders ?? [encoder]);
  endStage('encode');
  onProgress?.({ stage: 'code', done: 0, total: read.inputs.length });
  const coded = await writeCodes(read.inputs, embeddings, encoder.card.dim, read.groups, store);
  endStage('code');
  const model: ManifestModel = {
    ...encoder.card,
    cosineSd,
    documentWeights: encoder.report.weights,
    files: await writeAssets(options.assets?.model ?? {}, store),
    canaries,
  };
  return { ...coded, embeddings, model, reused };
}

/** What the store holds from an earlier run; it may hold nothing, or nothing that can be read. */
async function previousInstant(store: WritableStore): Promise<Manifest['instant']> {
  return store.readManifest().then(
    ({ instant }) => instant,
    () => undefined,
  );
}

/** Each as a block of its own, deflated. */
export async function writeAssets(
  files: Record<string, Uint8Array>,
  store: WritableStore,
): Promise<Record<string, BlockRef>> {
  const refs: Record<string, BlockRef> = {};
  for (const [path, bytes] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
    refs[path] = await store.writeBlock('asset', bytes, { compress: true });
  return refs;
}

async function writePostings(
  read: ReadResult,
  store: WritableStore,
): Promise<{ refs: PostingsRef[]; terms: number }> {
  const refs: PostingsRef[] = [];
  let terms = 0;
  for (const cut of cutPostings(read.postings.finish())) {
    const ref = await store.writeBlock('postings', cut.payload, { compress: true });
    refs.push({ ...ref, firstTerm: cut.firstTerm });
    terms += cut.terms;
  }
  return { refs, terms };
}

/** Without a model there is no tokenizer; words stand in for word pieces at about three to four. */
function countWords(text: string): number {
  return Math.ceil((text.match(/\S+/g)?.length ?? 0) * 1.3);
}

function bytesByPart(manifest: Manifest): BuildReport['bytes'] {
  const sum = (refs: Iterable<BlockRef>): number => {
    let total = 0;
    for (const ref of refs) total += ref.bytes;
    return total;
  };
  const parts = {
    pages: manifest.pages.bytes + (manifest.documents?.bytes ?? 0),
    frame: manifest.code?.frame.bytes ?? 0,
    codes: sum(manifest.codes),
    fine: sum(manifest.groups.flatMap(({ fine }) => fine ?? [])),
    texts: sum(manifest.groups.map(({ texts }) => texts)),
    postings: sum(manifest.postings),
    model: sum(Object.values(manifest.model?.files ?? {})),
    runtime: sum(Object.values(manifest.runtime)),
    instant: manifest.instant?.bytes ?? 0,
  };
  return { total: Object.values(parts).reduce((a, b) => a + b), ...parts };
}
