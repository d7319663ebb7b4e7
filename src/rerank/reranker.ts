/**
 * A cross-encoder at work on the pages of one query, one pair at a time, until its time is used up.
 * In: a pair encoder, a query, candidates. Out: logits of the first candidates, as many as the time allowed.
 * Deliberately not here: how deep (depth.ts) and what becomes of the logits (order.ts).
 */
import type { PairEncoder } from '../embed/pair-encoder';
import { extracts, extractTokens, type RerankCandidate } from './extract';

export interface ScoreOptions {
  /** Time box. No pair begins that would probably end later. Units: milliseconds. */
  ms: number;
  signal?: AbortSignal | undefined;
}

export interface PairScores {
  /** Of the first candidates, in their order; fewer than candidates where the time was used up. */
  logits: number[];
  /** What a pair takes here, from the last ones. Units: milliseconds. */
  pairMs: number;
}

export interface Reranker {
  readonly name: string;
  readonly weights: string;
  /** Errors: AbortError, between two pairs; ModelError `model-damaged`. */
  score(query: string, candidates: readonly RerankCandidate[], options: ScoreOptions): Promise<PairScores>;
  close(): Promise<void>;
}

/** How much of the expected time a new measurement replaces. */
const paceShare = 0.3;
/** One slow moment must not switch the reranker off for good: expectation falls with each query that it stops. */
const relief = 0.9;

/** Stand-ins for the platform, for tests. */
export interface Timing {
  now(): number;
  /** Lets messages be heard (an abort among them). */
  pause(): Promise<void>;
}

/** Cost: two pairs, so that the first query's time is known. */
export async function createReranker(
  encoder: PairEncoder,
  { now, pause }: Timing = { now: () => performance.now(), pause: nextTask },
): Promise<Reranker> {
  const expected = 'a '.repeat(extractTokens);
  let pairMs = 0;

  async function timed(query: string, passage: string): Promise<number> {
    const began = now();
    const logit = await encoder.score(query, passage);
    const ms = now() - began;
    pairMs = pairMs === 0 ? ms : pairMs + paceShare * (ms - pairMs);
    return logit;
  }

  // The first run of a graph plans its memory; the second tells what the others will take.
  await timed(expected, expected);
  pairMs = 0;
  await timed('a few words', expected);

  return {
    name: encoder.name,
    weights: encoder.weights,
    async score(query, candidates, { ms, signal }) {
      const deadline = now() + ms;
      const logits: number[] = [];
      for (const text of extracts(candidates, { countTokens: encoder.countTokens })) {
        signal?.throwIfAborted();
        if (now() + pairMs > deadline) break;
        logits.push(await timed(query, text));
        await pause();
      }
      signal?.throwIfAborted();
      const report = { logits, pairMs };
      if (logits.length === 0) pairMs *= relief;
      return report;
    },
    close: encoder.close,
  };
}

/** A turn for everything that waits. Not a timer: browsers hold nested ones back for 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
