/**
 * The dictionaries of all segments as one: what a query asks a bundle's dictionary for.
 * In: the segments of a view. Out: terms whose postings are those of all segments, numbered through, without removed passages.
 * So document frequencies are those of an index made of the remaining documents alone. Deliberately not here: scores.
 */
import type { BlockCache } from '../search/block-cache';
import { byFrequency, createDictionary, type Dictionary } from '../search/dictionary';
import type { ReadOrNull } from '../search/notices';
import type { PostingsBlock, PostingsSlice } from '../segment/postings-block';
import { deadPassages, type SegmentPart } from './view';

/** Terms and prefixes kept with their postings: of the words typed so far, and of the query that comes again with its embedding. */
const mostKept = 24;

type Postings = ReturnType<PostingsSlice['read']>;

/** A term of several segments. */
class LiveTerm implements PostingsSlice {
  readonly term: string;
  readonly #slices: { part: SegmentPart; slice: PostingsSlice }[] = [];
  /** Removed passages included: no lower than `df`. */
  mostDf = 0;
  #hasDead = false;
  #decoded: Postings | null = null;

  constructor(term: string) {
    this.term = term;
  }

  /** In the order of the corpus. */
  add(part: SegmentPart, slice: PostingsSlice): void {
    this.#slices.push({ part, slice });
    this.mostDf += slice.df;
    this.#hasDead ||= part.dead !== null;
  }

  /** Cost: decodes the postings where a segment has removed pages. */
  get df(): number {
    return this.#hasDead ? this.read().ordinals.length : this.mostDf;
  }

  read(): Postings {
    this.#decoded ??= this.#decode();
    return this.#decoded;
  }

  #decode(): Postings {
    const ordinals = new Uint32Array(this.mostDf);
    const frequencies = new Uint8Array(this.mostDf);
    let n = 0;
    for (const { part, slice } of this.#slices) {
      const own = slice.read();
      const dead = deadPassages(part);
      for (let i = 0; i < own.ordinals.length; i++) {
        const ordinal = own.ordinals[i]!;
        if (dead && (dead[ordinal >> 5]! >> (ordinal & 31)) & 1) continue;
        ordinals[n] = part.passage + ordinal;
        frequencies[n] = own.frequencies[i]!;
        n++;
      }
    }
    // They hold on to their blocks.
    this.#slices.length = 0;
    return { ordinals: ordinals.subarray(0, n), frequencies: frequencies.subarray(0, n) };
  }
}

/** `blocks`: kept from state to state. */
export function createLiveDictionary(
  parts: readonly SegmentPart[],
  blocks: BlockCache<PostingsBlock>,
): Dictionary {
  const own = parts.map((part) => {
    const { segment } = part.reader;
    const dictionary = createDictionary(part.reader, segment.postings, segment.counts.passages, blocks);
    return { part, dictionary };
  });

  /** What each segment has, by term. */
  async function merged(
    ask: (dictionary: (typeof own)[number]['dictionary']) => Promise<readonly PostingsSlice[]>,
  ): Promise<LiveTerm[]> {
    const terms = new Map<string, LiveTerm>();
    const found = await Promise.all(own.map(({ dictionary }) => ask(dictionary)));
    for (const [i, { part }] of own.entries())
      for (const slice of found[i]!) {
        let term = terms.get(slice.term);
        if (!term) {
          term = new LiveTerm(slice.term);
          terms.set(slice.term, term);
        }
        term.add(part, slice);
      }
    return [...terms.values()];
  }

  const kept = new Map<string, LiveTerm[]>();

  /** Keeps what `ask` gives; not where a block could not be read. */
  async function keep(
    key: string,
    read: ReadOrNull,
    ask: (read: ReadOrNull) => Promise<LiveTerm[]>,
  ): Promise<LiveTerm[]> {
    const known = kept.get(key);
    if (known) {
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    let isWhole = true;
    const terms = await ask(async (block) => {
      const value = await read(block);
      isWhole &&= value !== null;
      return value;
    });
    if (isWhole) kept.set(key, terms);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
    return terms;
  }

  return {
    async find(term, read) {
      const [found] = await keep(`= ${term}`, read, (read) =>
        merged(async (dictionary) => {
          const slice = await dictionary.find(term, read);
          return slice ? [slice] : [];
        }),
      );
      return found && found.df > 0 ? found : null;
    },
    completions: (prefix, most, read) =>
      keep(`${most} ${prefix}`, read, async (read) =>
        mostFrequent(await merged((dictionary) => dictionary.withPrefix(prefix, read)), most),
      ),
    // Not kept: these are a stretch of every dictionary.
    near: (word, read) => merged((dictionary) => dictionary.near(word, read)),
  };
}

/** Those that cannot be among the first are not decoded. */
function mostFrequent(terms: readonly LiveTerm[], most: number): LiveTerm[] {
  const kept: LiveTerm[] = [];
  for (const term of [...terms].sort((a, b) => b.mostDf - a.mostDf)) {
    const last = kept.length === most ? kept.at(-1) : undefined;
    if (last && term.mostDf < last.df) break;
    if (term.df === 0 || (last && byFrequency(last, term) < 0)) continue;
    if (last) kept.pop();
    kept.push(term);
    kept.sort(byFrequency);
  }
  return kept;
}
