/** Orama: words and embeddings in memory; kept as a whole by its persistence plugin. */
import { create, insertMultiple, type Orama, search, searchVector } from '@orama/orama';
import { persist, restore } from '@orama/plugin-data-persistence';
import type { Contestant } from '../../live/contestant';
import { readRecord, writeRecord } from './one-record';

const name = 'orama';

/** `binary` is the plugin's default: MessagePack, written out as hexadecimal digits where there is no Node. */
export function orama(format: 'binary' | 'json'): Contestant {
  let index: Orama;
  return {
    async open() {
      const data = await readRecord<string>(name);
      const schema = { id: 'string', title: 'string', text: 'string', embedding: 'vector[384]' };
      index = data ? await restore(format, data) : create({ schema });
    },
    async add(documents) {
      await insertMultiple(
        index,
        documents.map(({ id, title, text, embedding }) => ({
          id,
          title,
          text,
          embedding: Array.from(embedding),
        })),
        500,
      );
    },
    persist: async () => writeRecord(name, await persist(index, format)),
    async words(term) {
      const { hits } = await search(index, { term, limit: 10, boost: { title: 2 } });
      return hits.map(({ id }) => id);
    },
    async meaning(value) {
      const { hits } = await searchVector(index, {
        vector: { value, property: 'embedding' },
        similarity: 0,
        limit: 10,
      });
      return hits.map(({ id }) => id);
    },
  };
}
