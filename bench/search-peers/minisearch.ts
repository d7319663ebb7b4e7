/** MiniSearch: BM25+ over fields; any word may match. Its README's boost, prefix and fuzzy, and without the two. */
import { importPackage } from './packages';
import type { SearchPeer } from './peer';

interface Options {
  boost: Record<string, number>;
  prefix?: boolean;
  fuzzy?: number;
}
type Row = Record<'id' | 'title' | 'headings' | 'text', string | number>;
interface Package {
  default: new (options: {
    fields: string[];
    searchOptions: Options;
  }) => { addAll(rows: Row[]): void; search(query: string): { id: number }[] };
}

export const miniSearchWords = peer('MiniSearch', { boost: { title: 2 } });
export const miniSearchFuzzy = peer('MiniSearch, prefix and fuzzy', {
  boost: { title: 2 },
  prefix: true,
  fuzzy: 0.2,
});

function peer(name: string, searchOptions: Options): SearchPeer {
  return {
    name,
    packages: ['minisearch'],
    async open({ documents }) {
      const { default: MiniSearch } = await importPackage<Package>('minisearch/dist/es/index.js');
      const index = new MiniSearch({ fields: ['title', 'headings', 'text'], searchOptions });
      index.addAll(documents.map(({ title, headings, text }, id) => ({ id, title, headings, text })));
      return {
        rank: async (queries, limit) =>
          queries.map((query) =>
            index
              .search(query)
              .slice(0, limit)
              .map(({ id }) => id),
          ),
        close() {},
      };
    },
  };
}
