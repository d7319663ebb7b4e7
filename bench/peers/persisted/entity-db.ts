/** EntityDB: each document a record of IndexedDB with its embedding, all of them read for every query. It searches no words. */
import { EntityDB } from '@babycommando/entity-db';
import type { Contestant } from '../../live/contestant';

export function entityDb(): Contestant {
  let database: EntityDB;
  return {
    async open() {
      database = new EntityDB({ vectorPath: 'vector' });
    },
    // Every insert is a transaction of its own; all of a batch are under way at once.
    async add(documents) {
      await Promise.all(
        documents.map(({ id, title, text, embedding }) =>
          database.insertManualVectors({ vector: Array.from(embedding), id, title, text }),
        ),
      );
    },
    async persist() {},
    async meaning(embedding) {
      const found = await database.queryManualVectors(Array.from(embedding), { limit: 10 });
      return found.map(({ id }) => id);
    },
  };
}
