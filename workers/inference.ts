/**
 * What both inference workers do: open a model, check it, embed, index on the device.
 * In: the function that opens a session on one ONNX Runtime build. Out: InferenceApi.
 * Deliberately not here: choosing a runtime (src/client/runtimes.ts), fetching (the index worker).
 */
import { checkCanaries } from '../src/embed/canary';
import { createEncoder } from '../src/embed/encoder';
import { type ModelFiles, readModelFile } from '../src/embed/model-files';
import type { Session, WebRuntime, Weights } from '../src/embed/session';
import { readTokenizer } from '../src/embed/tokenizer';
import { ModelError, NearbitError } from '../src/errors';
import type { Encoder } from '../src/types';
import type { InferenceApi, LoadMs, ModelRequest } from './api';
import { moved, serve } from './rpc';

type OpenSession = (weights: Weights, runtime: WebRuntime) => Promise<Session>;

export function serveInference(openSession: OpenSession): void {
  serve<InferenceApi>((emit) => {
    let encoder: Encoder | null = null;
    return {
      async load(_signal, request) {
        const loaded = await load(request, openSession);
        encoder = loaded.encoder;
        return loaded.ms;
      },
      async embed(signal, texts, kind) {
        if (!encoder) throw new NearbitError('closed', { what: 'The model', call: 'embed' });
        const embeddings = await encoder.embed(texts, kind, signal);
        return moved(embeddings, [embeddings]);
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
  openSession: OpenSession,
): Promise<{ encoder: Encoder; ms: Omit<LoadMs, 'fetch'> }> {
  const began = performance.now();
  const folder: ModelFiles = { name: model.name, read: async (path) => files[path] ?? null };
  const tokenizer = await readTokenizer(folder);
  const weights = await readModelFile(folder, report.weights);
  const session = await openSession(
    { path: report.weights, bytes: weights },
    { wasmBinary: binary, glueUrl, threads: report.threads },
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
