/**
 * An index of words in memory, for tests of the element: the test decides when and what it answers.
 * In: answers pushed by the test. Out: a SearchIndex.
 */
import type { Status } from '../client/status';
import type { Answer, Hit, HitPassage, SearchOptions, Tier } from '../types';
import type { SearchIndex } from './session';

export function makePassage(values: Partial<HitPassage> = {}): HitPassage {
  return {
    heading: 'Kneading',
    headings: ['Kneading'],
    anchor: 'kneading',
    text: 'Knead the dough for ten minutes.',
    marks: [[0, 5]],
    quote: [0, 32],
    link: '/bread/#kneading',
    score: 1,
    ...values,
  };
}

export function makeHit(id: string, values: Partial<Hit> = {}): Hit {
  return {
    rank: 1,
    id,
    url: id,
    title: `Title of ${id}`,
    titleMarks: [],
    description: '',
    score: 1,
    scores: { lexical: 1, vector: null, rerank: null },
    explanation: {
      lexical: { score: 1, rank: 1 },
      vector: { score: null, rank: null },
      shares: { words: 1, meaning: 0, links: 0 },
      moved: 'words',
    },
    passages: [makePassage({ link: `${id}#kneading` })],
    ...values,
  };
}

export function makeAnswer(query: string, ids: string[], tier: Tier = 'lexical'): Answer {
  return {
    query,
    tier,
    hits: ids.map((id) => makeHit(id)),
    ms: { total: 1 },
    found: ids.length,
    notices: [],
  };
}

/** One query that the element asked; the test gives its answers. */
export class FakeSearch {
  readonly query: string;
  readonly options: SearchOptions;
  #steps: (Answer | Error | null)[] = [];
  #wake = () => {};

  constructor(query: string, options: SearchOptions) {
    this.query = query;
    this.options = options;
  }

  /** An answer with pages of these ids. */
  give(ids: string[], tier: Tier = 'lexical'): void {
    this.#push(makeAnswer(this.query, ids, tier));
  }

  giveHits(hits: Hit[]): void {
    this.#push({ ...makeAnswer(this.query, []), hits, found: hits.length });
  }

  fail(error: Error): void {
    this.#push(error);
  }

  end(): void {
    this.#push(null);
  }

  async *steps(): AsyncGenerator<Answer> {
    for (;;) {
      while (this.#steps.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      const step = this.#steps.shift();
      if (step instanceof Error) throw step;
      if (!step) return;
      yield step;
    }
  }

  #push(step: Answer | Error | null): void {
    this.#steps.push(step);
    this.#wake();
  }
}

const none = { received: 0, total: 0 };

/** Records what the element asks; answers when the test says so. */
export class FakeIndex extends EventTarget implements SearchIndex {
  readonly searches: FakeSearch[] = [];
  modelLoads = 0;
  closed = false;
  status: Status = {
    tier: 'lexical',
    model: 'idle',
    modelReason: '',
    runtime: null,
    refused: [],
    modelMs: null,
    kernel: { name: 'portable', reason: 'the only one', refused: [] },
    progress: { index: none, model: none, runtime: none, build: none },
    stale: false,
    notices: [],
  };

  get last(): FakeSearch {
    return this.searches.at(-1)!;
  }

  searchSteps(query: string, options: SearchOptions): AsyncGenerator<Answer> {
    const search = new FakeSearch(query, options);
    this.searches.push(search);
    return search.steps();
  }

  async loadModel(): Promise<void> {
    this.modelLoads++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  report(status: Partial<Status>): void {
    this.status = { ...this.status, ...status };
    this.dispatchEvent(new Event('status'));
  }
}
