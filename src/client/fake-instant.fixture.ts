/**
 * An instant tier in memory, for tests of the client: the test decides when and what it answers.
 * In: answers by tier. Out: an InstantIndex whose files are never read.
 */
import type { InstantSearcher } from '../instant/searcher';
import type { InstantFilesStatus } from '../store/instant-files';
import type { Answer, Tier } from '../types';
import { InstantIndex } from './instant-index';

export interface FakeInstant {
  /** Asked so far. */
  queries: string[];
  /** Awaited before the answer of that tier. */
  gates: Partial<Record<Tier, Promise<unknown>>>;
  /** Notices of every answer. */
  notices: string[];
  /** Thrown in place of the answer of that tier. */
  failures: Partial<Record<Tier, Error>>;
  /** Thrown by opening. */
  missing: Error | null;
  tell(status: InstantFilesStatus): void;
  open(): Promise<InstantIndex>;
}

function answerOf(query: string, tier: Tier, notices: string[]): Answer {
  return { query, tier, hits: [], ms: { total: 1 }, found: 0, notices: [...notices] };
}

export function fakeInstant(): FakeInstant {
  const searcher: InstantSearcher = {
    async *steps(query) {
      fake.queries.push(query);
      for (const tier of ['lexical', 'instant'] as const) {
        await fake.gates[tier];
        const failure = fake.failures[tier];
        if (failure) throw failure;
        yield answerOf(query, tier, fake.notices);
      }
    },
    prepare: async () => {},
    warm: async () => {},
  };
  const fake: FakeInstant = {
    queries: [],
    gates: {},
    notices: [],
    failures: {},
    missing: null,
    tell: () => {},
    async open() {
      const head = async () => {
        if (fake.missing) throw fake.missing;
        return {} as never;
      };
      const index = new InstantIndex((onStatus) => {
        fake.tell = onStatus;
        return { files: { head }, searcher };
      });
      await index.open();
      return index;
    },
  };
  return fake;
}
