/**
 * Which terms an index holds, as a query asks for them: one term, those that begin so, those spelt nearly so.
 * In: references of posting blocks and a way to read them. Out: terms whose postings are decoded when asked for.
 * Deliberately not here: which terms answer a word (lexical/expand.ts), and dictionaries of several segments (live room).
 */
import { respellings } from '../lexical/spelling';
import { blockPath } from '../segment/block';
import {
  openPostings,
  type PostingsBlock,
  type PostingsSlice,
  postingsRefOf,
  postingsRefsWithPrefix,
} from '../segment/postings-block';
import type { ReadableStore } from '../store/store';
import type { PostingsRef } from '../types';
import { BlockCache } from './block-cache';
import type { ReadOrNull } from './notices';

/** Posting blocks kept inflated. */
const postingsBudgetBytes = 8 * 2 ** 20;
/** A short beginning of a word spans many blocks; the first ones stand for it until more is typed. */
const maxPrefixBlocks = 4;
/** Completions of a block looked at before the most frequent are kept. */
const maxCompletions = 2000;
/** Blocks in which words spelt nearly like an unknown one are looked for; its own is read anyway. */
const maxSpellingBlocks = 3;

/** Blocks that cannot be read are left out; `read` says so. */
export interface Dictionary {
  find(term: string, read: ReadOrNull): Promise<PostingsSlice | null>;
  /** The `most` most frequent terms that begin with `prefix`, most frequent first. */
  completions(prefix: string, most: number, read: ReadOrNull): Promise<PostingsSlice[]>;
  /** Terms with the word's first letter, out of the stretches in which words spelt nearly like it stand; some may have df 0. */
  near(word: string, read: ReadOrNull): Promise<PostingsSlice[]>;
}

/** Most frequent first, then in order of the terms. */
export function byFrequency(a: PostingsSlice, b: PostingsSlice): number {
  return b.df - a.df || (a.term < b.term ? -1 : 1);
}

/** A dictionary of one bundle or segment. */
export interface BlockDictionary extends Dictionary {
  /** The terms that begin with `prefix`, in order, as far as few blocks hold them. */
  withPrefix(prefix: string, read: ReadOrNull): Promise<PostingsSlice[]>;
}

/** `passages`: of the bundle or segment. `blocks`: may be shared with other dictionaries. */
export function createDictionary(
  store: Pick<ReadableStore, 'readBlock'>,
  refs: readonly PostingsRef[],
  passages: number,
  blocks = new BlockCache<PostingsBlock>(postingsBudgetBytes),
): BlockDictionary {
  const open = (ref: PostingsRef, read: ReadOrNull) =>
    read(
      blocks.get(ref.hash, ref.bytes * 2, async () =>
        openPostings(await store.readBlock('postings', ref), blockPath('postings', ref), passages),
      ),
    );
  const slices = async (refs: readonly PostingsRef[], prefix: string, most: number, read: ReadOrNull) => {
    const opened = await Promise.all(refs.map((ref) => open(ref, read)));
    return opened.flatMap((block) => block?.withPrefix(prefix, most) ?? []);
  };
  const withPrefix = (prefix: string, read: ReadOrNull) =>
    slices(postingsRefsWithPrefix(refs, prefix).slice(0, maxPrefixBlocks), prefix, maxCompletions, read);
  return {
    withPrefix,
    async find(term, read) {
      const ref = postingsRefOf(refs, term);
      return (ref && (await open(ref, read))?.find(term)) ?? null;
    },
    completions: async (prefix, most, read) =>
      (await withPrefix(prefix, read)).sort(byFrequency).slice(0, most),
    near(word, read) {
      const places = new Map<PostingsRef, number>();
      // Other letters come to much the same places as those of the word.
      for (const spelling of respellings(word, word)) {
        const ref = postingsRefOf(refs, spelling);
        if (ref) places.set(ref, (places.get(ref) ?? 0) + 1);
      }
      const most = [...places].sort((a, b) => b[1] - a[1]).slice(0, maxSpellingBlocks);
      return slices(
        most.map(([ref]) => ref),
        word[0]!,
        Number.POSITIVE_INFINITY,
        read,
      );
    },
  };
}
