/**
 * The work that every contestant of live.bench.ts does, timed where the contestant runs.
 * In: a contestant, passages, queries. Out: milliseconds. Documents are made before the clock starts.
 */
import type { Contestant } from './contestant';
import { Documents, type SourcePassage } from './documents';

export interface Filled {
  documents: number;
  /** All `add` calls and the `persist` after them. Units: milliseconds. */
  ms: number;
  /** One more document, persisted, of each of some. Units: milliseconds. */
  oneMore: number[];
}

/** Units: milliseconds. */
export interface Opened {
  ms: number;
  /** Of these, until it was open. */
  openMs: number;
  /** Of the first answer; null: the contestant does not say. */
  stages: Record<string, number> | null;
}

/** How it finds: the two that contestants may lack. */
export type Way = 'words' | 'meaning';

export interface Course {
  /** Null: it can. Else what it lacks, in a few words. */
  lacks(way: Way): Promise<string | null>;
  fill(from: number, to: number, batch: number): Promise<Filled>;
  /** From the call of open to the first hits. Errors: no hit. Units: milliseconds. */
  openToHit(way: Way): Promise<Opened>;
  /** Times of single queries. Units: milliseconds. */
  search(way: Way, times: number): Promise<number[]>;
  /** The same while documents are added, `batch` at a time, without pause. */
  searchWhileAdding(way: Way, times: number, from: number, batch: number): Promise<number[]>;
  /** Until nothing is left to be done in the background. Units: milliseconds. */
  settle(): Promise<number>;
  ownBytes(): Promise<number | null>;
}

const documentsOneMore = 3;

export function courseOf(
  contestant: Contestant,
  passages: readonly SourcePassage[],
  queries: readonly string[],
): Course {
  const documents = new Documents(passages);
  let opening: Promise<void> | null = null;
  const open = (): Promise<void> => {
    opening ??= contestant.open();
    return opening;
  };

  function ask(way: Way, n: number): Promise<string[]> {
    const found =
      way === 'words'
        ? contestant.words?.(queries[n % queries.length]!)
        : contestant.meaning?.(documents.query(n % passages.length));
    if (!found) throw new Error(`Cannot search: expected a way to search by ${way}, received none`);
    return found;
  }

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return performance.now() - began;
  }

  return {
    async lacks(way) {
      return contestant[way] ? null : `does not search by ${way}`;
    },
    async fill(from, to, batch) {
      await open();
      let ms = 0;
      for (let at = from; at < to; at += batch) {
        const some = documents.range(at, Math.min(to, at + batch));
        ms += await timed(() => contestant.add(some));
      }
      ms += await timed(() => contestant.persist());
      const oneMore: number[] = [];
      for (let i = 0; i < documentsOneMore; i++) {
        const one = documents.range(to + i, to + i + 1);
        oneMore.push(
          await timed(async () => {
            await contestant.add(one);
            await contestant.persist();
          }),
        );
      }
      return { documents: to - from, ms, oneMore };
    },
    async openToHit(way) {
      const embedding = documents.query(1);
      let ids: string[] | undefined;
      let openMs = 0;
      const ms = await timed(async () => {
        openMs = await timed(open);
        ids = way === 'words' ? await contestant.words?.(queries[0]!) : await contestant.meaning?.(embedding);
      });
      if (!ids?.length) throw new Error(`Cannot search by ${way}: expected a hit, received none`);
      return { ms, openMs, stages: contestant.stages?.() ?? null };
    },
    async search(way, times) {
      await open();
      const samples: number[] = [];
      for (let i = 0; i < times; i++) samples.push(await timed(() => ask(way, i)));
      return samples;
    },
    async searchWhileAdding(way, times, from, batch) {
      await open();
      let isOver = false;
      const adding = (async () => {
        for (let at = from; !isOver; at += batch) {
          await contestant.add(documents.range(at, at + batch));
          // The one thread that some peers have must get to the queries too.
          await new Promise((done) => setTimeout(done));
        }
      })();
      const samples: number[] = [];
      try {
        for (let i = 0; i < times; i++) {
          samples.push(await timed(() => ask(way, i)));
          await new Promise((done) => setTimeout(done));
        }
      } finally {
        isOver = true;
        await adding;
      }
      return samples;
    },
    settle: () => timed(async () => contestant.settle?.()),
    ownBytes: async () => (await contestant.ownBytes?.()) ?? null,
  };
}
