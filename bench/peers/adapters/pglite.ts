/** PGlite with pgvector: a table of bit(384) in memory, read row by row or through an HNSW index. */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { type Codes, codeBytes, dim, rowOf } from '../codes';
import type { LoadedPeer } from '../peer';

/** Rows an insert. */
const batch = 5000;

// With the id in the order the answer is exact to the tie; the index cannot serve that order.
export const loadTable = (codes: Codes) => load(codes, '', 'code <~> $1::bit(384), id');

export const loadGraph = (codes: Codes) =>
  load(
    codes,
    'create index on codes using hnsw (code bit_hamming_ops); set hnsw.ef_search = 64; set enable_seqscan = off;',
    'code <~> $1::bit(384)',
  );

async function load({ n, codes }: Codes, setUp: string, order: string): Promise<LoadedPeer> {
  const database = await PGlite.create({ extensions: { vector } });
  await database.exec(`create extension vector; create table codes (id int primary key, code bit(${dim}))`);
  for (let from = 0; from < n; from += batch) {
    const ids = Array.from({ length: Math.min(batch, n - from) }, (_, i) => from + i);
    const rows = ids.map((i) => bitsOf(rowOf(codes, i, codeBytes)));
    await database.query(
      `insert into codes select * from unnest($1::int[], string_to_array($2, ',')::bit(${dim})[])`,
      [ids, rows.join()],
    );
  }
  await database.exec(`${setUp} analyze codes;`);
  return {
    prepare(code, k) {
      const bits = bitsOf(code);
      const sql = `select id from codes order by ${order} limit ${k}`;
      return async () => (await database.query<{ id: number }>(sql, [bits])).rows.map(({ id }) => id);
    },
    close: () => database.close(),
  };
}

function bitsOf(code: Uint8Array): string {
  return Array.from(code, (byte) => byte.toString(2).padStart(8, '0')).join('');
}
