/**
 * Embeddings → four bit planes each: 16 levels, evenly spaced and symmetric, with a step of the vector's own.
 * In: a frame, embeddings. Out: first planes (the sign codes that are scanned) and finer planes (read for candidates).
 * Level l stands for (l − 7.5) · step; it is 8 or more iff the component is positive, so the highest bit is the sign.
 * Byte table of a row of `fine`: plane of value 4, of value 2, of value 1 (dim / 8 bytes each), float16 step.
 */
import { ShapeError } from '../errors';
import { bitMask, isSet, packPlane, signBytes } from './binary';
import { decodeFloat16, encodeFloat16 } from './float16';
import { applyFrame, checkDim, countRows, type Frame } from './frame';

/** Bits kept of a component, the sign included. */
export const planes = 4;

/** Levels on either side of zero. */
const sideLevels = 2 ** (planes - 1);

/** What the middle of the levels is: level l stands for (l − 7.5) · step. */
export const middleLevel = (2 ** planes - 1) / 2;

/** Steps tried, in standard deviations of a vector's components; .335 is best for a normal distribution. */
const steps = [0.26, 0.3, 0.335, 0.37, 0.41];

/** Bytes of a row of codes and of a row of fine. Errors: ShapeError. */
export function codeSizes(dim: number): { codeBytes: number; fineBytes: number } {
  checkDim(dim);
  return { codeBytes: signBytes(dim), fineBytes: ((planes - 1) * dim) / 8 + 2 };
}

/**
 * Shapes: embeddings float32[n × dim] → codes u8[n × codeBytes], fine u8[n × fineBytes], row-major.
 * Errors: ShapeError. Cost: n · dim² multiplications for the rotation; the rest is small beside it.
 */
export function encodeCodes(frame: Frame, embeddings: Float32Array): { codes: Uint8Array; fine: Uint8Array } {
  countRows('Embeddings', embeddings, frame.dim);
  return encodeCoordinates(applyFrame(frame, embeddings), frame.dim);
}

/** The same of coordinates in a frame. Shapes: rows float32[n × dim], which are finite. Errors: ShapeError. */
export function encodeCoordinates(rows: Float32Array, dim: number): { codes: Uint8Array; fine: Uint8Array } {
  const { codeBytes, fineBytes } = codeSizes(dim);
  const n = rows.length / dim;
  const codes = new Uint8Array(n * codeBytes);
  const fine = new Uint8Array(n * fineBytes);
  const view = new DataView(fine.buffer);
  const levels = new Uint8Array(dim);
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * dim, (i + 1) * dim);
    const step = fitLevels(row, levels);
    packPlane(levels, planes - 1, codes, i * codeBytes);
    for (let plane = planes - 2, at = i * fineBytes; plane >= 0; plane--, at += dim / 8) {
      packPlane(levels, plane, fine, at);
    }
    view.setUint16((i + 1) * fineBytes - 2, encodeFloat16(step), true);
  }
  return { codes, fine };
}

/**
 * Coordinates in the frame, as near as the levels tell. Shapes: codes u8[n × codeBytes], fine u8[n × fineBytes] →
 * float32[n × dim]. Errors: ShapeError unless both hold the same number of whole rows.
 */
export function decodeCodes(codes: Uint8Array, fine: Uint8Array, dim: number): Float32Array {
  const { codeBytes, fineBytes } = codeSizes(dim);
  const n = codes.length / codeBytes;
  if (!Number.isInteger(n) || fine.length !== n * fineBytes)
    throw new ShapeError('shape-mismatch', {
      what: 'Codes and finer planes',
      expected: `rows of ${codeBytes} and ${fineBytes} bytes, as many of both`,
      received: `${codes.length} and ${fine.length} bytes`,
    });
  const rows = new Float32Array(n * dim);
  for (let i = 0; i < n; i++) {
    const row = fine.subarray(i * fineBytes, (i + 1) * fineBytes);
    const step = readStep(row);
    for (let j = 0; j < dim; j++) {
      const byte = j >> 3;
      const mask = bitMask(j);
      let level = codes[i * codeBytes + byte]! & mask ? 1 : 0;
      for (let plane = 0; plane < planes - 1; plane++)
        level = 2 * level + (row[(plane * dim) / 8 + byte]! & mask ? 1 : 0);
      rows[i * dim + j] = (level - middleLevel) * step;
    }
  }
  return rows;
}

/** Reads a row's step, at the end of a row of fine. */
export function readStep(fine: Uint8Array): number {
  return decodeFloat16(fine[fine.length - 2]! | (fine[fine.length - 1]! << 8));
}

/**
 * Writes the levels that fit a row best and returns their step. Of the steps tried, the one whose levels l point most
 * nearly where the row x does is taken (largest (Σx·l)² / Σl², which is what least squares asks for); the step returned is
 * Σx² / Σx·l, with which a row's product with its own levels is exact, so that near documents are not scored too low.
 */
function fitLevels(row: Float32Array, levels: Uint8Array): number {
  let squares = 0;
  for (let j = 0; j < row.length; j++) squares += row[j]! ** 2;
  const deviation = Math.sqrt(squares / row.length);
  let best = { gain: -1, tried: 0, step: 0 };
  for (const factor of steps) {
    const tried = factor * deviation;
    let product = 0;
    let norm = 0;
    for (let j = 0; j < row.length; j++) {
      const size = Math.abs(row[j]!);
      const level = sideLevel(size, tried) + 0.5;
      product += size * level;
      norm += level * level;
    }
    const gain = (product * product) / norm;
    // A row of zeros has no direction, and the step 0.
    if (gain > best.gain) best = { gain, tried, step: product > 0 ? squares / product : 0 };
  }
  for (let j = 0; j < row.length; j++) {
    const side = sideLevel(Math.abs(row[j]!), best.tried);
    levels[j] = isSet(row[j]!) ? sideLevels + side : sideLevels - 1 - side;
  }
  return best.step;
}

/** 0 next to zero, up to 7. */
function sideLevel(size: number, step: number): number {
  return size < step * sideLevels ? Math.floor(size / step) : sideLevels - 1;
}
