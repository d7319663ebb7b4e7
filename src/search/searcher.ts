/**
 * A bundle as queries find it: its blocks are read when the first query needs them, and legs are kept.
 * In: a store, a kernel, queries with their embeddings (or null). Out: Answers.
 * Deliberately not here: the plan of a query (plan.ts), embedding the query (inference worker) and choosing tiers over time (client).
 */
import type { Kernel } from '../kernels/kernel';
import { describeCorpus } from '../lexical/bm25';
import { blockPath } from '../segment/block';
import { decodePages, lengthOf, type PagesBlock } from '../segment/pages-block';
import { decodeTexts } from '../segment/texts-block';
import type { ReadableStore } from '../store/store';
import type { Answer, FusionWeights, Manifest, SearchOptions, StoredPage } from '../types';
import { BlockCache } from './block-cache';
import { createDictionary } from './dictionary';
import { usualWeights } from './fuse';
import { createLayout, type Layout } from './layout';
import { createLexicalLeg, type LexicalLeg } from './lexical-leg';
import { answerQuery, type Corpus, startRun } from './plan';
import type { VectorLeg } from './vector-leg';

/** Decoded texts kept: a page of ten hits touches at most ten groups of about 256 KB. */
const textsBudgetBytes = 4 * 2 ** 20;

export interface Searcher {
  readonly manifest: Manifest;
  /** What queries are answered from. Errors: block-missing, format-corrupt; the next call tries again. */
  open(): Promise<Corpus>;
  /** `embedding` null: lexical leg only. Errors: ShapeError for a wrong dimension; AbortError. */
  search(query: string, embedding: Float32Array | null, options?: SearchOptions): Promise<Answer>;
  /** Reads what every full query needs, ahead of the first one. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Errors: index-missing, format-corrupt, format-too-new from the manifest. */
export async function openSearcher(options: {
  store: ReadableStore;
  /** A function is called when the first embedding or `warm` comes, with the number of codes: words alone need no kernel. */
  kernel: Kernel | ((codes: number) => Promise<Kernel>);
  /** Default: those that were fitted to the index (`nearbit tune`), else the usual ones. */
  weights?: FusionWeights;
  signal?: AbortSignal;
}): Promise<Searcher> {
  const { store, kernel, signal } = options;
  const manifest = await store.readManifest(signal);
  const texts = new BlockCache<StoredPage[]>(textsBudgetBytes);
  const weights = options.weights ?? manifest.weights ?? usualWeights(manifest);
  let opened: Promise<Corpus> | null = null;
  let vector: Promise<VectorLeg> | null = null;

  /** The pages block is read with the first query, so that opening costs the manifest alone. */
  function open(): Promise<Corpus> {
    opened ??= (async () => {
      const pages = decodePages(
        await store.readBlock('pages', manifest.pages),
        blockPath('pages', manifest.pages),
      );
      const layout = createLayout(manifest, pages.passagesPerPage);
      return {
        layout,
        linked: pages.linked,
        weights,
        cosineSd: manifest.model?.cosineSd ?? 1,
        words: openWords(store, manifest, pages, layout),
        openMeaning: manifest.code && openVector,
        readTexts,
      };
    })().catch((error) => {
      opened = null;
      throw error;
    });
    return opened;
  }

  /** A file of its own, because words alone need none of it. */
  function openVector(): Promise<VectorLeg> {
    vector ??= (async () => {
      const [{ VectorLeg }, chosen] = await Promise.all([
        import('./vector-leg'),
        typeof kernel === 'function' ? kernel(manifest.counts.passages) : kernel,
      ]);
      return new VectorLeg(store, manifest, chosen);
    })().catch((error) => {
      vector = null;
      throw error;
    });
    return vector;
  }

  function readTexts(group: number): Promise<StoredPage[]> {
    const ref = manifest.groups[group]!.texts;
    return texts.get(ref.hash, ref.bytes * 4, async () =>
      decodeTexts(await store.readBlock('texts', ref), blockPath('texts', ref)),
    );
  }

  return {
    manifest,
    open,
    async search(query, embedding, asked = {}) {
      const run = startRun(asked.signal);
      const corpus = await open();
      run.stage('open');
      return (await answerQuery(corpus, query, embedding, asked, run)).answer;
    },
    async warm() {
      const full = manifest.code && openVector().then((leg) => leg.load());
      await Promise.all([open(), full]);
    },
    async close() {
      await (await vector?.catch(() => null))?.close();
      await store.close();
    },
  };
}

/** The lexical leg of a bundle. */
export function openWords(
  store: ReadableStore,
  { postings, counts, languages, lexical }: Manifest,
  { lengths, titleLengths }: Pick<PagesBlock, 'lengths' | 'titleLengths'>,
  { pageStart }: Layout,
): LexicalLeg {
  return createLexicalLeg(
    createDictionary(store, postings, counts.passages),
    describeCorpus(Float32Array.from(lengths, lengthOf), lexical.averageLength, pageStart, titleLengths),
    languages,
    lexical.analyser,
  );
}
