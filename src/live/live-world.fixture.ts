/**
 * Two tabs on one live index, as real as Node allows: an engine each, one store underneath, one lock between them.
 * In: what a test does to a tab, to the disk, to the process. Out: engines, and what must be true of them (the reference).
 * A tab here can end at any call of its store, a commit can be refused, a block can be damaged.
 */
import { buildIndex } from '../build/build-index';
import { wordEncoder } from '../build/word-encoder.fixture';
import { StoreError } from '../errors';
import { chooseKernel } from '../kernels/choose';
import type { LiveStore } from '../store/live-store';
import { type LiveMemory, memoryLiveStore, newLiveMemory } from '../store/live-store-memory';
import { memoryStore } from '../store/memory-store';
import { readPlainText } from '../text';
import type { Encoder } from '../types';
import { type LiveEngine, openLiveEngine } from './live-engine';
import type { ModelAtHand } from './live-types';
import type { Documents } from './reference-index.fixture';
import type { Exclusively } from './writer';

/** What a tab's process ends with. */
export class TabEnded extends Error {}

/** What the disk and the fates do to one tab. */
interface Fate {
  /** Calls of the store that change it until the tab ends; null: it lives on. */
  callsLeft: number | null;
  /** The last of these calls is done before the end, or is not. */
  isLastDone: boolean;
  /** The next commit finds no room. */
  isFull: boolean;
}

export interface Tab {
  engine: LiveEngine;
  fate: Fate;
}

/** The two models that a world knows; of other sizes, so that none is taken for the other. */
export const models = { a: 64, b: 32 } as const;
export type ModelName = keyof typeof models;

export function encoderOf(name: ModelName): Encoder {
  const encoder = wordEncoder(models[name]);
  return { ...encoder, card: { ...encoder.card, name: `words ${name}` } };
}

export function modelOf(name: ModelName): ModelAtHand {
  const { card, report } = encoderOf(name);
  const model = {
    ...card,
    cosineSd: 0.2,
    documentWeights: report.weights,
    files: {},
    canaries: [],
    folder: null,
  };
  return { model, frame: null };
}

/** One after another, in both tabs. */
function createLock(): Exclusively {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

export async function openEngine(
  store: LiveStore,
  exclusively = createLock(),
  base: Parameters<typeof openLiveEngine>[0]['base'] = null,
): Promise<LiveEngine> {
  const { kernel } = await chooseKernel({ allow: ['wasm'] });
  return openLiveEngine({
    store,
    exclusively,
    durability: 'relaxed',
    language: 'en',
    base,
    kernel,
    onChange() {},
  });
}

/** An embedding of its own for each text, of the size of model a. */
export function randomEmbedding(text: string): Float32Array {
  let state = 7;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return Float32Array.from({ length: models.a }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

/** `model`: an encoder at hand makes the embeddings. `own`: the app does. `bundle`: as `model`, over an index made before. */
export type WorldKind = 'model' | 'own' | 'bundle';

const bundled = ['harbour compass', 'lantern', 'granite orchard velvet', 'thunder pepper', 'saffron harbour'];

/** A bundle with documents n0, n1 and so on; what it holds is in the first state of the world. */
async function openBundle(world: World): Promise<NonNullable<Parameters<typeof openLiveEngine>[0]['base']>> {
  const pages = bundled.map((text, i) => {
    const page = { id: `n${i}`, url: `/bundled/${i}`, title: `Bundled ${i}` };
    return { ...readPlainText(text, page), language: 'en', text };
  });
  const store = memoryStore('bundle');
  await buildIndex(pages, { store, encoder: encoderOf('a') });
  const documents = pages.map(({ id, url, title, text }) => ({
    id,
    url,
    title,
    text,
    fields: {},
    embedding: null,
  }));
  world.history.set(0, new Map(documents.map((document) => [document.id, document])));
  // Of a bundle's documents nobody knows what they were made of.
  world.knowsContent = false;
  return { url: '/bundle/', store };
}

export class World {
  readonly tabs: Tab[] = [];
  readonly memory: LiveMemory = newLiveMemory();
  /** What each generation holds that changed documents; a generation in between holds what the one before it does. */
  readonly history = new Map<number, Documents>([[0, new Map()]]);
  /** States that may have been for a moment, where two tabs changed the index at once. */
  readonly inBetween: Documents[] = [];
  /** Which model both tabs have at hand. */
  hand: ModelName | null = null;
  /** What every passage with an embedding was encoded from, by document, when all had one. Null: that is not known. */
  embeddedFrom: Map<string, string> | null = new Map();
  /** Tabs that have begun to embed and not come to an end: they may go on with what another tab has done since. */
  readonly halfway = new Set<number>();
  /** Whether the index still knows what its documents were made of, and so which have not changed. */
  knowsContent = true;
  #base: Awaited<ReturnType<typeof openBundle>> | null = null;
  readonly #exclusively = createLock();

  private constructor(readonly kind: WorldKind) {}

  static async open(kind: WorldKind): Promise<World> {
    const world = new World(kind);
    if (kind === 'bundle') world.#base = await openBundle(world);
    for (const tab of [0, 1]) world.tabs[tab] = await world.openTab();
    return world;
  }

  /** The newest documents. */
  get documents(): Documents {
    return this.documentsAt(Number.POSITIVE_INFINITY);
  }

  documentsAt(generation: number): Documents {
    let newest = -1;
    for (const one of this.history.keys()) if (one <= generation && one > newest) newest = one;
    return this.history.get(newest)!;
  }

  async openTab(): Promise<Tab> {
    const fate: Fate = { callsLeft: null, isLastDone: true, isFull: false };
    const store = fatefulStore(memoryLiveStore('two tabs', this.memory), fate);
    const engine = await openEngine(store, this.#exclusively, this.#base);
    if (this.hand) await engine.useModel(modelOf(this.hand));
    return { engine, fate };
  }

  /** The tab's process is gone, or its reader has closed it; a new one takes its place. */
  async reopen(tab: number): Promise<void> {
    const { engine, fate } = this.tabs[tab]!;
    fate.callsLeft = null;
    await engine.close();
    this.halfway.delete(tab);
    this.tabs[tab] = await this.openTab();
  }

  async close(): Promise<void> {
    for (const { engine, fate } of this.tabs) {
      fate.callsLeft = null;
      await engine.close();
    }
  }
}

/** A store that does what the fates say. */
function fatefulStore(store: LiveStore, fate: Fate): LiveStore {
  /** Runs a call that changes the store, unless the tab ends before it; or ends it after. */
  const change = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fate.callsLeft === null) return work();
    fate.callsLeft -= 1;
    if (fate.callsLeft < 0 || (fate.callsLeft === 0 && !fate.isLastDone)) throw new TabEnded();
    const done = await work();
    if (fate.callsLeft === 0) throw new TabEnded();
    return done;
  };
  const look = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fate.callsLeft !== null && fate.callsLeft <= 0) throw new TabEnded();
    return work();
  };
  return {
    name: store.name,
    readManifest: () => look(() => store.readManifest()),
    readGeneration: () => look(() => store.readGeneration()),
    readBlock: (kind, ref) => look(() => store.readBlock(kind, ref)),
    readStored: (kind, ref) => look(() => store.readStored(kind, ref)),
    commit: (manifest, blocks, durability) =>
      change(async () => {
        if (fate.isFull) {
          fate.isFull = false;
          throw new StoreError('quota-exceeded', { path: 'a block', expected: '1 kB', received: '0 kB' });
        }
        await store.commit(manifest, blocks, durability);
      }),
    put: (blocks) => change(() => store.put(blocks)),
    prune: (keep) => change(() => store.prune(keep)),
    destroy: () => store.destroy(),
    close: () => store.close(),
  };
}
