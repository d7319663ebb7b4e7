/**
 * What a kernel is: numbers in, numbers out. A kernel makes scanners; a scanner owns the memory of one set of codes.
 * In: codes as rows of bytes, a query code. Out: the k nearest rows, ordered by (distance, ordinal), equal on every kernel.
 * Deliberately not here: what the bits mean (codes/binary.ts) and where the blocks come from (store).
 */
import { NearbitError, ShapeError } from '../errors';

export type KernelName = 'portable' | 'wasm';

/** Nearest rows, sorted by (distance, ordinal). Shapes: both of length min(k, n). Units: distances in bits. */
export interface Neighbours {
  ordinals: Uint32Array;
  distances: Uint16Array;
}

/** Codes held for scanning; an ordinal is the position in order of arrival. */
export interface CodeScanner {
  /** Codes held. */
  readonly n: number;
  /** Copies a block of codes behind those held. Shapes: u8[m × codeBytes], row-major. Errors: ShapeError, closed. */
  append(codes: Uint8Array): void;
  /**
   * The k codes with the fewest bits unlike the query's; exact.
   * Shapes: query u8[codeBytes]; k at least 1, may exceed n. Errors: ShapeError, closed. Cost: linear in n and codeBytes.
   */
  scan(query: Uint8Array, k: number): Neighbours;
  /** A copy of one code, since codes are held nowhere else. Shapes: u8[codeBytes]. Errors: ShapeError, closed. */
  code(ordinal: number): Uint8Array;
  /** Lets go of the memory. Calls after it fail, except another close. */
  close(): void;
}

/** One way to scan. */
export interface Kernel {
  readonly name: KernelName;
  /**
   * An empty scanner. Units: codeBytes 1 to 128; `capacity`: codes to make room for at once (default 0; more may come, at
   * the price of moving those held). Errors: ShapeError.
   */
  createScanner(codeBytes: number, capacity?: number): CodeScanner;
}

/** Longest code. Units: bytes. */
export const maxCodeBytes = 128;

/** Errors: ShapeError unless codeBytes is a whole number from 1 to 128. */
export function checkWidth(codeBytes: number): void {
  if (!Number.isInteger(codeBytes) || codeBytes < 1 || codeBytes > maxCodeBytes) {
    throw mismatch('Width of a code', `1 to ${maxCodeBytes} bytes`, `${codeBytes}`);
  }
}

/** How many codes a block holds. Errors: ShapeError unless it holds whole codes. */
export function countCodes(codes: Uint8Array, codeBytes: number): number {
  if (codes.length % codeBytes !== 0) {
    throw mismatch('Block of codes', `a multiple of ${codeBytes} bytes`, `${codes.length}`);
  }
  return codes.length / codeBytes;
}

/** Errors: ShapeError unless the query has the codes' width and k is a whole number from 1 on. */
export function checkScan(query: Uint8Array, k: number, codeBytes: number): void {
  if (query.length !== codeBytes) {
    throw mismatch('Query code', `${codeBytes} bytes`, `${query.length}`);
  }
  if (!Number.isInteger(k) || k < 1) {
    throw mismatch('k of a scan', 'a whole number from 1 on', `${k}`);
  }
}

/** Errors: ShapeError unless the ordinal names one of n codes. */
export function checkOrdinal(ordinal: number, n: number): void {
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= n) {
    throw mismatch('Ordinal of a code', `a whole number below ${n}`, `${ordinal}`);
  }
}

/** The error of a call to a scanner that was closed. */
export function closedScanner(call: string): NearbitError {
  return new NearbitError('closed', { what: 'The code scanner', call });
}

function mismatch(what: string, expected: string, received: string): ShapeError {
  return new ShapeError('shape-mismatch', { what, expected, received });
}
