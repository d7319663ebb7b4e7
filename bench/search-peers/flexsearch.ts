/**
 * FlexSearch: scores by how early a word stands. `suggest` lets words be missing: without it most questions find nothing.
 * Fields, as its documentation shows a document index, are merged field by field: all that a title finds comes first.
 * The same words as one text beside it; contextual search and the plain encoder gave lower figures and are left out.
 */
import { importPackage } from './packages';
import type { SearchPeer } from './peer';

interface Row {
  id: number;
  title: string;
  headings: string;
  text: string;
}
interface Package {
  Document: new (
    options: object,
  ) => {
    add(row: Row): void;
    search(query: string, options: { limit: number; suggest: true; merge: true }): { id: number }[];
  };
  Index: new (
    options: object,
  ) => {
    add(id: number, text: string): void;
    search(query: string, options: { limit: number; suggest: true }): number[];
  };
  Encoder: new (...presets: object[]) => object;
  Charset: { LatinBalance: object };
}

export const flexSearchFields: SearchPeer = {
  name: 'FlexSearch, fields, word beginnings',
  packages: ['flexsearch'],
  async open({ documents }) {
    const { Document, encoder } = await load();
    const index = new Document({
      tokenize: 'forward',
      encoder,
      document: { id: 'id', index: ['title', 'headings', 'text'] },
    });
    for (const [id, { title, headings, text }] of documents.entries())
      index.add({ id, title, headings, text });
    return {
      rank: async (queries, limit) =>
        queries.map((query) => {
          const found = index.search(query, { limit, suggest: true, merge: true });
          return found.slice(0, limit).map(({ id }) => id);
        }),
      close() {},
    };
  },
};

export const flexSearchWhole: SearchPeer = {
  name: 'FlexSearch, page as one text',
  packages: ['flexsearch'],
  async open({ documents }) {
    const { Index, encoder } = await load();
    const index = new Index({ encoder });
    for (const [id, { title, headings, text }] of documents.entries())
      index.add(id, [title, headings, text].join('\n'));
    return {
      rank: async (queries, limit) => queries.map((query) => index.search(query, { limit, suggest: true })),
      close() {},
    };
  },
};

/** The package and the encoder that its documentation composes for English: a charset and the language's preset. */
async function load() {
  const flexsearch = await importPackage<Package>('flexsearch/dist/flexsearch.bundle.module.min.mjs');
  const { default: english } = await importPackage<{ default: object }>('flexsearch/dist/module/lang/en.js');
  const { Encoder, Charset } = flexsearch;
  return { ...flexsearch, encoder: new Encoder(Charset.LatinBalance, english) };
}
