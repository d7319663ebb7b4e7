/**
 * Queries over the segments of a live index, by the plan that bundles are searched by.
 * In: one state after the other, queries with their embeddings (or null). Out: Answers.
 * A query goes on with the state that it began with; what a state alone has read is let go of when its last query has ended.
 * Deliberately not here: the plan (search/plan.ts), and how documents come in.
 */
import { NearbitError } from '../errors';
import type { Kernel } from '../kernels/kernel';
import { analyserVersion } from '../lexical/tokens';
import { BlockCache } from '../search/block-cache';
import { rangeOf } from '../search/layout';
import { createLexicalLeg } from '../search/lexical-leg';
import { startRun } from '../search/plan';
import type { LiveManifest } from '../segment/live-shape';
import type { PostingsBlock } from '../segment/postings-block';
import type { Answer, Manifest, SearchOptions } from '../types';
import { baseId } from './base';
import { answerLive, hasMeaning, type LiveModels, type OpenedState } from './live-answer';
import { type HeldCodes, LiveMeaning, loadCodes } from './live-meaning';
import { createLiveDictionary } from './live-words';
import type { SegmentReader } from './segment-reader';
import { openView, type SegmentPart, type View } from './view';

/** Posting blocks kept inflated, of all segments. */
const postingsBudgetBytes = 16 * 2 ** 20;

export interface LiveSearcherOptions {
  /** A function is called with the first embedding, and the number of passages. */
  kernel: Kernel | ((codes: number) => Promise<Kernel>);
  /** For segments of few codes. Default: the portable kernel. */
  small?: Kernel;
}

export interface LiveSearcher {
  /** From the next query on. `base`: manifest of the bundle whose reader comes first; null: there is none. */
  show(manifest: LiveManifest, readers: readonly SegmentReader[], base?: Manifest | null): void;
  /**
   * `embedding` null: words alone. Without words and embedding: all documents that pass the filter, newest first, where a filter
   * or facets are given. `found` counts all documents that hold a word of the query, or are found by meaning; facets count the same.
   * Errors: NearbitError field-unusable, usage, closed; ShapeError for a wrong dimension; AbortError.
   */
  search(query: string, embedding: Float32Array | null, options?: SearchOptions): Promise<Answer>;
  /** Reads what every full query needs, ahead of the first one. */
  warm(): Promise<void>;
  /** The same for queries by words. */
  warmWords(): Promise<void>;
  /** Waits for queries under way. May be called twice. */
  close(): Promise<void>;
}

/** What queries are answered from, at one moment. */
interface State extends LiveModels {
  readers: readonly SegmentReader[];
  opened: Promise<Opened> | null;
  codes: Promise<HeldCodes> | null;
  /** Queries under way, and one while it is shown. */
  users: number;
}

export function createLiveSearcher({ kernel, small }: LiveSearcherOptions): LiveSearcher {
  const blocks = new BlockCache<PostingsBlock>(postingsBudgetBytes);
  const meaning = new LiveMeaning(kernel, small);
  const closing = new Set<Promise<void>>();
  const running = new Set<Promise<unknown>>();
  let isClosed = false;
  let current = stateOf({ manifest: null, base: null }, []);

  /** Reads the pages blocks; a state that could not read all of them tries again with the next query. */
  function open(state: State): Promise<Opened> {
    state.opened ??= (async () => {
      const view = await openView(state.readers);
      if (view.notices.length > 0) state.opened = null;
      return openedOf(view, state, blocks);
    })().catch((error) => {
      state.opened = null;
      throw error;
    });
    return state.opened;
  }

  function hold(state: State): Promise<HeldCodes> {
    state.codes ??= meaning
      .hold(state.readers.filter((reader) => hasMeaning(reader, state)))
      .catch((error) => {
        state.codes = null;
        throw error;
      });
    return state.codes;
  }

  function release(state: State): void {
    state.users--;
    if (state.users > 0 || !state.codes) return;
    const codes = state.codes;
    const done = (async () => {
      // Scanners that go on must be held by the next state before this one lets go of them.
      await current.codes?.catch(() => null);
      await (await codes.catch(() => null))?.release();
    })();
    closing.add(done);
    void done.finally(() => closing.delete(done));
  }

  async function withState<T>(call: string, use: (state: State) => Promise<T>): Promise<T> {
    if (isClosed) throw new NearbitError('closed', { what: 'The index', call });
    const state = current;
    state.users++;
    const work = use(state);
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
      release(state);
    }
  }

  return {
    show(manifest, readers, base = null) {
      if (isClosed) return;
      const before = current;
      current = stateOf({ manifest, base }, readers);
      if (before.codes) hold(current).catch(() => {});
      release(before);
    },
    search: (query, embedding, options = {}) =>
      withState('search', async (state) => {
        const run = startRun(options.signal);
        const opened = await open(state);
        run.stage('open');
        return answerLive({ ...opened, openCodes: () => hold(state) }, query, embedding, options, run);
      }),
    warm: () =>
      withState('warm', async (state) => {
        const { notices } = startRun();
        const isCoded = state.readers.some((reader) => hasMeaning(reader, state));
        const full = isCoded && hold(state).then(({ legs }) => loadCodes(legs.values(), notices));
        await Promise.all([open(state), full]);
      }),
    warmWords: () =>
      withState('warm', async (state) => {
        const { words } = await open(state);
        await words.marker([]);
      }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.allSettled(running);
      release(current);
      await Promise.all(closing);
      await meaning.close();
    },
  };
}

type Opened = Omit<OpenedState, 'openCodes'>;

function stateOf(models: LiveModels, readers: readonly SegmentReader[]): State {
  return { ...models, readers, opened: null, codes: null, users: 1 };
}

function openedOf(view: View, models: LiveModels, blocks: BlockCache<PostingsBlock>): Opened {
  const { parts, corpus, languages, notices } = view;
  const isReadable = ({ reader }: SegmentPart) => reader.segment.analyser === analyserVersion;
  for (const { reader } of parts.filter((part) => !isReadable(part))) {
    const [what, fix] =
      reader.segment.id === baseId ? ['the bundle', 'index again'] : ['some documents', 'call repair()'];
    notices.push(
      `Words of ${what} are not searched: expected an index with analyser ${analyserVersion}, received ${reader.segment.analyser}; ${fix}`,
    );
  }
  const dictionary = createLiveDictionary(parts.filter(isReadable), blocks);
  const starts = Uint32Array.from([...parts.map(({ group }) => group), 0]);
  return {
    view,
    models,
    words: createLexicalLeg(dictionary, corpus, languages, analyserVersion),
    readTexts: (group) => {
      const { reader, group: first } = parts[rangeOf(starts, group)]!;
      return reader.texts(group - first);
    },
  };
}
