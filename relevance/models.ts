/**
 * The models of a measurement, opened as `nearbit index` opens them.
 * In: a folder, or none for the embedded model. Out: encoders for documents and queries.
 */
import { openRunModels, type RunModels } from '../src/cli/model';

/** Sources run as they are here, but a thread needs a built file; run.mjs builds it. */
const script = new URL('../dist/node/encode.thread.js', import.meta.url);

/** Errors: model-missing, model-damaged. */
export function openModels(model?: string): Promise<RunModels> {
  return openRunModels({ model, documentModel: undefined, script });
}
