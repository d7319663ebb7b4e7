/**
 * Loads a model in the first runtime that can: fetches its files, hands them to an inference worker, hears its verdict.
 * In: what the index carries, what the device offers. Out: the worker that holds the model.
 * A file of its own because it is loaded only when a model is wanted.
 */
import type { InferenceApi, LoadMs, RuntimeName } from '../../workers/api';
import { type Connection, moved } from '../../workers/rpc';
import { describe, isAbort, NearbitError, WorkerError } from '../errors';
import type { RuntimeReport } from '../types';
import { tokenizerFiles } from './downloads';
import type { ModelOptions } from './model-client';
import { type Candidate, type RuntimeOptions, runtimesFor } from './runtimes';

/** A worker with the model in it. */
export interface Loaded {
  worker: Connection<InferenceApi>;
  report: RuntimeReport;
  ms: LoadMs;
}

export interface Attempt {
  signal: AbortSignal | undefined;
  /** Every other runtime is passed over. */
  only: RuntimeName | undefined;
  /** Hears of every runtime that is passed over or fails. */
  refuse(runtime: string, reason: string): void;
  /** Errors: NearbitError closed. */
  start(runtime: RuntimeName): Connection<InferenceApi>;
  end(worker: Connection<InferenceApi>): void;
}

/** Null when no runtime loads the model and passes. Errors: a model that no runtime could load; NearbitError closed; AbortError. */
export async function firstRuntime(
  options: ModelOptions,
  work: RuntimeOptions['work'],
  attempt: Attempt,
): Promise<Loaded | null> {
  const { wish, threads, device } = options;
  // Bulk work has a worker of its own.
  const inTurn = work === 'query' ? options.inTurn : undefined;
  const wanted = { wish, threads, work, shared: inTurn !== undefined };
  for await (const candidate of runtimesFor(wanted, options, device, attempt.refuse)) {
    if (attempt.only && candidate.name !== attempt.only) continue;
    try {
      if (inTurn) return await inTurn(() => open(options, candidate, attempt, true));
      return await open(options, candidate, attempt, false);
    } catch (error) {
      if (isAbort(error) || !refusesRuntime(error)) throw error;
      attempt.refuse(candidate.report.runtime, describe(error));
    }
  }
  return null;
}

async function open(
  options: ModelOptions,
  { name, binary, report }: Candidate,
  { signal, start, end }: Attempt,
  shared: boolean,
): Promise<Loaded> {
  const { model, engine } = options;
  const worker = start(name);
  try {
    const known = shared && (await worker.call('loaded', [], { signal }));
    if (known) return { worker, report: known.report, ms: { fetch: 0, ...known.ms } };
    const began = performance.now();
    const { files, wasm } = await fetchFiles(options, report.weights, binary, signal);
    const fetch = performance.now() - began;
    const request = {
      model,
      files,
      binary: wasm,
      glueUrl: `${engine}${binary.replace('.wasm', '.mjs')}`,
      report,
    };
    const ms = await worker.call('load', [moved(request, [wasm, ...Object.values(files)])], { signal });
    return { worker, report, ms: { fetch, ...ms } };
  } catch (error) {
    end(worker);
    throw error;
  }
}

async function fetchFiles(
  { model, runtime, readAssets }: ModelOptions,
  weights: string,
  binary: string,
  signal?: AbortSignal,
) {
  const paths = [weights, ...tokenizerFiles].filter((path) => path in model.files);
  const [contents, [wasm]] = await Promise.all([
    readAssets(
      paths.map((path) => model.files[path]!),
      'model',
      signal,
    ),
    readAssets([runtime[binary]!], 'runtime', signal),
  ]);
  const files = Object.fromEntries(paths.map((path, i) => [path, contents[i]!]));
  return { files, wasm: wasm! };
}

/** Another runtime may do better; it would not with files that are missing or damaged. */
function refusesRuntime(error: unknown): boolean {
  return error instanceof WorkerError || (error instanceof NearbitError && error.code === 'runtime-refused');
}
