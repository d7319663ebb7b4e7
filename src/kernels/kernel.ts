/**
 * What a kernel is: numbers in, numbers out. A kernel makes scanners and rescorers, which own the memory of what they hold.
 * In: codes as rows of bytes, a query. Out: the k nearest rows by (distance, ordinal), or dot products; equal on every kernel.
 * Deliberately not here: what the bits mean (codes) and where the blocks come from (store).
 */
import { checkCode, checkDim, checkPlanes } from './checks';

export type KernelName = 'portable' | 'wasm' | 'wasm-simd' | 'webgpu';

/**
 * How far a row is from a query. `hamming`: the bits unlike the query's; the query is a code, u8[codeBytes].
 * `tables`: the sum of one table entry per 4 bits of the row, which is any weighting of its bits (a float query against 1-bit
 * or 2-bit codes); the query is u8[codeBytes × 32]: for each byte of a row 16 entries for its high half, then 16 for its low
 * half, none above maxEntry. Source: Andre et al., "Cache locality is not enough" (PQ fast scan), VLDB 2015.
 */
export type Measure = 'hamming' | 'tables';

/** Largest entry of a table: eight of them still fit a byte, in which SIMD kernels sum. */
export const maxEntry = 31;

/** Longest code. Units: bytes. */
export const maxCodeBytes = 128;

/** Nearest rows, sorted by (distance, ordinal). Shapes: both of one length, at most k. Units: those of the measure. */
export interface Neighbours {
  ordinals: Uint32Array;
  distances: Uint16Array;
}

/** Bit `i & 31` (least significant first) of word `i >> 5` stands for ordinal i. Shapes: u32[at least n / 32]. */
export type Bitmap = Uint32Array;

/** What a scan may return. Default: every row. */
export interface ScanLimits {
  /** Only rows whose bit is set. */
  filter?: Bitmap | undefined;
  /** No row whose bit is set. */
  tombstones?: Bitmap | undefined;
  /** No row farther than this. Units: those of the measure. */
  within?: number | undefined;
}

export interface ScannerOptions {
  /** 1 to 128; any multiple of 8 is stored without padding. */
  codeBytes: number;
  /** Default: hamming. */
  measure?: Measure | undefined;
  /** Codes to make room for at once. Default 0; more may come, at the price of moving those held. */
  capacity?: number | undefined;
}

/** Codes held for scanning; an ordinal is the position in order of arrival. */
export interface CodeScanner {
  /** Codes held. */
  readonly n: number;
  /** Copies a block of codes behind those held. Shapes: u8[m × codeBytes], row-major. Errors: ShapeError, closed. */
  append(codes: Uint8Array): void;
  /**
   * The k nearest codes; exact. Scans of one scanner may overlap in time.
   * Shapes: query as the measure says; k at least 1, may exceed n. Errors (rejections): ShapeError, closed.
   * Cost: linear in n and codeBytes; rows left out by a bitmap cost next to nothing in runs.
   */
  scan(query: Uint8Array, k: number, limits?: ScanLimits): Promise<Neighbours>;
  /** A copy of one code, since codes are held nowhere else. Shapes: u8[codeBytes]. Errors: ShapeError, closed. */
  code(ordinal: number): Uint8Array;
  /** Lets go of the memory. Calls after it fail, except another close. */
  close(): void;
}

/**
 * What a rescorer's rows are. `int8`: dim signed bytes. `planes`: levels from 0 to 2^planes − 1 as bit planes, the highest
 * first, dim / 8 bytes each (dim a multiple of 8), most significant bit first.
 */
export type RowForm = { form: 'int8'; dim: number } | { form: 'planes'; dim: number; planes: number };

/** Rows held for dot products with an int8 query. */
export interface Rescorer {
  /** Rows held. */
  readonly n: number;
  /** Copies rows behind those held. Shapes: u8[m × rowBytes], row-major. Errors: ShapeError, closed. */
  append(rows: Uint8Array): void;
  /** Holds no row any more; keeps the memory for the next. */
  clear(): void;
  /** Σ query · row, exact. Shapes: query int8[dim], ordinals u32[m] → i32[m]. Errors: ShapeError, closed. */
  dots(query: Int8Array, ordinals: Uint32Array): Int32Array;
  /** Lets go of the memory. Calls after it fail, except another close. */
  close(): void;
}

/** One way to scan. */
export interface Kernel {
  readonly name: KernelName;
  /** An empty scanner. Errors: ShapeError. */
  createScanner(options: ScannerOptions): CodeScanner;
  /** An empty rescorer. Units: dim 1 to 4,096, planes 1 to 8. Errors: ShapeError. */
  createRescorer(form: RowForm): Rescorer;
}

/** Bytes of one row. Errors: ShapeError unless the form is one that kernels hold. */
export function rowBytesOf(form: RowForm): number {
  checkDim(form.dim);
  if (form.form === 'int8') return form.dim;
  checkPlanes(form.dim, form.planes);
  return (form.planes * form.dim) / 8;
}

/** The largest distance there can be. Errors: ShapeError. */
export function maxDistance(measure: Measure, codeBytes: number): number {
  checkCode(codeBytes);
  return measure === 'hamming' ? codeBytes * 8 : codeBytes * 2 * maxEntry;
}
