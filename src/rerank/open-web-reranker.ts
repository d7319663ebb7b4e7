/**
 * A reranker in an inference worker, from a folder on this origin.
 * In: the folder's address, the runtime that the worker already has. Out: a Reranker.
 * A file of its own because it is loaded only where a reranker is wanted.
 */
import { httpModelFolder } from '../embed/http-model-folder';
import { openPairEncoder } from '../embed/pair-encoder';
import { openPairSession, type PairSession } from '../embed/pair-session';
import type { OpenGraph, Weights } from '../embed/session';
import { createReranker, type Reranker } from './reranker';

/** Errors: ModelError model-missing, model-damaged, runtime-refused. */
export async function openWebReranker(
  url: string,
  openGraph: (weights: Weights, open: OpenGraph<PairSession>) => Promise<PairSession>,
): Promise<Reranker> {
  const encoder = await openPairEncoder(httpModelFolder(url), (weights) =>
    openGraph(weights, openPairSession),
  );
  return createReranker(encoder);
}
