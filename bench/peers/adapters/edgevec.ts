/** EdgeVec: packed codes in WASM memory, scanned or as a graph. */
import init, { EdgeVec, EdgeVecConfig, JsIndexType, MetricType, VectorType } from 'edgevec';
import { type Codes, codeBytes, dim, rowOf } from '../codes';
import type { LoadedPeer } from '../peer';

const ef = 64;

export const loadFlat = (codes: Codes) =>
  load(codes, JsIndexType.Flat, (index, code, k) => index.searchBinary(code, k));

export const loadGraph = (codes: Codes) =>
  load(codes, JsIndexType.Hnsw, (index, code, k) => index.searchBinaryWithEf(code, k, ef));

async function load(
  { n, codes }: Codes,
  type: JsIndexType,
  search: (index: EdgeVec, code: Uint8Array, k: number) => { id: number }[],
): Promise<LoadedPeer> {
  await init();
  const config = new EdgeVecConfig(dim);
  config.indexType = type;
  config.vector_type = VectorType.Binary;
  config.setMetricType(MetricType.Hamming);
  const index = new EdgeVec(config);
  // Ids come from the index: its first is 0 or 1, as the kind has it.
  const first = index.insertBinary(rowOf(codes, 0, codeBytes));
  for (let i = 1; i < n; i++) index.insertBinary(rowOf(codes, i, codeBytes));
  return {
    prepare: (code, k) => () => search(index, code, k).map(({ id }) => id - first),
    close: () => index.free(),
  };
}
