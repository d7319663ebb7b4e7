/** sqlite-vec's own WASM build: a vec0 table of bit vectors in memory. */
import init from 'sqlite-vec-wasm-demo';
import { type Codes, codeBytes, dim, rowOf } from '../codes';
import type { LoadedPeer } from '../peer';

export async function load({ n, codes }: Codes): Promise<LoadedPeer> {
  const { oo1 } = await init();
  const database = new oo1.DB(':memory:');
  database.exec(`create virtual table codes using vec0(code bit[${dim}])`);
  const insert = database.prepare('insert into codes(rowid, code) values (?, vec_bit(?))');
  database.exec('begin');
  for (let i = 0; i < n; i++) insert.bind([i, rowOf(codes, i, codeBytes)]).stepReset();
  database.exec('commit');
  insert.finalize();
  const search = database.prepare(
    'select rowid from codes where code match vec_bit(?) and k = ? order by distance',
  );
  return {
    prepare: (code, k) => () => {
      const ordinals: number[] = [];
      search.bind([code, k]);
      while (search.step()) ordinals.push(search.getInt(0)!);
      search.reset();
      return ordinals;
    },
    close() {
      search.finalize();
      database.close();
    },
  };
}
