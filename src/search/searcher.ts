/**
 * The plan of a query: lexical leg, vector leg, fusion, pages, hits; with milliseconds per stage.
 * In: a store, a kernel, a query with its embedding (or null). Out: an Answer.
 * Deliberately not here: embedding the query (inference worker) and choosing tiers over time (client).
 */
import type { Kernel } from '../kernels/kernel';
import { blockPath } from '../segment/block';
import { decodePages } from '../segment/pages-block';
import { decodeTexts } from '../segment/texts-block';
import type { ReadableStore } from '../store/store';
import type { Answer, Hit, Manifest, Mark, SearchOptions, StageMs, StoredPage } from '../types';
import { BlockCache } from './block-cache';
import { type Candidate, passageScore, type RankedPage, rankPages } from './fuse';
import { toHit } from './hits';
import { createLayout, type Layout, rangeOf } from './layout';
import { LexicalLeg, type LexicalResult } from './lexical-leg';
import { Notices, readOrNotice } from './notices';
import type { VectorLeg } from './vector-leg';

/** Candidates that the lexical leg hands to fusion. */
const lexicalDepth = 100;

/** Decoded texts kept: a page of ten hits touches at most ten groups of about 256 KB. */
const textsBudgetBytes = 4 * 2 ** 20;

const defaultLimit = 10;
const defaultPassagesPerPage = 3;

/** Which lists a ranking is made of; `fused` is what readers get. */
export type Leg = 'lexical' | 'vector' | 'fused';

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
  signal?: AbortSignal;
}): Promise<Searcher> {
  const { store, kernel, signal } = options;
  const manifest = await store.readManifest(signal);
  const texts = new BlockCache<StoredPage[]>(textsBudgetBytes);
  let opened: Promise<{ layout: Layout; lexical: LexicalLeg }> | null = null;
  let vector: Promise<VectorLeg> | null = null;

  /** The pages block is read with the first query, so that opening costs the manifest alone. */
  function open(): Promise<{ layout: Layout; lexical: LexicalLeg }> {
    opened ??= (async () => {
      const pages = decodePages(
        await store.readBlock('pages', manifest.pages),
        blockPath('pages', manifest.pages),
      );
      const layout = createLayout(manifest, pages.passagesPerPage);
      return { layout, lexical: new LexicalLeg(store, manifest, pages.lengths) };
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
    const { layout, lexical } = await open();
    clock.stage('open');
    const terms = await lexical.run(query, language, notices, signal);
    clock.stage('lexical');
    const leg = embedding !== null && manifest.code !== null ? 'fused' : 'lexical';
    const candidates = await gather(leg, terms, embedding, layout, notices, clock, signal);
    const ranked = rankPages(candidates, layout);
    clock.stage('fuse');
    const marksOf = await lexical.marker(terms.terms);
    const hits = await assemble(ranked.slice(0, limit), layout, marksOf, passagesPerPage, notices);
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

  /** The candidates of one leg or of both, each with the scores it has. */
  async function gather(
    leg: Leg,
    terms: LexicalResult,
    embedding: Float32Array | null,
    layout: Layout,
    notices: Notices,
    clock: Clock,
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    if (leg === 'lexical') {
      return withFirstPassages(terms.top(lexicalDepth), layout).map((ordinal) => {
        const lexical = terms.score(ordinal);
        return { ordinal, lexical, vector: null, score: passageScore(lexical, terms.maximum, null, 1) };
      });
    }
    if (!manifest.code || !embedding) return [];
    const vector = await openVector();
    const code = await vector.encode(embedding);
    clock.stage('load');
    const ordinals = new Set<number>(await vector.scan(code));
    clock.stage('scan');
    if (leg === 'fused') for (const ordinal of terms.top(lexicalDepth)) ordinals.add(ordinal);
    const list = withFirstPassages(ordinals, layout);
    const cosines = await vector.cosines(code, list, layout, notices, signal);
    clock.stage('rescore');
    return list.map((ordinal, i) => {
      const lexical = leg === 'fused' ? terms.score(ordinal) : null;
      const score = passageScore(lexical, terms.maximum, cosines[i]!, manifest.model!.cosineSd);
      return { ordinal, lexical, vector: cosines[i]!, score };
    });
  }

  async function assemble(
    pages: readonly RankedPage[],
    layout: Layout,
    marksOf: (text: string) => Mark[],
    passagesPerPage: number,
    notices: Notices,
  ): Promise<Hit[]> {
    const reads = pages.map(async (ranked) => {
      const group = rangeOf(layout.groupStart, ranked.page);
      const stored = await readTexts(group, notices);
      const page = stored?.[ranked.page - layout.groupStart[group]!];
      if (!page) return null;
      return toHit(ranked, page, layout.pageStart[ranked.page]!, marksOf, passagesPerPage);
    });
    const hits = (await Promise.all(reads)).filter((hit) => hit !== null);
    for (const [i, hit] of hits.entries()) hit.rank = i + 1;
    return hits;
  }

  async function rank(query: string, embedding: Float32Array | null, leg: Leg): Promise<RankedPage[]> {
    const notices = new Notices();
    const { layout, lexical } = await open();
    const terms = await lexical.run(query, undefined, notices);
    return rankPages(await gather(leg, terms, embedding, layout, notices, startClock()), layout);
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

/** A page is judged by its first passage too, so every candidate's page brings that one along. */
function withFirstPassages(ordinals: Iterable<number>, layout: Layout): number[] {
  const all = new Set(ordinals);
  for (const ordinal of [...all]) all.add(layout.pageStart[rangeOf(layout.pageStart, ordinal)]!);
  return [...all];
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
