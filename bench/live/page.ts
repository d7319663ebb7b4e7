/**
 * The page of live.bench.ts: nearbit's course on its own thread, a peer's in a worker, and embedding beside bare ONNX Runtime.
 * In: calls of bench/live/host.ts. Out: milliseconds.
 */
import type { LiveIndex } from '../../src/client/live-index';
import { type Course, courseOf } from './course';
import { Documents, type SourcePassage } from './documents';
import { nearbit, nearbitModule } from './nearbit';

export interface LivePage {
  /** `name`: `nearbit`, `nearbit-words`, or a peer of bench/peers/persisted. */
  load(name: string): Promise<void>;
  call(method: keyof Course, args: unknown[]): Promise<unknown>;
  usage(): Promise<number>;
  /** Of nearbit; bare ONNX Runtime gets the same weights. */
  openModel(): Promise<{ runtime: string; weights: string }>;
  /** From `add` to `whenIdle`. */
  embedLive(from: number, to: number): Promise<{ passages: number; ms: number }>;
  /** Shapes: token ids of each text. Units: milliseconds. */
  embedBare(texts: number[][]): Promise<number>;
}

declare global {
  interface Window {
    liveBench: LivePage;
  }
}

let course: Course;
let peer: Worker | null = null;
let modelIndex: LiveIndex;
let bareOrt: Worker;

async function read<T>(path: string): Promise<T> {
  return (await fetch(path)).json();
}

/** One answer to one message. */
function ask<T>(worker: Worker, message: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message: reason }) =>
      reject(new Error(`The worker failed: ${reason || 'no reason given'}`));
    worker.postMessage(message);
  });
}

async function askPeer(worker: Worker, message: unknown): Promise<unknown> {
  const answer = await ask<{ value: unknown } | { failure: string }>(worker, message);
  if ('failure' in answer) throw new Error(answer.failure);
  return answer.value;
}

const passages = read<SourcePassage[]>('/data/passages.json');
const queries = read<string[]>('/data/queries.json');

window.liveBench = {
  async load(name) {
    if (name.startsWith('nearbit')) {
      // What an app imports is there before it opens an index.
      await nearbitModule();
      course = courseOf(nearbit(name, name === 'nearbit'), await passages, await queries);
      return;
    }
    peer = new Worker('/peers/peer.worker.js', { type: 'module' });
    await askPeer(peer, { peer: name, passages: await passages, queries: await queries });
  },
  call(method, args) {
    if (peer) return askPeer(peer, { call: method, args });
    return (course[method] as (...args: unknown[]) => Promise<unknown>)(...args);
  },
  usage: async () => (await navigator.storage.estimate()).usage ?? Number.NaN,
  async openModel() {
    const { openIndex } = await nearbitModule();
    modelIndex = await openIndex({ name: 'with-model', model: '/nearbit/', language: 'en' });
    await modelIndex.loadModel();
    bareOrt = new Worker('/bench-pages/bare-ort.worker.js', { type: 'module' });
    const { runtime, weights } = modelIndex.status.runtime!;
    await ask(bareOrt, { weights: `/model/${weights}` });
    return { runtime, weights };
  },
  async embedLive(from, to) {
    const documents = new Documents(await passages).range(from, to);
    const before = modelIndex.status.live.embedded;
    const began = performance.now();
    await modelIndex.add(documents.map(({ id, title, text }) => ({ id, title, text })));
    await modelIndex.whenIdle();
    return { passages: modelIndex.status.live.embedded - before, ms: performance.now() - began };
  },
  async embedBare(texts) {
    const began = performance.now();
    for (const ids of texts) await ask(bareOrt, { ids });
    return performance.now() - began;
  },
};
