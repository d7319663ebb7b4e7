/**
 * The plan of a query without a model: words → pages → cells → pages, in at most three dependent rounds of requests.
 * In: the files of an index's instant tier, a query. Out: an answer by words, then one by words and meaning.
 * Runs on the page's own thread: a query reads some hundred kilobytes and multiplies a few thousand short rows.
 * Deliberately not here: fetching (store/instant-files), which parts hold a word (word-lookup), codes (cell-scan).
 */
import { StoreError } from '../errors';
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import { markTerms } from '../lexical/marks';
import { queryTerms } from '../lexical/query';
import { analyserVersion } from '../lexical/tokens';
import { BlockCache } from '../search/block-cache';
import { placesOf } from '../search/explanation';
import type { RankedPage } from '../search/fuse';
import { rangeOf } from '../search/layout';
import { Notices, readOrNotice } from '../search/notices';
import { decodeCards } from '../segment/card-part';
import { decodeCell } from '../segment/cell-part';
import type { Card, Cell, InstantStart, PackKind } from '../segment/instant-shape';
import { decodeWords, type WordPart } from '../segment/word-part';
import type { InstantFiles } from '../store/instant-files';
import { normaliseText } from '../text/normalise';
import type { Answer, SearchOptions, StageMs } from '../types';
import { cardHit } from './card-hits';
import { chooseCells, scanCells } from './cell-scan';
import { PageWords } from './page-words';
import { rankInstantPages } from './rank-pages';
import { lookUpWords, type WordMatch } from './word-lookup';

/** Decoded parts kept. Units: bytes as stored. */
const budgetBytes = 4 * 2 ** 20;

/** Pages that the list by words hands to the last one. */
const depth = 100;
/** Leading pages by words, near which meaning is looked for. */
const guides = 3;

const defaultLimit = 10;
const defaultPassagesPerPage = 3;

export type InstantOptions = Omit<SearchOptions, 'tier'>;

export interface InstantSearcher {
  /**
   * Words first, then words and meaning. One answer alone where the index has no meaning to add.
   * Errors: AbortError; StoreError index-missing; FormatError of `instant.json` and `start.bin`.
   */
  steps(query: string, options?: InstantOptions): AsyncGenerator<Answer, void, undefined>;
  /** Fetches what little is known to be needed before anybody asks: the name of the set, and code for its languages. */
  prepare(): Promise<void>;
  /** Fetches what every query needs. */
  warm(signal?: AbortSignal): Promise<void>;
}

interface Opened {
  start: InstantStart;
  analysers: Analyser[];
  /** First page of each cards part, then the number of pages. */
  cardPages: Uint32Array;
}

/** What one query reads and cannot do without, said once each. */
interface Asking {
  opened: Opened;
  notices: Notices;
  signal: AbortSignal | undefined;
}

export function openInstant(files: InstantFiles): InstantSearcher {
  const caches = {
    words: new BlockCache<WordPart>(budgetBytes),
    cells: new BlockCache<Cell>(budgetBytes),
    cards: new BlockCache<Card[]>(budgetBytes),
  };
  let opening: Promise<Opened> | null = null;

  function open(): Promise<Opened> {
    opening ??= (async () => {
      // Stemmers and stop words are on their way while the numbers are.
      const { languages } = await files.head();
      const [start, ...analysers] = await Promise.all([files.start(), ...languages.map(loadAnalyser)]);
      return { start, analysers, cardPages: Uint32Array.of(...start.firstPages, start.pages) };
    })().catch((error) => {
      opening = null;
      throw error;
    });
    return opening;
  }

  /** Null where the part is not to be had; the query goes on without it. */
  function readPart<T>(
    kind: PackKind,
    cache: BlockCache<T>,
    i: number,
    decode: (payload: Uint8Array, path: string) => T,
    { opened, notices, signal }: Asking,
  ): Promise<T | null> {
    const { sizes } = opened.start.packs[kind];
    const read = cache
      .get(`${i}`, sizes[i]!, async () => decode(await files.part(kind, i), `${kind} ${i}`))
      .catch((error) => {
        throw isReplaced(error) ? new Replaced(error) : error;
      });
    return readOrNotice(read, notices, signal);
  }

  const readWords = (i: number, asking: Asking) => {
    const { pages, meaning } = asking.opened.start;
    const shape = { pages, dim: meaning?.dim ?? 0 };
    return readPart('words', caches.words, i, (payload, path) => decodeWords(payload, shape, path), asking);
  };
  const readCell = (i: number, asking: Asking) => {
    const { dim, bits } = asking.opened.start.meaning!;
    const decode = (payload: Uint8Array, path: string) => decodeCell(payload, dim, bits, path);
    return readPart('cells', caches.cells, i, decode, asking);
  };
  const readCard = async (page: number, asking: Asking): Promise<Card | null> => {
    const { cardPages } = asking.opened;
    const part = rangeOf(cardPages, page);
    const cards = await readPart('cards', caches.cards, part, decodeCards, asking);
    return cards?.[page - cardPages[part]!] ?? null;
  };

  async function* answer(query: string, options: InstantOptions): AsyncGenerator<Answer, void, undefined> {
    const { limit = defaultLimit, passagesPerPage = defaultPassagesPerPage, signal } = options;
    const began = performance.now();
    const ms: StageMs = { total: 0 };
    const end = (stage: string) => {
      const now = performance.now() - began;
      ms[stage] = now - ms.total;
      ms.total = now;
    };
    const opened = await open();
    const { start } = opened;
    const notices = new Notices();
    const asking: Asking = { opened, notices, signal };
    end('open');

    const analysers = analysersFor(options.language, opened, notices);
    const terms = queryTerms(normaliseText(query), analysers, {
      // A space says that the last word is finished.
      prefix: !/\s$/.test(query),
    });
    const { matches } = await lookUpWords(terms, analysers, {
      firstTerms: start.firstTerms,
      readPart: (i) => readWords(i, asking),
    });
    const pageWords = new PageWords(start.pages, start.passages, start.weights);
    for (const { answers, query: term } of matches) pageWords.add(answers, term.weight);
    const byWords = rankInstantPages(pageWords.matched, pageWords, null, start);
    end('words');

    const marksOf = (text: string) => markTerms(text, terms, opened.analysers);
    const assemble = async (tier: Answer['tier'], ranked: RankedPage[]): Promise<Answer> => {
      const places = placesOf(ranked);
      const reads = ranked.slice(0, limit).map(async (page) => {
        const card = await readCard(page.page, asking);
        return card && cardHit(page, card, marksOf, passagesPerPage, places);
      });
      const hits = (await Promise.all(reads)).filter((hit) => hit !== null);
      for (const [i, hit] of hits.entries()) hit.rank = i + 1;
      end('cards');
      return { query, tier, hits, ms: { ...ms }, found: ranked.length, notices: notices.list() };
    };

    const { meaning, design } = start;
    const vector = meaning && sumOfRows(matches, meaning.dim);
    if (!meaning || !vector) {
      // Expanded pages stand under words that they only mean: that is all this design knows, at once.
      yield await assemble(design === 'expansion' ? 'instant' : 'lexical', byWords);
      return;
    }
    // On their way while the first list is put together; asked for second, so that cards come first on a slow line.
    const first = assemble('lexical', byWords);
    const leading = byWords.slice(0, guides).map(({ page }) => page);
    const reading = Promise.all(
      chooseCells(vector, meaning, leading).map(async (i) => [i, await readCell(i, asking)] as const),
    );
    reading.catch(() => {});
    yield await first;
    const cells = new Map((await reading).flatMap(([i, cell]) => (cell ? [[i, cell]] : [])));
    end('cells');
    const meant = scanCells(vector, cells, meaning, leading);
    const pages = new Set([...byWords.slice(0, depth).map(({ page }) => page), ...meant.pages]);
    yield await assemble('instant', rankInstantPages(pages, pageWords, meant, start));
  }

  return {
    async *steps(query, options = {}) {
      try {
        yield* answer(query, options);
      } catch (error) {
        if (!(error instanceof Replaced)) throw error;
        // A deploy has put another set in this one's place.
        opening = null;
        for (const cache of Object.values(caches)) cache.clear();
        yield* answer(query, options);
      }
    },
    async prepare() {
      const { languages } = await files.head();
      await Promise.all(languages.map(loadAnalyser));
    },
    async warm(signal) {
      await open();
      signal?.throwIfAborted();
    },
  };
}

/** Passes through what turns other errors into notices. */
class Replaced extends Error {
  constructor(cause: unknown) {
    super('replaced', { cause });
  }
}

function isReplaced(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'instant-replaced';
}

/** A query is read in every language of the index, unless it says its own. */
function analysersFor(
  language: string | undefined,
  { start, analysers }: Opened,
  notices: Notices,
): Analyser[] {
  if (start.analyser !== analyserVersion) {
    notices.add(
      `Words are not searched: expected an index with analyser ${analyserVersion}, received ${start.analyser}; index again`,
    );
    return [];
  }
  const base = language?.toLowerCase().split('-')[0];
  const chosen = analysers.filter((entry) => entry.language === base);
  return chosen.length > 0 ? chosen : analysers;
}

/** The query's vector, of length 1; null: no word of it has a row. */
function sumOfRows(matches: readonly WordMatch[], dim: number): Float32Array | null {
  const sum = new Float32Array(dim);
  for (const { row, query } of matches)
    if (row) for (let d = 0; d < dim; d++) sum[d]! += query.weight * row[d]!;
  const length = Math.hypot(...sum);
  return length > 0 ? sum.map((x) => x / length) : null;
}
