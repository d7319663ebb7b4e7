/** Orama: BM25 over fields, by default any word or its beginning; as it comes, and with its English stemmer and stop words. */
import { importPackage } from './packages';
import type { SearchPeer } from './peer';

interface Index {
  readonly data: unknown;
}
interface Package {
  create(options: { schema: Record<string, string>; components: { tokenizer: object } }): Index;
  insertMultiple(index: Index, rows: Record<string, string>[], batchSize: number): Promise<string[]>;
  search(
    index: Index,
    options: { term: string; limit: number; boost: Record<string, number> },
  ): Promise<{ hits: { id: string }[] }>;
}

export const oramaDefault = peer('Orama', async () => ({}));
export const oramaEnglish = peer('Orama, English stems and stop words', async () => {
  const { stopwords } = await importPackage<{ stopwords: string[] }>('@orama/stopwords/dist/en.js');
  const { stemmer } = await importPackage<{ stemmer(word: string): string }>('@orama/stemmers/dist/en.js');
  return { language: 'english', stemming: true, stemmer, stopWords: stopwords };
});

function peer(name: string, tokenizerOf: () => Promise<object>): SearchPeer {
  return {
    name,
    packages: ['@orama/orama'],
    async open({ documents }) {
      const { create, insertMultiple, search } = await importPackage<Package>(
        '@orama/orama/dist/esm/index.js',
      );
      const schema = { title: 'string', headings: 'string', text: 'string' };
      const index = create({ schema, components: { tokenizer: await tokenizerOf() } });
      const rows = documents.map(({ title, headings, text }, place) => ({
        id: `${place}`,
        title,
        headings,
        text,
      }));
      await insertMultiple(index, rows, 500);
      return {
        async rank(queries, limit) {
          const lists: number[][] = [];
          for (const term of queries) {
            const { hits } = await search(index, { term, limit, boost: { title: 2 } });
            lists.push(hits.map(({ id }) => Number(id)));
          }
          return lists;
        },
        close() {},
      };
    },
  };
}
