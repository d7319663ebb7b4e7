/**
 * An index searched on the page's own thread: words, then meaning, without workers, WebAssembly, a model or a database.
 * In: the address of an index that has an instant tier. Out: answers, `status` events; the newest query wins.
 * An entry of its own (dist/nearbit-instant.js): with the element it is all that a page of this tier loads.
 */
import { NearbitError } from '../errors';
import { type InstantSearcher, openInstant } from '../instant/searcher';
import { type InstantFiles, type InstantFilesStatus, openInstantFiles } from '../store/instant-files';
import type { Answer, SearchOptions } from '../types';
import { folderUrl } from './folder-url';
import { abortable, Newest } from './newest';
import type { Status } from './status';

export interface OpenInstantOptions {
  /** Folder of an index that `nearbit index` wrote: an address, relative to the page. */
  source: string | URL;
  /** Gives up opening. */
  signal?: AbortSignal | undefined;
}

/** What an index is made of; tests make something else. */
export interface InstantParts {
  files: Pick<InstantFiles, 'head'>;
  searcher: InstantSearcher;
}

const none = { received: 0, total: 0 };

/** Fires `status` (a plain Event) whenever `status` has changed. */
export class InstantIndex extends EventTarget {
  readonly #parts: InstantParts;
  readonly #newest = new Newest();
  #read: InstantFilesStatus = { range: 'untried', reason: null, requests: 0, bytes: 0 };
  readonly #notices: Status['notices'] = [];
  #closed = false;

  /** For `createInstantIndex`. `make` gets a listener for what the files have to say. */
  constructor(make: (onStatus: (status: InstantFilesStatus) => void) => InstantParts) {
    super();
    this.#parts = make((status) => {
      this.#read = { ...status };
      this.#tell();
    });
  }

  /** Errors: StoreError index-missing where the index has no instant tier; FormatError format-too-new, format-corrupt; AbortError. */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#parts.files.head(signal);
    // Told by the query that needs it.
    this.warm().catch(() => {});
  }

  get status(): Status & Required<Pick<Status, 'instant'>> {
    const { range, reason, requests, bytes } = this.#read;
    return {
      tier: 'instant',
      model: 'absent',
      modelReason: 'the instant tier needs no model',
      runtime: null,
      refused: [],
      modelMs: null,
      kernel: { name: 'portable', reason: 'an instant query compares few codes', refused: [] },
      instant: { state: 'ready', reason: '', range, rangeReason: reason ?? '', requests, bytes },
      progress: { index: { received: bytes, total: bytes }, model: none, runtime: none, build: none },
      stale: false,
      notices: [...this.#notices],
    };
  }

  /** The last of the query's steps. Errors: as `searchSteps`. */
  async search(query: string, options: SearchOptions = {}): Promise<Answer> {
    let last: Answer | null = null;
    for await (const answer of this.searchSteps(query, options)) last = answer;
    return last!;
  }

  /**
   * The answer by words, then by words and meaning; only the first for `tier` 'lexical'. 'full' is not to be had here.
   * Errors: AbortError; NearbitError closed; StoreError, FormatError where nothing of the tier can be read.
   */
  async *searchSteps(
    query: string,
    { tier, signal, ...options }: SearchOptions = {},
  ): AsyncGenerator<Answer, void, undefined> {
    if (this.#closed) throw new NearbitError('closed', { what: 'The index', call: 'search' });
    const request = this.#newest.begin(signal);
    const steps = this.#parts.searcher.steps(query, { ...options, signal: request.signal });
    try {
      for (;;) {
        const { value: answer } = await abortable(steps.next(), request.signal);
        if (!answer) return;
        this.#note(answer.notices);
        yield answer;
        if (tier === 'lexical') return;
      }
    } finally {
      request.end();
    }
  }

  /** Fetches some hundred bytes of data and the code for the index's languages, which saves the first query a round. */
  async prepare(): Promise<void> {
    await this.#parts.searcher.prepare();
  }

  /** Fetches what every query needs, ahead of the first one. */
  async warm(): Promise<void> {
    await this.#parts.searcher.warm();
  }

  /** There is none: for those who take any index. */
  async loadModel(): Promise<void> {}

  /** Ends requests; later calls reject with closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#newest.end();
  }

  /** What an answer went without is also the index's to say, once. */
  #note(messages: readonly string[]): void {
    const known = this.#notices.length;
    for (const message of messages)
      if (!this.#notices.some((notice) => notice.message === message))
        this.#notices.push({ code: 'left-out', message });
    if (this.#notices.length > known) this.#tell();
  }

  #tell(): void {
    if (!this.#closed) this.dispatchEvent(new Event('status'));
  }
}

/** One that has asked for nothing yet; call `open` next. */
export function createInstantIndex(source: string | URL): InstantIndex {
  return new InstantIndex((onStatus) => {
    const files = openInstantFiles(folderUrl(source), { onStatus });
    return { files, searcher: openInstant(files) };
  });
}

/** Opens the instant tier of an index. Errors: as `InstantIndex.open`. */
export async function openInstantIndex({ source, signal }: OpenInstantOptions): Promise<InstantIndex> {
  const index = createInstantIndex(source);
  await index.open(signal);
  return index;
}
