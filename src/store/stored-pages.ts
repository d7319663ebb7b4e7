/**
 * All pages of an index, in their order, read from its texts blocks.
 * In: a store and the groups of pages. Out: stored pages, a group at a time in memory.
 */
import { blockPath } from '../segment/block';
import { decodeTexts } from '../segment/texts-block';
import type { Manifest, StoredPage } from '../types';
import type { ReadableStore } from './store';

/** Errors: StoreError block-missing; FormatError format-corrupt. */
export async function* readStoredPages(
  store: ReadableStore,
  { groups }: Pick<Manifest, 'groups'>,
): AsyncGenerator<StoredPage> {
  for (const { texts } of groups)
    yield* decodeTexts(await store.readBlock('texts', texts), blockPath('texts', texts));
}
