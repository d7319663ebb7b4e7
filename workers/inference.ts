/**
 * What both inference workers do, for one page or for all pages that share the worker: open a model, check it, embed, index on
 * the device, rerank. In: the function that opens a session on one ONNX Runtime build. Out: InferenceApi.
 * Deliberately not here: choosing a runtime (src/client/runtimes.ts), fetching (the index worker).
 */
import { checkCanaries } from '../src/embed/canary';
import { createEncoder } from '../src/embed/encoder';
import { type ModelFiles, readModelFile } from '../src/embed/model-files';
import { inTurn, type OpenGraph, openSession, type WebRuntime, type Weights } from '../src/embed/session';
import { readTokenizer } from '../src/embed/tokenizer';
import { ModelError, NearbitError } from '../src/errors';
import type { Reranker } from '../src/rerank/reranker';
import type { EmbeddingKind, Encoder } from '../src/types';
import type { InferenceApi, LoadedModel, ModelRequest } from './api';
import { moved, serve } from './rpc';
import { serveShared } from './shared-ports';

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

/** The model once it is loaded. */
interface Held {
  encoder: Encoder;
  ms: LoadedModel['ms'];
}

export function serveInference(openAlone: Open): void {
  const open = sharing(openAlone);
  let loading: Promise<Held> | null = null;
  let held: Held | null = null;
  /** ONNX Runtime starts once in a script, so that what has failed stays so; those who share this worker hear of it. */
  let failure: { error: unknown } | null = null;
  const rerankers = new Map<string, Promise<Reranker>>();
  const serveAll = 'onconnect' in self ? serveShared : serve;
  serveAll<InferenceApi>((emit) => {
    let reranker: Reranker | null = null;
    const encoderFor = (call: string) => {
      if (!held) throw new NearbitError('closed', { what: 'The model', call });
      return held.encoder;
    };
    return {
      loaded() {
        if (failure) throw failure.error;
        return held && { report: held.encoder.report, ms: held.ms };
      },
      async load(_signal, request) {
        loading ??= load(request, open);
        try {
          held = await loading;
        } catch (error) {
          failure = { error };
          throw error;
        }
        return held.ms;
      },
      async embed(signal, texts, kind) {
        const embeddings = await embedInTurns(encoderFor('embed'), texts, kind, signal);
        return moved(embeddings, [embeddings]);
      },
      async loadReranker(_signal, { url }) {
        encoderFor('loadReranker');
        const began = performance.now();
        const opening = rerankers.get(url) ?? openReranker(url, open);
        rerankers.set(url, opening);
        opening.catch(() => rerankers.delete(url));
        reranker = await opening;
        return { weights: reranker.weights, ms: performance.now() - began };
      },
      async rerank(signal, query, candidates, ms) {
        if (!reranker) throw new NearbitError('closed', { what: 'The reranker', call: 'rerank' });
        return reranker.score(query, candidates, { ms, signal });
      },
      async build(signal, documents) {
        // Parsing HTML and writing an index is as much code again as all the rest: only for those who index here.
        const { buildDocuments } = await import('./build-documents');
        const reply = await buildDocuments(documents, held?.encoder ?? null, {
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

/** A query that comes in during a batch of passages waits for the text under way at most. */
async function embedInTurns(
  encoder: Encoder,
  texts: readonly string[],
  kind: EmbeddingKind,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { dim } = encoder.card;
  const rows = new Float32Array(texts.length * dim);
  for (const [row, text] of texts.entries()) {
    if (row > 0) await messagesHeard();
    rows.set(await encoder.embed([text], kind, signal), row * dim);
  }
  return rows;
}

/** Resolves after the messages that are here by now; a timer would wait for milliseconds longer. */
function messagesHeard(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Only for those who configured one. */
async function openReranker(url: string, open: Open): Promise<Reranker> {
  const { openWebReranker } = await import('../src/rerank/open-web-reranker');
  return openWebReranker(url, (weights, kind) => open(weights, null, kind));
}

async function load({ model, files, binary, glueUrl, report }: ModelRequest, open: Open): Promise<Held> {
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
