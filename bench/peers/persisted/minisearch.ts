/** MiniSearch: words only, in memory; kept as one JSON text, as its documentation shows. */
import MiniSearch from 'minisearch';
import type { Contestant } from '../../live/contestant';
import { readRecord, writeRecord } from './one-record';

const options = { fields: ['title', 'text'], searchOptions: { boost: { title: 2 } } };
const name = 'minisearch';

export function miniSearch(): Contestant {
  let index: MiniSearch;
  return {
    async open() {
      const json = await readRecord<string>(name);
      index = json ? MiniSearch.loadJSON(json, options) : new MiniSearch(options);
    },
    async add(documents) {
      index.addAll(documents.map(({ id, title, text }) => ({ id, title, text })));
    },
    persist: () => writeRecord(name, JSON.stringify(index)),
    async words(query) {
      return index
        .search(query)
        .slice(0, 10)
        .map(({ id }) => id);
    },
  };
}
