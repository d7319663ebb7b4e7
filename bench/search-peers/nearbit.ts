/** nearbit itself, by the search that readers run: words alone and both legs; beside them its own vectors as plain floats. */

import type { Prepared } from '../../relevance/prepare';
import { chooseKernel } from '../../src/kernels/choose';
import { rankBy } from '../../src/search/rank-by';
import { openSearcher } from '../../src/search/searcher';
import { bestPassages } from './cosines';
import type { JudgedSet, SearchPeer } from './peer';

export const nearbitFull = peer('nearbit, full', 'fused');
export const nearbitWords = peer('nearbit, words only', 'lexical');

export const ownFloats: SearchPeer = {
  name: "float cosine of nearbit's own weights",
  packages: [],
  async open(set) {
    const prepared = await set.prepared();
    const { embeddings, layout } = prepared;
    const place = placesOf(set, prepared);
    const embedding = embeddingsOf(prepared);
    return {
      rank: async (texts, limit) =>
        texts.map((text) => bestPassages(embedding(text), embeddings, layout, limit).map(place)),
      close() {},
    };
  },
};

function peer(name: string, leg: 'lexical' | 'fused'): SearchPeer {
  return {
    name,
    packages: [],
    async open(set) {
      const prepared = await set.prepared();
      const { kernel } = await chooseKernel();
      const searcher = await openSearcher({ store: prepared.store, kernel });
      const place = placesOf(set, prepared);
      const embedding = embeddingsOf(prepared);
      return {
        async rank(texts, limit) {
          const lists: number[][] = [];
          for (const text of texts) {
            const ranked = await rankBy(searcher, leg, text, leg === 'fused' ? embedding(text) : null);
            lists.push(ranked.slice(0, limit).map(({ page }) => place(page)));
          }
          return lists;
        },
        // The searcher's store is the set's, which other peers read as well.
        close() {},
      };
    },
  };
}

/** From a page of the index to its place among the documents. */
export function placesOf({ documents }: JudgedSet, { pages }: Prepared): (page: number) => number {
  const placeOf = new Map(documents.map(({ id }, place) => [id, place]));
  return (page) => placeOf.get(pages[page]!.id)!;
}

function embeddingsOf({ queries, queryEmbeddings, dim }: Prepared): (text: string) => Float32Array {
  const rowOf = new Map(queries.map(({ text }, row) => [text, row]));
  return (text) => queryEmbeddings.slice(rowOf.get(text)! * dim, (rowOf.get(text)! + 1) * dim);
}
