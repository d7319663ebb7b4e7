/**
 * One opened ONNX graph, whatever ONNX Runtime package runs it.
 * In: a runtime's module, the weights, session options. Out: token ids → last hidden state, one text at a time.
 * Deliberately not here: choosing a runtime, and any import of one (ort-*.ts are the adapters).
 */

import { describe, ModelError } from '../errors';

/** Token embeddings of one text. Shapes: hidden f32[tokens × dim], row-major. */
export interface HiddenState {
  hidden: Float32Array;
  tokens: number;
  dim: number;
}

/** A graph ready to run. Runs asked for together take turns. */
export interface Session {
  run(ids: readonly number[]): Promise<HiddenState>;
  release(): Promise<void>;
}

/** A weights file. */
export interface Weights {
  /** Path in the model folder, for messages and reports. */
  path: string;
  bytes: Uint8Array;
}

/** What the ONNX Runtime packages have in common, as far as we use it. */
export interface OrtModule {
  // biome-ignore lint/suspicious/noExplicitAny: the packages type their overloads and options each in their own way
  InferenceSession: { create(model: any, options: any): Promise<OrtSession> };
  Tensor: new (type: 'int64', data: BigInt64Array, dims: number[]) => OrtTensor;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputMetadata: readonly {
    readonly name: string;
    readonly isTensor: boolean;
    readonly shape?: readonly unknown[];
  }[];
  // biome-ignore lint/suspicious/noExplicitAny: feeds are this module's own tensors
  run(feeds: any, fetches: any): Promise<Record<string, unknown>>;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
  dispose?(): void;
}

/** Opens a graph of one kind on a runtime: `openSession`, or `openPairSession` of pair-session.ts. */
export type OpenGraph<Graph> = (ort: OrtModule, weights: Weights, options: object) => Promise<Graph>;

/** What a web page must hand over, so that the caller decides where bytes come from. */
export interface WebRuntime {
  /** `ort-wasm-simd-threaded.wasm`, for WebGPU `ort-wasm-simd-threaded.jspi.wasm`. */
  wasmBinary: Uint8Array;
  /** URL of the `.mjs` of the same name. Absent: the one in the bundle. */
  glueUrl?: string;
  /** Default 1. More need cross-origin isolation, and pay only on idle cores. */
  threads?: number;
}

interface WebEnvironment {
  wasm: { wasmBinary?: ArrayBufferLike | Uint8Array; wasmPaths?: unknown; numThreads?: number };
}

/** Hands a web runtime its settings; it reads them once, when the first session is made. */
export function configureWeb(env: WebEnvironment, { wasmBinary, glueUrl, threads = 1 }: WebRuntime): void {
  env.wasm.wasmBinary = wasmBinary;
  env.wasm.numThreads = threads;
  if (glueUrl !== undefined) env.wasm.wasmPaths = { mjs: glueUrl };
}

/** Values of the inputs that BERT-like exports name, by position. Some exports leave out token_type_ids. */
const inputs: Record<string, (ids: readonly number[]) => bigint[]> = {
  input_ids: (ids) => ids.map(BigInt),
  attention_mask: (ids) => ids.map(() => 1n),
  token_type_ids: (ids) => ids.map(() => 0n),
};

/**
 * Opens a graph.
 * Errors: ModelError `model-damaged` (the file is no such graph), `runtime-refused` (the runtime cannot run it).
 */
export async function openSession(ort: OrtModule, weights: Weights, options: object): Promise<Session> {
  const session = await createOrtSession(ort, weights, options);
  const unknown = session.inputNames.find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined) {
    throw damaged(weights, `the inputs ${Object.keys(inputs).join(', ')}`, `an input ${unknown}`);
  }
  const output = hiddenStateOutput(session);

  async function run(ids: readonly number[]): Promise<HiddenState> {
    const feeds: Record<string, OrtTensor> = {};
    for (const name of session.inputNames) {
      feeds[name] = new ort.Tensor('int64', BigInt64Array.from(inputs[name]!(ids)), [1, ids.length]);
    }
    const result = (await session.run(feeds, [output]))[output] as OrtTensor;
    const [texts, tokens, dim] = result.dims;
    if (
      result.dims.length !== 3 ||
      texts !== 1 ||
      tokens !== ids.length ||
      !(result.data instanceof Float32Array)
    ) {
      throw damaged(weights, `float32 [1, ${ids.length}, dim] from ${output}`, `[${result.dims.join(', ')}]`);
    }
    // A copy: the runtime may use the memory again.
    const hidden = result.data.slice();
    result.dispose?.();
    return { hidden, tokens, dim: dim! };
  }

  return { run: inTurn(run), release: () => session.release() };
}

/** Makes calls of `work` wait for the ones before: runtimes do not take a second run during the first. */
export function inTurn<In, Out>(work: (input: In) => Promise<Out>): (input: In) => Promise<Out> {
  let turn: Promise<unknown> = Promise.resolve();
  return (input) => {
    const answer = turn.then(() => work(input));
    turn = answer.catch(() => undefined);
    return answer;
  };
}

/** Exports for sentence-transformers call it `token_embeddings`, and may put the pooled embedding first. */
function hiddenStateOutput({ outputNames, outputMetadata }: OrtSession): string {
  if (outputNames.includes('last_hidden_state')) return 'last_hidden_state';
  return outputMetadata.find((output) => output.shape?.length === 3)?.name ?? outputNames[0]!;
}

/** A graph as the package opens it. Errors: ModelError `model-damaged`, `runtime-refused`. */
export async function createOrtSession(
  ort: OrtModule,
  weights: Weights,
  options: object,
): Promise<OrtSession> {
  try {
    return await ort.InferenceSession.create(weights.bytes, options);
  } catch (cause) {
    const received = describe(cause);
    // The packages throw plain errors with the native message: only its words tell a bad file from a bad runtime.
    if (/protobuf|model data pointer is null|invalid model/i.test(received)) {
      throw damaged(weights, 'an ONNX graph', received, cause);
    }
    throw new ModelError('runtime-refused', { reasons: `${weights.path}: ${received}` }, { cause });
  }
}

/** The error of a graph that is not what was expected. */
export function damaged(weights: Weights, expected: string, received: string, cause?: unknown): ModelError {
  return new ModelError('model-damaged', { path: weights.path, expected, received }, { cause });
}
