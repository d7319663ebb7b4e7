/**
 * Which files of an index a query's model is made of, on the runtime that is tried first.
 * In: what the index carries. Out: their names, and their bytes, so that a reader can be asked before.
 */
import type { Progress } from '../../workers/api';
import type { BlockRef, Manifest, ManifestModel } from '../types';

/** Which weights a WebAssembly runtime takes first: small and quick before exact. */
const weightsOrder = [
  'onnx/model_quantized.onnx',
  'onnx/model_q4.onnx',
  'onnx/model_int8.onnx',
  'onnx/model.onnx',
];
export const wasmBinary = 'ort-wasm-simd-threaded.wasm';
/** What is read of a model beside its weights. */
export const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json'];

/** Undefined: the index carries no weights. */
export function weightsFor(files: ManifestModel['files']): string | undefined {
  return weightsOrder.find((path) => path in files) ?? Object.keys(files).find(isWeights);
}

const isWeights = (path: string) => path.endsWith('.onnx');

/** What a first full query fetches beside the index. Units: bytes. */
export function downloads(
  { files }: ManifestModel,
  runtime: Manifest['runtime'],
): { what: Progress['what']; bytes: number }[] {
  const weights = weightsFor(files);
  const sum = (refs: Record<string, BlockRef>, wanted: (path: string) => boolean) =>
    Object.entries(refs).reduce((bytes, [path, ref]) => bytes + (wanted(path) ? ref.bytes : 0), 0);
  return [
    { what: 'model', bytes: sum(files, (path) => path === weights || tokenizerFiles.includes(path)) },
    { what: 'runtime', bytes: sum(runtime, (path) => path === wasmBinary) },
  ];
}
