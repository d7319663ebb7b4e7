/** PGlite with pgvector: one table, PostgreSQL's text search, cosine over all rows; its files in IndexedDB or in OPFS. */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { Contestant } from '../../live/contestant';

const schema = `create extension if not exists vector;
create table if not exists notes (
  id text primary key, title text, body text, embedding vector(384),
  words tsvector generated always as (to_tsvector('english', title || ' ' || body)) stored
);
create index if not exists notes_words on notes using gin (words);`;

/** `dataDir`: `idb://…`, or `opfs-ahp://…` in a worker. */
export function pglite(dataDir: string): Contestant {
  let database: PGlite;
  return {
    async open() {
      database = await PGlite.create({ dataDir, extensions: { vector } });
      await database.exec(schema);
    },
    async add(documents) {
      await database.query(
        `insert into notes (id, title, body, embedding)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]::vector(384)[])`,
        [
          documents.map(({ id }) => id),
          documents.map(({ title }) => title),
          documents.map(({ text }) => text),
          documents.map(({ embedding }) => `[${embedding.join()}]`),
        ],
      );
    },
    // A statement is on the device when it is done: no relaxed durability is asked for.
    async persist() {},
    async words(query) {
      // Any word may match, as with the others.
      const asked = (query.match(/[\p{L}\p{N}]+/gu) ?? []).join(' or ');
      const { rows } = await database.query<{ id: string }>(
        `select id from notes, websearch_to_tsquery('english', $1) asked where words @@ asked
         order by ts_rank(words, asked) desc limit 10`,
        [asked],
      );
      return rows.map(({ id }) => id);
    },
    async meaning(embedding) {
      const { rows } = await database.query<{ id: string }>(
        'select id from notes order by embedding <=> $1 limit 10',
        [`[${embedding.join()}]`],
      );
      return rows.map(({ id }) => id);
    },
  };
}
