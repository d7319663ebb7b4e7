/**
 * The yardstick of encode.bench.ts: one ONNX Runtime session on one thread, fed one text after the other, nothing else.
 * In: weights, token ids of all texts, a counter shared by the threads. Out: 'ready', then 'done' after every 'go'.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { weights, texts, next } = workerData;
const session = await InferenceSession.create(weights, {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const values = {
  input_ids: (ids) => ids.map(BigInt),
  attention_mask: (ids) => ids.map(() => 1n),
  token_type_ids: (ids) => ids.map(() => 0n),
};
const feeds = texts.map((ids) =>
  Object.fromEntries(
    session.inputNames.map((name) => [
      name,
      new Tensor('int64', BigInt64Array.from(values[name](ids)), [1, ids.length]),
    ]),
  ),
);

parentPort.on('message', async () => {
  for (let i = Atomics.add(next, 0, 1); i < feeds.length; i = Atomics.add(next, 0, 1))
    await session.run(feeds[i]);
  parentPort.postMessage('done');
});
parentPort.postMessage('ready');
