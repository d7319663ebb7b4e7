/**
 * The page of the crash test: writes to a live index without pause, and tells the journal before and after each operation.
 * In: calls of e2e/crash/crashes.ts. Out: what the index holds. Workers are kept at hand, to be ended.
 */
import { wordEncoder } from '../../src/build/word-encoder.fixture';
import type { LiveIndex } from '../../src/client/live-index';
import type { Encoder, Tier } from '../../src/types';
import { applyOperation, type Documents, documentsOf, nextOperation, type Operation } from './workload';

/** A document as a search shows it. */
export interface Shown {
  id: string;
  title: string;
  number: unknown;
  text: string;
}

export interface Dump {
  count: number;
  shown: Shown[];
  notices: string[];
  damage: string[];
  /** When it was opened. */
  found: { generation: number; segments: number; passages: number; embedded: number };
  /** Now. */
  passages: number;
  embedded: number;
}

export interface WorkOptions {
  seed: number;
  tab: number;
  /** Number of the first operation. */
  from: number;
  documents: [string, { title: number; text: number }][];
  isAlone: boolean;
}

export interface CrashPage {
  open(durability: 'strict' | 'relaxed'): Promise<void>;
  /** Begins to write, until `stop` or the end. */
  work(options: WorkOptions): void;
  /** Resolves once the operation under way is done. */
  stop(): Promise<void>;
  endWorkers(): number;
  dump(): Promise<Dump>;
  /** Ids of the first hits, best first. */
  find(query: string, tier: Tier): Promise<string[]>;
  idle(): Promise<void>;
}

declare global {
  interface Window {
    crash: CrashPage;
  }
}

const workers: Worker[] = [];
const PlainWorker = globalThis.Worker;
globalThis.Worker = class extends PlainWorker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    workers.push(this);
  }
};

const everything = { not: { nothing: 'has this field' } };
/** Takes its time, as a model does, so that kills come in between. Units: milliseconds a text. */
const encodeMs = 3;

let index: LiveIndex;
let found: Dump['found'];
let working: Promise<void> | null = null;
let isStopped = false;

/** The server has read it when this resolves. */
async function tell(what: object): Promise<void> {
  await fetch(`/journal/${encodeURIComponent(JSON.stringify(what))}`);
}

async function run(operation: Operation): Promise<void> {
  if (operation.kind === 'add') await index.add(documentsOf(operation));
  else if (operation.kind === 'update') await index.update(documentsOf(operation));
  else if (operation.kind === 'remove') await index.remove(operation.ids);
  else await index.clear();
}

async function write({ seed, tab, from, documents, isAlone }: WorkOptions): Promise<void> {
  let known: Documents = new Map(documents);
  for (let number = from; !isStopped; number++) {
    const operation = nextOperation(seed, tab, number, known, isAlone);
    await tell({ tab, operation });
    await run(operation);
    await tell({ tab, done: number });
    known = applyOperation(known, operation);
  }
}

function slowEncoder(): Encoder {
  const encoder = wordEncoder();
  return {
    ...encoder,
    async embed(texts, kind, signal) {
      if (kind === 'passage') await new Promise((done) => setTimeout(done, encodeMs * texts.length));
      return encoder.embed(texts, kind, signal);
    },
  };
}

window.crash = {
  async open(durability) {
    const engine = '/engine/nearbit.js';
    const nearbit: typeof import('../../src/index') = await import(engine);
    index = await nearbit.openIndex({ name: 'crash', durability, language: 'en', encoder: slowEncoder() });
    const { generation, segments, passages, embedded } = index.status.live;
    found = { generation, segments, passages, embedded };
  },
  work(options) {
    working = write(options);
    // A page whose worker has ended never hears of its operation again.
    working.catch(() => {});
  },
  async stop() {
    isStopped = true;
    await working;
  },
  endWorkers() {
    for (const worker of workers) worker.terminate();
    return workers.length;
  },
  async dump() {
    const { hits, notices } = await index.search('', { filter: everything, limit: 100, tier: 'lexical' });
    const damage = await index.check();
    const { passages, embedded } = index.status.live;
    return {
      found,
      count: await index.count(),
      shown: hits.map(({ id, title, fields, passages: [first] }) => ({
        id,
        title,
        number: fields?.number,
        text: first?.text ?? '',
      })),
      notices,
      damage: damage.map(({ path, reason }) => `${path}: ${reason}`),
      passages,
      embedded,
    };
  },
  async find(query, tier) {
    const { hits } = await index.search(query, { tier, limit: 3 });
    return hits.map(({ id }) => id);
  },
  idle: () => index.whenIdle(),
};
