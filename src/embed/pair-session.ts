/**
 * One opened graph for sequence classification, whatever ONNX Runtime package runs it.
 * In: a runtime's module, the weights, the tokens of one pair. Out: one logit, higher is more relevant.
 * Two labels become one number, the second's logit less the first's: their softmax is its sigmoid.
 * Deliberately not here: choosing a runtime (ort-*.ts), tokens (pair-tokens.ts), scales (src/rerank/order.ts).
 */

import type { PairTokens } from './pair-tokens';
import { createOrtSession, damaged, inTurn, type OrtModule, type OrtTensor, type Weights } from './session';

/** A graph ready to run. Runs asked for together take turns. */
export interface PairSession {
  run(pair: PairTokens): Promise<number>;
  release(): Promise<void>;
}

/** Values of the inputs that BERT-like exports name. Some leave out token_type_ids. */
const inputs: Record<string, (pair: PairTokens) => number[]> = {
  input_ids: ({ ids }) => ids,
  attention_mask: ({ ids }) => ids.map(() => 1),
  token_type_ids: ({ types }) => types,
};

/**
 * Opens a graph.
 * Errors: ModelError `model-damaged` (no such graph; `run`: another number of labels than 1 or 2), `runtime-refused`.
 */
export async function openPairSession(
  ort: OrtModule,
  weights: Weights,
  options: object,
): Promise<PairSession> {
  const session = await createOrtSession(ort, weights, options);
  const unknown = session.inputNames.find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined) {
    throw damaged(weights, `the inputs ${Object.keys(inputs).join(', ')}`, `an input ${unknown}`);
  }
  const output = session.outputNames.includes('logits') ? 'logits' : session.outputNames[0]!;

  async function run(pair: PairTokens): Promise<number> {
    const feeds: Record<string, OrtTensor> = {};
    for (const name of session.inputNames) {
      const values = BigInt64Array.from(inputs[name]!(pair), BigInt);
      feeds[name] = new ort.Tensor('int64', values, [1, values.length]);
    }
    const result = (await session.run(feeds, [output]))[output] as OrtTensor;
    const { data, dims } = result;
    if (!(data instanceof Float32Array) || data.length < 1 || data.length > 2) {
      throw damaged(weights, `float32 [1, 1] or [1, 2] from ${output}`, `[${dims.join(', ')}]`);
    }
    const logit = data.length === 1 ? data[0]! : data[1]! - data[0]!;
    result.dispose?.();
    if (Number.isFinite(logit)) return logit;
    throw damaged(weights, `a number from ${output}`, String(logit));
  }

  return { run: inTurn(run), release: () => session.release() };
}
