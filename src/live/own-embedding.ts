/**
 * Embeddings that an app has made itself: checked, and brought to length 1.
 * In: numbers. Out: float32[dim], or an error that names what they belong to.
 */
import { ShapeError } from '../errors';
import type { LiveModel } from '../segment/live-shape';

/** Name of the model in the manifest of an index whose embeddings the app has made. */
export const ownName = "the app's own embeddings";

/** What a manifest says of embeddings that the app has made. `cosineSd`: as estimated from them. */
export function ownModel(dim: number, cosineSd: number): LiveModel {
  return {
    name: ownName,
    dim,
    pooling: 'mean',
    maxTokens: 0x7fffffff,
    queryPrefix: '',
    passagePrefix: '',
    cosineSd,
    documentWeights: '',
    files: {},
    canaries: [],
    folder: null,
  };
}

/**
 * Shapes: float32[dim], of length 1; `dim` null: any multiple of 8 up to 1,024. A copy.
 * Errors: ShapeError shape-mismatch for another number of numbers, for numbers that are not finite, for zeros alone.
 */
export function readEmbedding(what: string, given: unknown, dim: number | null = null): Float32Array {
  const wrong = (expected: string, received: string | number) =>
    new ShapeError('shape-mismatch', { what, expected, received });
  if (!isList(given)) throw wrong('a Float32Array or an array of numbers', typeof given);
  if (dim !== null && given.length !== dim) throw wrong(`${dim} numbers`, given.length);
  if (given.length === 0 || given.length % 8 !== 0 || given.length > 1024)
    throw wrong('a multiple of 8 numbers, 1,024 at most', given.length);
  let squares = 0;
  for (let i = 0; i < given.length; i++) {
    const value = given[i]!;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw wrong('finite numbers', `${value} at ${i}`);
    squares += value * value;
  }
  if (squares === 0) throw wrong('a number other than 0', 'zeros alone');
  const length = Math.sqrt(squares);
  return Float32Array.from(given, (value) => value / length);
}

function isList(given: unknown): given is ArrayLike<number> {
  return Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
}
