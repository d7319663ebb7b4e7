/**
 * A live index that is searched, for tests: segments made by hand, shown to a searcher as the engine shows them.
 * In: an index of tidy-index.fixture.ts. Out: answers of its newest state.
 */
import type { Kernel } from '../kernels/kernel';
import { portableKernel } from '../kernels/portable';
import type { Answer, SearchOptions } from '../types';
import { createLiveSearcher, type LiveSearcher } from './live-searcher';
import type { TestIndex } from './tidy-index.fixture';

export interface SearchedIndex {
  searcher: LiveSearcher;
  show(): void;
  search(query: string, embedding?: Float32Array | null, options?: SearchOptions): Promise<Answer>;
}

/** Shows the newest state before every search. */
export function searched(index: TestIndex, kernel: Kernel = portableKernel): SearchedIndex {
  const searcher = createLiveSearcher({ kernel, small: kernel });
  const show = () =>
    searcher.show(
      index.writer.manifest,
      index.readers.of(index.writer.manifest, index.base),
      index.base?.manifest,
    );
  return {
    searcher,
    show,
    search(query, embedding = null, options = {}) {
      show();
      return searcher.search(query, embedding, options);
    },
  };
}

export const idsOf = ({ hits }: Answer): string[] => hits.map(({ id }) => id);
