/**
 * The yardstick of browser.bench.ts: ONNX Runtime alone on the same weights, one thread.
 * In: `{ weights }`, then `{ ids }` of one query. Out: when it is ready, then the milliseconds of each run.
 */
import { env, InferenceSession, Tensor } from '/ort/ort.wasm.min.mjs';

env.wasm.numThreads = 1;
env.wasm.wasmPaths = '/ort/';
const values = {
  input_ids: (ids) => ids.map(BigInt),
  attention_mask: (ids) => ids.map(() => 1n),
  token_type_ids: (ids) => ids.map(() => 0n),
};
let session;

self.onmessage = async ({ data: { weights, ids } }) => {
  if (weights) {
    session = await InferenceSession.create(weights, { executionProviders: ['wasm'] });
    self.postMessage(null);
    return;
  }
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [
      name,
      new Tensor('int64', BigInt64Array.from(values[name](ids)), [1, ids.length]),
    ]),
  );
  const began = performance.now();
  await session.run(feeds);
  self.postMessage(performance.now() - began);
};
