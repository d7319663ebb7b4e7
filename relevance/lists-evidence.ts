/**
 * What fusion knows of one query: candidates with their raw scores, and what it asks of query and corpus.
 * In: a prepared collection, a query. Out: evidence of the codes that ship, of each leg alone, and of float cosines.
 * Any fusion can be tried on it in memory. The words are read once and the codes scanned once, where the searcher would be
 * asked for each list; now and then its lists are asked for too, and have to be these.
 */

import { decodeFrame } from '../src/codes';
import { chooseKernel } from '../src/kernels/choose';
import {
  type Candidate,
  type FusionContext,
  passageScore,
  rankPages,
  usualWeights,
} from '../src/search/fuse';
import { withFirstPassages } from '../src/search/layout';
import { Notices } from '../src/search/notices';
import { candidatesOf } from '../src/search/plan';
import { rankBy } from '../src/search/rank-by';
import { scanDepth, VectorLeg } from '../src/search/vector-leg';
import { decodePages } from '../src/segment/pages-block';
import type { Prepared } from './prepare';

export interface Evidence {
  candidates: Candidate[];
  context: FusionContext;
}

/** `fused` is what readers get. */
export type Legs = Record<'lexical' | 'vector' | 'fused', Evidence>;

export interface EvidenceReader {
  /** Errors: Error when the searcher ranks otherwise. */
  read(query: number): Promise<Legs>;
  /** `fused` with float cosines, and candidates by them. Shapes: cosines float32[passages]. */
  float(query: number, cosines: Float32Array): Promise<Evidence>;
  /** Cosines of the float embeddings with all passages. Cost: passages · dim multiplications. */
  cosines(query: number): Float32Array;
  /** 0 to 255 per page; null: the index does not say. */
  linked: Uint8Array | null;
  close(): Promise<void>;
}

/** The searcher is asked for one query in so many. */
const checkedEvery = 25;

export async function openEvidence(prepared: Prepared): Promise<EvidenceReader> {
  const { dim, embeddings, layout, lexical, manifest, queries, queryEmbeddings, searcher, store } = prepared;
  if (!manifest.code) throw new TypeError(`expected an index with codes, received ${prepared.name} without`);
  const { mean } = decodeFrame(await store.readBlock('frame', manifest.code.frame));
  const { linked } = decodePages(await store.readBlock('pages', manifest.pages), 'pages');
  const { kernel } = await chooseKernel();
  const vectorLeg = new VectorLeg(store, manifest, kernel);
  const embeddingOf = (query: number) => queryEmbeddings.slice(query * dim, (query + 1) * dim);
  let latest: { query: number; words: ReturnType<typeof askWords> } | null = null;

  async function askWords(query: number) {
    const words = await lexical.run(queries[query]!.text, undefined, new Notices());
    const embedding = embeddingOf(query);
    const context: FusionContext = {
      layout,
      weights: manifest.weights ?? usualWeights(manifest),
      lexicalMaximum: words.scorer.theoreticalMaximum,
      pageWords: (page: number) => words.scorer.pageScore(page),
      cosineMean: mean.reduce((sum, x, j) => sum + x * embedding[j]!, 0),
      cosineSd: manifest.model?.cosineSd ?? 1,
      linked: linked && ((page) => linked[page]! / 255),
    };
    return { words, context };
  }

  function wordsOf(query: number) {
    if (latest?.query !== query) latest = { query, words: askWords(query) };
    return latest.words;
  }

  async function check(query: number, legs: Legs): Promise<void> {
    for (const leg of ['lexical', 'vector', 'fused'] as const) {
      const { candidates, context } = legs[leg];
      const own = rankPages(candidates, context);
      const asked = await rankBy(searcher, leg, queries[query]!.text, embeddingOf(query));
      const differs = asked.findIndex(({ page }, i) => page !== own[i]?.page);
      if (differs >= 0 || own.length !== asked.length)
        throw new Error(
          `The laboratory lags behind the searcher: expected its ${leg} list, received another from place ${differs + 1} on for "${queries[query]!.text}"; compare lists-evidence.ts with the searcher`,
        );
    }
  }

  return {
    linked,
    cosines: (query) => productsWith(embeddingOf(query), embeddings),
    close: () => vectorLeg.close(),
    async read(query) {
      const { words, context } = await wordsOf(query);
      const code = await vectorLeg.encode(embeddingOf(query));
      const byWords = withFirstPassages(candidatesOf(words.scorer), layout);
      const byMeaning = withFirstPassages(await vectorLeg.scan(code), layout);
      const all = [...new Set([...byWords, ...byMeaning])];
      const cosines = await vectorLeg.cosines(code, all, layout, new Notices());
      const cosineOf = new Map(all.map((ordinal, i) => [ordinal, cosines[i]!]));
      const candidate = (ordinal: number, hasWords: boolean, hasMeaning: boolean): Candidate => {
        const bm25 = hasWords ? words.scorer.score(ordinal) : null;
        const cosine = hasMeaning ? cosineOf.get(ordinal)! : null;
        return { ordinal, lexical: bm25, vector: cosine, score: passageScore(bm25, cosine, context) };
      };
      const legs: Legs = {
        lexical: { candidates: [...byWords].map((ordinal) => candidate(ordinal, true, false)), context },
        vector: {
          candidates: [...byMeaning].map((ordinal) => candidate(ordinal, false, true)),
          context: { ...context, linked: null },
        },
        fused: { candidates: all.map((ordinal) => candidate(ordinal, true, true)), context },
      };
      if (query % checkedEvery === 0) await check(query, legs);
      return legs;
    },
    async float(query, cosines) {
      const { words, context } = await wordsOf(query);
      const ordinals = withFirstPassages(
        [...candidatesOf(words.scorer), ...topOf(cosines, scanDepth)],
        layout,
      );
      const candidates = [...ordinals].map((ordinal): Candidate => {
        const bm25 = words.scorer.score(ordinal);
        const cosine = cosines[ordinal]!;
        return { ordinal, lexical: bm25, vector: cosine, score: passageScore(bm25, cosine, context) };
      });
      return { candidates, context };
    },
  };
}

/** Shapes: a float32[dim], rows float32[n × dim] → float32[n]. */
function productsWith(a: Float32Array, rows: Float32Array): Float32Array {
  const dim = a.length;
  const products = new Float32Array(rows.length / dim);
  for (let i = 0, at = 0; i < products.length; i++, at += dim) {
    // Four sums, because one alone waits for itself.
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < dim; j += 4) {
      s0 += a[j]! * rows[at + j]!;
      s1 += a[j + 1]! * rows[at + j + 1]!;
      s2 += a[j + 2]! * rows[at + j + 2]!;
      s3 += a[j + 3]! * rows[at + j + 3]!;
    }
    products[i] = s0 + s1 + s2 + s3;
  }
  return products;
}

/** Places of the k highest, best first; of equals the lower. */
export function topOf(scores: ArrayLike<number>, k: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (best.length === k && !(score > scores[best[k - 1]!]!)) continue;
    let low = 0;
    let high = best.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[best[middle]!]! < score) high = middle;
      else low = middle + 1;
    }
    best.splice(low, 0, i);
    if (best.length > k) best.length = k;
  }
  return best;
}
