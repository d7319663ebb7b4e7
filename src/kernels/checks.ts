/**
 * Shapes and ranges that every kernel refuses in the same words.
 * In: what a caller gave. Out: nothing, or a count. Errors: ShapeError, closed.
 */
import { NearbitError, ShapeError } from '../errors';
import { type Bitmap, type Measure, maxCodeBytes, type ScanLimits } from './kernel';

/** Errors: ShapeError unless codeBytes is a whole number from 1 to 128. */
export function checkCode(codeBytes: number): void {
  if (!isWhole(codeBytes, 1, maxCodeBytes)) {
    throw mismatch('Width of a code', `1 to ${maxCodeBytes} bytes`, codeBytes);
  }
}

/** Errors: ShapeError unless dim is a whole number from 1 to 4,096. */
export function checkDim(dim: number): void {
  if (!isWhole(dim, 1, 4096)) throw mismatch('Dimension of a row', '1 to 4096', dim);
}

/** Errors: ShapeError unless dim fills whole bytes and planes is a whole number from 1 to 8. */
export function checkPlanes(dim: number, planes: number): void {
  if (dim % 8 !== 0) throw mismatch('Dimension of bit planes', 'a multiple of 8', dim);
  if (!isWhole(planes, 1, 8)) throw mismatch('Bit planes of a row', '1 to 8', planes);
}

/** How many rows a block holds. Errors: ShapeError unless it holds whole rows. */
export function countRows(what: string, rows: Uint8Array, rowBytes: number): number {
  if (rows.length % rowBytes !== 0) throw mismatch(what, `a multiple of ${rowBytes} bytes`, rows.length);
  return rows.length / rowBytes;
}

/** Errors: ShapeError unless the query fits the measure, k is a whole number from 1 on, and limits can be met by n rows. */
export function checkScan(
  shape: { measure: Measure; codeBytes: number; n: number },
  query: Uint8Array,
  k: number,
  { filter, tombstones, within }: ScanLimits,
): void {
  const { measure, codeBytes, n } = shape;
  const length = measure === 'hamming' ? codeBytes : codeBytes * 32;
  if (query.length !== length) throw mismatch('Query of a scan', `${length} bytes`, query.length);
  if (!isWhole(k, 1, Number.MAX_SAFE_INTEGER)) throw mismatch('k of a scan', 'a whole number from 1 on', k);
  checkBitmap('Filter of a scan', filter, n);
  checkBitmap('Tombstones of a scan', tombstones, n);
  if (within !== undefined && !isWhole(within, 0, Number.MAX_SAFE_INTEGER)) {
    throw mismatch('Farthest distance of a scan', 'a whole number from 0 on', within);
  }
}

function checkBitmap(what: string, bitmap: Bitmap | undefined, n: number): void {
  const words = Math.ceil(n / 32);
  if (bitmap && bitmap.length < words) {
    throw mismatch(what, `${words} words for ${n} rows`, bitmap.length);
  }
}

/** Errors: ShapeError unless the ordinal names one of n rows. */
export function checkOrdinal(ordinal: number, n: number): void {
  if (!isWhole(ordinal, 0, n - 1)) throw mismatch('Ordinal of a row', `a whole number below ${n}`, ordinal);
}

/** Errors: ShapeError unless the query has dim numbers and every ordinal names one of n rows. */
export function checkDots(query: Int8Array, ordinals: Uint32Array, dim: number, n: number): void {
  if (query.length !== dim) throw mismatch('Query of a rescorer', `${dim} numbers`, query.length);
  for (const ordinal of ordinals) if (ordinal >= n) checkOrdinal(ordinal, n);
}

/** The error of a call to a scanner or rescorer that was closed. */
export function closedError(what: 'scanner' | 'rescorer', call: string): NearbitError {
  return new NearbitError('closed', { what: `The ${what}`, call });
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}

function mismatch(what: string, expected: string, received: number): ShapeError {
  return new ShapeError('shape-mismatch', { what, expected, received: `${received}` });
}
