/**
 * What both inference workers do: open a model, check it, embed, index on the device, rerank.
 * In: the function that opens a session on one ONNX Runtime build. Out: InferenceApi.
 * Deliberately not here: choosing a runtime (src/client/runtimes.ts), fetching (the index worker).
 */
import { checkCanaries } from '../src/embed/canary';
import { createEncoder } from '../src/embed/encoder';
import { type ModelFiles, readModelFile } from '../src/embed/model-files';
import { inTurn, type OpenGraph, openSession, type WebRuntime, type Weights } from '../src/embed/session';
import { readTokenizer } from '../src/embed/tokenizer';
import { ModelError, NearbitError } from '../src/errors';
import type { Reranker } from '../src/rerank/reranker';
import type { Encoder } from '../src/types';
import type { InferenceApi, LoadMs, ModelRequest } from './api';
import { moved, serve } from './rpc';

interface Runs {
  run(input: never): Promise<unknown>;
}

/** On one ONNX Runtime build; `runtime` null: it is open already. */
type Open = <Graph extends Runs>(
  weights: Weights,
  runtime: WebRuntime | null,
  open: OpenGraph<Graph>,
) => Promise<Graph>;

/** The model and a reranker share one runtime, which does not take a second run during the first. */
function sharing(open: Open): Open {
  const inOrder = inTurn((run: () => Promise<unknown>) => run());
  return async (...args) => {
    const graph = await open(...args);
    return { ...graph, run: (input: never) => inOrder(() => graph.run(input)) };
  };
}

export function serveInference(openAlone: Open): void {
  const open = sharing(openAlone);
  serve<InferenceApi>((emit) => {
    let encoder: Encoder | null = null;
    let reranker: Reranker | null = null;
    return {
      async load(_signal, request) {
        const loaded = await load(request, open);
        encoder = loaded.encoder;
        return loaded.ms;
      },
      async embed(signal, texts, kind) {
        if (!encoder) throw new NearbitError('closed', { what: 'The model', call: 'embed' });
        const embeddings = await encoder.embed(texts, kind, signal);
        return moved(embeddings, [embeddings]);
      },
      async loadReranker(_signal, { url }) {
        if (!encoder) throw new NearbitError('closed', { what: 'The model', call: 'loadReranker' });
        const began = performance.now();
        // Only for those who configured one.
        const { openWebReranker } = await import('../src/rerank/open-web-reranker');
        reranker = await openWebReranker(url, (weights, kind) => open(weights, null, kind));
        return { weights: reranker.weights, ms: performance.now() - began };
      },
      async rerank(signal, query, candidates, ms) {
        if (!reranker) throw new NearbitError('closed', { what: 'The reranker', call: 'rerank' });
        return reranker.score(query, candidates, { ms, signal });
      },
      async build(signal, documents) {
        // Parsing HTML and writing an index is as much code again as all the rest: only for those who index here.
        const { buildDocuments } = await import('./build-documents');
        const reply = await buildDocuments(documents, encoder, {
          signal,
          onProgress: ({ stage, done, total }) => {
            if (stage === 'encode') {
              emit({ type: 'progress', progress: { what: 'build', received: done, total } });
            }
          },
        });
        return moved(
          reply,
          reply.index.blocks.map(({ bytes }) => bytes),
        );
      },
    };
  });
}

async function load(
  { model, files, binary, glueUrl, report }: ModelRequest,
  open: Open,
): Promise<{ encoder: Encoder; ms: Omit<LoadMs, 'fetch'> }> {
  const began = performance.now();
  const folder: ModelFiles = { name: model.name, read: async (path) => files[path] ?? null };
  const tokenizer = await readTokenizer(folder);
  const weights = await readModelFile(folder, report.weights);
  const session = await open(
    { path: report.weights, bytes: weights },
    { wasmBinary: binary, glueUrl, threads: report.threads },
    openSession,
  );
  // ONNX Runtime has its own copies by now, and holds on to ours.
  for (const bytes of [binary, ...Object.values(files)]) discard(bytes);
  const opened = performance.now();
  const encoder = createEncoder({ card: model, tokenizer, session, report });
  const { ok, worst } = await checkCanaries(encoder, model.canaries, report.weights);
  if (!ok) {
    const reasons = `${report.runtime} disagrees with the index's known embeddings (lowest cosine ${worst.toFixed(3)})`;
    throw new ModelError('runtime-refused', { reasons });
  }
  return { encoder, ms: { session: opened - began, canaries: performance.now() - opened } };
}

/** Gives memory back at once, whoever still holds the array; browsers without `transfer` wait for the collector. */
function discard(bytes: Uint8Array): void {
  (bytes.buffer as { transfer?(length: number): unknown }).transfer?.(0);
}
