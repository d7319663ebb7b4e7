/**
 * Rescoring: the cosine of a query and a document, from the document's four planes.
 * In: a QueryCode, and what a kernel's rescorer says of the document's levels. Out: a score near the cosine (mean error
 * .004 at 384 dimensions).
 * Deliberately not here: the dot product itself (kernels).
 */
import type { RowForm } from '../kernels/kernel';
import { middleLevel, planes } from './planes';
import type { QueryCode } from './query';

/** The rows that a rescorer holds of embeddings of this dim: their levels. */
export function levelsForm(dim: number): RowForm {
  return { form: 'planes', dim, planes };
}

/**
 * Writes one document's row for a rescorer at `at`: its sign plane, then its finer planes.
 * Shapes: code u8[codeBytes], fine u8[fineBytes], as encodeCodes wrote them → dim / 8 × planes bytes.
 */
export function writeLevels(
  code: Uint8Array,
  fine: Uint8Array,
  dim: number,
  out: Uint8Array,
  at: number,
): void {
  const planeBytes = dim / 8;
  // A code is padded to 64-bit words and a row of fine ends with its step: neither is a part of the levels.
  out.set(code.subarray(0, planeBytes), at);
  out.set(fine.subarray(0, (planes - 1) * planeBytes), at + planeBytes);
}

/** Approximates the cosine of the unit embeddings. `product`: Σ int8 · level. `step`: as readStep gives it. */
export function rescore(query: QueryCode, product: number, step: number): number {
  return query.offset + query.scale * step * (product - middleLevel * query.sum);
}
