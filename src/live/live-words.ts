/**
 * The dictionaries of all segments as one: what a query asks a bundle's dictionary for.
 * In: the segments of a view. Out: terms whose postings are those of all segments, numbered through, without removed passages.
 * So document frequencies are those of an index made of the remaining documents alone. Deliberately not here: scores.
 */
import type { BlockCache } from '../search/block-cache';
import { byFrequency, createDictionary, type Dictionary } from '../search/dictionary';
import { rangeOf } from '../search/layout';
import type { ReadOrNull } from '../search/notices';
import { isDead } from '../segment/dead-block';
import type { PostingsBlock, PostingsSlice } from '../segment/postings-block';
import type { SegmentPart } from './view';

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
      const { dead, layout } = part;
      for (let i = 0; i < own.ordinals.length; i++) {
        const ordinal = own.ordinals[i]!;
        if (dead && isDead(dead, rangeOf(layout.pageStart, ordinal))) continue;
        ordinals[n] = part.passage + ordinal;
        frequencies[n] = own.frequencies[i]!;
        n++;
      }
    }
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

  return {
    async find(term: string, read: ReadOrNull) {
      const [found] = await merged(async (dictionary) => {
        const slice = await dictionary.find(term, read);
        return slice ? [slice] : [];
      });
      return found && found.df > 0 ? found : null;
    },
    completions: async (prefix, most, read) =>
      mostFrequent(await merged((dictionary) => dictionary.withPrefix(prefix, read)), most),
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
