/**
 * How much of ONNX Runtime's own rate is left in `nearbit index`?
 * Ours: the build's encoding stage on the encoder pool (tokens, messages, pooling included). Yardstick: bare-loop.thread.mjs,
 * a session a thread over the same token ids. Both stay loaded and take turns, so that a busy machine slows both.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { embedPassages } from '../src/build/embed-stage';
import { readDocuments } from '../src/build/read-stage';
import { readSite } from '../src/cli/read-site';
import { type EncoderPool, openEncoderPool } from '../src/embed/encoder-pool.node';
import { nodeModelFolder } from '../src/embed/node-encoder.node';
import { readTokenizer } from '../src/embed/tokenizer';
import { memoryStore } from '../src/store/memory-store';
import { median, type Report } from './figures';
import { describeCorpus, encodeThread, model, readyIndex, site } from './site';

export const question =
  'How fast does `nearbit index` encode, against a bare ONNX Runtime loop over the same tokens?';

export const options = {
  passages: { type: 'string', default: '600' },
  rounds: { type: 'string', default: '3' },
  threads: { type: 'string', default: String(availableParallelism()) },
  /** Default: what `nearbit index` encodes passages with. */
  weights: { type: 'string' },
} as const;

interface Values {
  passages: string;
  rounds: string;
  threads: string;
  weights?: string;
}

export async function run(values: Values): Promise<Report> {
  const manifest = readyIndex();
  const weights = values.weights ?? manifest.model!.documentWeights;
  const threads = Number(values.threads);
  const pool = await openEncoderPool(model, { workers: threads, weights, script: encodeThread });
  const inputs = await readPassages(pool, Number(values.passages));
  const tokens = await tokenise(pool, inputs);
  const bare = await openBareLoop(join(model, weights), tokens, threads);

  const timed = async (work: () => Promise<unknown>): Promise<Turn> => {
    const began = performance.now();
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return {
      rate: inputs.length / ((performance.now() - began) / 1000),
      cpuMs: (user + system) / 1000 / inputs.length,
    };
  };
  const ours: Turn[] = [];
  const yardstick: Turn[] = [];
  const runs = [
    async () => ours.push(await timed(() => embedPassages(inputs, pool, {}))),
    async () => yardstick.push(await timed(bare.run)),
  ];
  await embedPassages(inputs.slice(0, 32), pool, {});
  for (let round = 0; round < Number(values.rounds); round++) {
    console.error(`Round ${round + 1} of ${values.rounds}`);
    for (const one of round % 2 === 0 ? runs : runs.toReversed()) await one();
  }
  await Promise.all([bare.close(), pool.close()]);

  const ratios = ours.map(({ rate }, round) => rate / yardstick[round]!.rate);
  const rate = (turns: readonly Turn[]) => median(turns.map((turn) => turn.rate));
  const cpuMs = (turns: readonly Turn[]) => median(turns.map((turn) => turn.cpuMs));
  const all = tokens.flat().length;
  return {
    corpus: `${inputs.length} passages of ${describeCorpus(manifest)}; ${Math.round(all / inputs.length)} tokens each on average`,
    figures: [
      { name: 'weights', value: weights, unit: '' },
      { name: 'threads', value: threads, unit: '' },
      { name: 'nearbit, median of rounds', value: rate(ours), unit: 'passages/s' },
      { name: 'bare loop, median of rounds', value: rate(yardstick), unit: 'passages/s' },
      { name: 'ratio by round', value: ratios.map((ratio) => ratio.toFixed(3)).join(', '), unit: '' },
      { name: 'ratio, median', value: median(ratios), unit: '', atLeast: 0.9 },
      { name: 'nearbit, CPU time', value: cpuMs(ours), unit: 'ms/passage' },
      { name: 'bare loop, CPU time', value: cpuMs(yardstick), unit: 'ms/passage' },
      { name: 'CPU time, bare loop ÷ nearbit', value: cpuMs(yardstick) / cpuMs(ours), unit: '' },
    ],
  };
}

/** One pass over all passages. `rate`: passages per second; `cpuMs`: of all threads, hardly moved by what else the machine does. */
interface Turn {
  rate: number;
  cpuMs: number;
}

/** Passages from all over the site, as the encoder gets them. */
async function readPassages(encoder: EncoderPool, wanted: number): Promise<string[]> {
  const { inputs } = await readDocuments(readSite(site, { exclude: [], base: '/', skipped: [] }), {
    store: memoryStore('bench'),
    maxTokens: encoder.card.maxTokens,
    countTokens: encoder.countTokens,
  });
  const distinct = [...new Set(inputs)];
  const step = Math.max(1, distinct.length / wanted);
  return Array.from({ length: Math.min(wanted, distinct.length) }, (_, i) => distinct[Math.floor(i * step)]!);
}

async function tokenise({ card }: EncoderPool, inputs: readonly string[]): Promise<number[][]> {
  const tokenizer = await readTokenizer(nodeModelFolder(model));
  return inputs.map((text) => tokenizer.encode(card.passagePrefix + text, card.maxTokens));
}

async function openBareLoop(weights: string, texts: number[][], threads: number) {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const script = new URL('./bare-loop.thread.mjs', import.meta.url);
  const workers = Array.from(
    { length: threads },
    () => new Worker(script, { workerData: { weights, texts, next } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    async run() {
      next[0] = 0;
      const done = workers.map((worker) => once(worker, 'message'));
      for (const worker of workers) worker.postMessage('go');
      await Promise.all(done);
    },
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
