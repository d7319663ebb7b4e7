/**
 * Stands in for @xenova/transformers, which two peers import and EntityDB calls for every query: it has no other way in.
 * In: vectors under the texts that stand for them. Out: a "pipeline" that looks a text's vector up and encodes nothing.
 */
const vectors = new Map();

/** From now on, encoding this text yields this vector. */
export function teach(text, vector) {
  vectors.set(text, vector);
}

export const env = { backends: { onnx: { wasm: {} } } };

export async function pipeline() {
  return async (text) => ({ data: vectors.get(text) });
}
