/** sqlite-vec, native: a vec0 table of bit vectors in memory, through node:sqlite. */
import { DatabaseSync } from 'node:sqlite';
import { load } from 'sqlite-vec';
import { type Codes, codeBytes, dim, rowOf } from '../codes';
import type { LoadedPeer } from '../peer';

export async function loadNative({ n, codes }: Codes): Promise<LoadedPeer> {
  const database = new DatabaseSync(':memory:', { allowExtension: true });
  load(database);
  database.exec(`create virtual table codes using vec0(code bit[${dim}])`);
  const insert = database.prepare('insert into codes(rowid, code) values (?, vec_bit(?))');
  database.exec('begin');
  // vec0 takes whole numbers only as BigInt.
  for (let i = 0; i < n; i++) insert.run(BigInt(i), rowOf(codes, i, codeBytes));
  database.exec('commit');
  const search = database.prepare(
    'select rowid from codes where code match vec_bit(?) and k = ? order by distance',
  );
  return {
    prepare: (code, k) => () => search.all(code, k).map(({ rowid }) => Number(rowid)),
    close: () => database.close(),
  };
}
