/**
 * The plan of a query: lexical leg, vector leg, fusion, pages, hits; with milliseconds per stage.
 * In: a store, a kernel, a query with its embedding (or null). Out: an Answer.
 * Deliberately not here: embedding the query (inference worker) and choosing tiers over time (client).
 */
import type { Kernel } from '../kernels/kernel';
import type { TermMark } from '../lexical/marks';
import { blockPath } from '../segment/block';
import { decodePages } from '../segment/pages-block';
import { decodeTexts } from '../segment/texts-block';
import type { ReadableStore } from '../store/store';
import type { Answer, FusionWeights, Hit, Manifest, SearchOptions, StageMs, StoredPage } from '../types';
import { BlockCache } from './block-cache';
import { type Places, placesOf } from './explanation';
import {
  type Candidate,
  type FusionContext,
  passageScore,
  type RankedPage,
  rankPages,
  usualWeights,
} from './fuse';
import { toHit } from './hits';
import { createLayout, type Layout, rangeOf, withFirstPassages } from './layout';
import { LexicalLeg, type LexicalResult, lexicalDepth } from './lexical-leg';
import { Notices, readOrNotice } from './notices';
import type { VectorLeg } from './vector-leg';

/** Decoded texts kept: a page of ten hits touches at most ten groups of about 256 KB. */
const textsBudgetBytes = 4 * 2 ** 20;

const defaultLimit = 10;
const defaultPassagesPerPage = 3;

/** Which lists a ranking is made of; `fused` is what readers get. */
export type Leg = 'lexical' | 'vector' | 'fused';

/** What the pages block tells. */
interface Opened {
  layout: Layout;
  lexical: LexicalLeg;
  /** How much the rest of the site links to each page, 0 to 255; null: the index does not say. */
  linked: Uint8Array | null;
}

export interface Searcher {
  readonly manifest: Manifest;
  /** Pages in order, without their texts: what an evaluation needs. Legs that need an embedding get none without it. */
  rank(query: string, embedding: Float32Array | null, leg: Leg): Promise<RankedPage[]>;
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
  let opened: Promise<Opened> | null = null;
  let vector: Promise<VectorLeg> | null = null;

  /** The pages block is read with the first query, so that opening costs the manifest alone. */
  function open(): Promise<Opened> {
    opened ??= (async () => {
      const pages = decodePages(
        await store.readBlock('pages', manifest.pages),
        blockPath('pages', manifest.pages),
      );
      const layout = createLayout(manifest, pages.passagesPerPage);
      const lexical = new LexicalLeg(store, manifest, pages, layout);
      return { layout, lexical, linked: pages.linked };
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

  async function readTexts(group: number, notices: Notices): Promise<StoredPage[] | null> {
    const ref = manifest.groups[group]!.texts;
    const read = texts.get(ref.hash, ref.bytes * 4, async () =>
      decodeTexts(await store.readBlock('texts', ref), blockPath('texts', ref)),
    );
    return readOrNotice(read, notices);
  }

  async function search(
    query: string,
    embedding: Float32Array | null,
    { limit = defaultLimit, passagesPerPage = defaultPassagesPerPage, language, signal }: SearchOptions = {},
  ): Promise<Answer> {
    const clock = startClock();
    const notices = new Notices();
    const opening = await open();
    const { layout, lexical } = opening;
    clock.stage('open');
    const terms = await lexical.run(query, language, notices, signal);
    clock.stage('lexical');
    const leg = embedding !== null && manifest.code !== null ? 'fused' : 'lexical';
    const ranked = await rankLeg(leg, terms, embedding, opening, notices, clock, signal);
    clock.stage('fuse');
    const marksOf = await lexical.marker(terms.terms);
    const places = placesOf(ranked);
    const hits = await assemble(ranked.slice(0, limit), layout, places, marksOf, passagesPerPage, notices);
    signal?.throwIfAborted();
    clock.stage('texts');
    return {
      query,
      tier: leg === 'fused' ? 'full' : 'lexical',
      hits,
      ms: clock.end(),
      found: ranked.length,
      notices: notices.list(),
    };
  }

  /** Pages by one leg or by both. */
  async function rankLeg(
    leg: Leg,
    terms: LexicalResult,
    embedding: Float32Array | null,
    { layout, linked }: Opened,
    notices: Notices,
    clock: Clock,
    signal?: AbortSignal,
  ): Promise<RankedPage[]> {
    const context: FusionContext = {
      layout,
      weights,
      lexicalMaximum: terms.maximum,
      pageWords: terms.pageScore,
      cosineMean: 0,
      cosineSd: manifest.model?.cosineSd ?? 1,
      // A list by meaning alone is for evaluation: it shows what the embeddings know.
      linked: linked && leg !== 'vector' ? (page) => linked[page]! / 255 : null,
    };
    const ordinals = leg === 'vector' ? new Set<number>() : terms.candidates(lexicalDepth);
    let cosinesOf: ((ordinals: readonly number[]) => Promise<(number | null)[]>) | null = null;
    if (leg !== 'lexical') {
      if (!manifest.code || !embedding) return [];
      const vector = await openVector();
      const code = await vector.encode(embedding);
      context.cosineMean = code.offset;
      clock.stage('load');
      for (const ordinal of await vector.scan(code)) ordinals.add(ordinal);
      clock.stage('scan');
      cosinesOf = (list) => vector.cosines(code, list, layout, notices, signal);
    }
    const list = withFirstPassages(ordinals, layout);
    const cosines = await cosinesOf?.(list);
    if (cosines) clock.stage('rescore');
    const candidates = list.map((ordinal, i): Candidate => {
      const lexical = leg === 'vector' ? null : terms.score(ordinal);
      const vector = cosines?.[i] ?? null;
      return { ordinal, lexical, vector, score: passageScore(lexical, vector, context) };
    });
    return rankPages(candidates, context);
  }

  async function assemble(
    pages: readonly RankedPage[],
    layout: Layout,
    places: Places,
    marksOf: (text: string) => TermMark[],
    passagesPerPage: number,
    notices: Notices,
  ): Promise<Hit[]> {
    const reads = pages.map(async (ranked) => {
      const group = rangeOf(layout.groupStart, ranked.page);
      const stored = await readTexts(group, notices);
      const page = stored?.[ranked.page - layout.groupStart[group]!];
      if (!page) return null;
      return toHit(ranked, page, layout.pageStart[ranked.page]!, marksOf, passagesPerPage, places);
    });
    const hits = (await Promise.all(reads)).filter((hit) => hit !== null);
    for (const [i, hit] of hits.entries()) hit.rank = i + 1;
    return hits;
  }

  async function rank(query: string, embedding: Float32Array | null, leg: Leg): Promise<RankedPage[]> {
    const notices = new Notices();
    const opening = await open();
    const terms = await opening.lexical.run(query, undefined, notices);
    return rankLeg(leg, terms, embedding, opening, notices, startClock());
  }

  return {
    manifest,
    search,
    rank,
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

interface Clock {
  stage(name: string): void;
  end(): StageMs;
}

function startClock(): Clock {
  const began = performance.now();
  const ms: StageMs = { total: 0 };
  let last = began;
  return {
    stage(name) {
      const now = performance.now();
      ms[name] = now - last;
      last = now;
    },
    end() {
      ms.total = performance.now() - began;
      return ms;
    },
  };
}
