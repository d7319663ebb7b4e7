/**
 * A reranker in Node, from a folder on disk.
 * In: the folder's path. Out: a Reranker on native ONNX Runtime where it is installed, else on
 * WebAssembly.
 */
import { type NodeEncoderOptions, nodeModelFolder, openNodeGraph } from '../embed/node-encoder.node';
import { openPairEncoder } from '../embed/pair-encoder';
import { openPairSession } from '../embed/pair-session';
import { createReranker, type Reranker } from './reranker';

/** Errors: ModelError model-missing, model-damaged, runtime-refused. */
export async function openReranker(
  folder: string,
  options: Pick<NodeEncoderOptions, 'threads' | 'runtime'> = {},
): Promise<Reranker> {
  const encoder = await openPairEncoder(
    nodeModelFolder(folder),
    async (weights) => (await openNodeGraph(weights, options, openPairSession)).session,
  );
  return createReranker(encoder);
}
