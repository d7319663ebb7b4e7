/**
 * What every operation on a live index is given.
 * In: nothing. Out: types only.
 */
import type { LiveStore } from '../store/live-store';
import type { BaseBundle } from './base';
import type { KnownIds } from './known-ids';
import type { SegmentReaders } from './segment-reader';
import type { LiveWriter } from './writer';

export interface LiveParts {
  writer: LiveWriter;
  store: LiveStore;
  readers: SegmentReaders;
  /** The bundle that the index lies over. */
  base: BaseBundle | null;
  ids: KnownIds;
  /** Of documents that do not say. '': each is guessed. */
  language: string;
}
