/**
 * The frame in which embeddings are coded: a mean to subtract and a rotation that spreads what is left evenly over all
 * components, so that signs say most.
 * In: embeddings. Out: coordinates in the frame; the frame as bytes and back.
 * Deliberately not here: how a rotation is fitted (fit.ts), and checksums and versions of the bytes (segment).
 */
import { FormatError, ShapeError } from '../errors';
import { multiplyTransposed } from './matrix';
import { mixingRotation } from './rotation';

/** Shapes: mean float32[dim]; rotation float32[dim × dim], row-major: y = R · (x − mean). */
export interface Frame {
  dim: number;
  mean: Float32Array;
  rotation: Float32Array;
  /** Fitted to a sample, or the same for every corpus of this dim. */
  kind: 'fitted' | 'random';
}

/** Widest embedding that can be coded: the kernels' widest code. */
export const maxDim = 1024;

const kinds = ['random', 'fitted'] as const;
const headerBytes = 4;

/** Coordinates in the frame. Shapes: float32[n × dim] → float32[n × dim]. Cost: n · dim² multiplications. */
export function applyFrame(frame: Frame, embeddings: Float32Array): Float32Array {
  return rotate(frame, centre(embeddings, frame.mean));
}

/** Subtracts the mean from every row. */
export function centre(rows: Float32Array, mean: Float32Array): Float32Array {
  const centred = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += mean.length) {
    for (let j = 0; j < mean.length; j++) centred[at + j] = rows[at + j]! - mean[j]!;
  }
  return centred;
}

/** Rotates every row, without subtracting the mean. */
export function rotate(frame: Frame, rows: Float32Array): Float32Array {
  return multiplyTransposed(rows, frame.rotation, frame.dim, new Float32Array(rows.length));
}

/**
 * The frame as bytes: u16 dim and u16 kind, then float32[dim] mean, all little-endian, then int8[dim × dim] when fitted.
 * A row of the rotation has length 1, so its int8 numbers need no scale beside them. A random rotation is not stored:
 * it is made again from dim. Rounding a rotation changes it; fitFrame gives one that is rounded already.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { dim, mean, rotation, kind } = frame;
  const matrixAt = headerBytes + dim * 4;
  const bytes = new Uint8Array(frameBytes(dim, kind));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, dim, true);
  view.setUint16(2, kinds.indexOf(kind), true);
  for (let j = 0; j < dim; j++) view.setFloat32(headerBytes + j * 4, mean[j]!, true);
  if (kind === 'random') return bytes;
  for (let i = 0; i < dim; i++) {
    const row = rotation.subarray(i * dim, (i + 1) * dim);
    let largest = 0;
    for (const x of row) largest = Math.max(largest, Math.abs(x));
    for (let j = 0; j < dim; j++) {
      view.setInt8(matrixAt + i * dim + j, Math.round((row[j]! / largest) * 127));
    }
  }
  return bytes;
}

/** The frame of bytes written by encodeFrame. Errors: FormatError format-corrupt. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const corrupt = (expected: string, received: string) =>
    new FormatError('format-corrupt', { path: 'the frame', expected, received });
  if (bytes.length < headerBytes) throw corrupt(`at least ${headerBytes} bytes`, `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dim = view.getUint16(0, true);
  if (!isDim(dim)) throw corrupt(`a dim that is a multiple of 8 up to ${maxDim}`, `${dim}`);
  const kind = kinds[view.getUint16(2, true)];
  if (!kind) throw corrupt('kind 0 or 1', `${view.getUint16(2, true)}`);
  if (bytes.length !== frameBytes(dim, kind)) {
    throw corrupt(`${frameBytes(dim, kind)} bytes for a ${kind} frame of dim ${dim}`, `${bytes.length}`);
  }
  const mean = new Float32Array(dim);
  for (let j = 0; j < dim; j++) mean[j] = view.getFloat32(headerBytes + j * 4, true);
  if (!mean.every(Number.isFinite)) throw corrupt('a mean of finite numbers', 'another');
  if (kind === 'random') return { dim, mean, rotation: mixingRotation(dim), kind };

  const matrix = new Int8Array(bytes.buffer, bytes.byteOffset + headerBytes + dim * 4, dim * dim);
  const rotation = new Float32Array(dim * dim);
  for (let at = 0; at < matrix.length; at += dim) {
    let squares = 0;
    for (let j = 0; j < dim; j++) squares += matrix[at + j]! ** 2;
    if (squares === 0) throw corrupt('a rotation without empty rows', `row ${at / dim} empty`);
    const length = Math.sqrt(squares);
    for (let j = 0; j < dim; j++) rotation[at + j] = matrix[at + j]! / length;
  }
  return { dim, mean, rotation, kind };
}

function frameBytes(dim: number, kind: Frame['kind']): number {
  return headerBytes + dim * 4 + (kind === 'fitted' ? dim * dim : 0);
}

function isDim(dim: number): boolean {
  return Number.isInteger(dim) && dim >= 8 && dim <= maxDim && dim % 8 === 0;
}

/** Errors: ShapeError unless dim is a multiple of 8 from 8 to 1,024. */
export function checkDim(dim: number): void {
  if (isDim(dim)) return;
  throw new ShapeError('shape-mismatch', {
    what: 'Dimension of the embeddings',
    expected: `a multiple of 8 from 8 to ${maxDim}`,
    received: dim,
  });
}

/** How many rows `values` holds. Errors: ShapeError unless they are whole rows of finite numbers. */
export function countRows(what: string, values: Float32Array, dim: number): number {
  const wrong = (expected: string, received: string | number) =>
    new ShapeError('shape-mismatch', { what, expected, received });
  if (values.length % dim !== 0) throw wrong(`a multiple of ${dim} numbers`, values.length);
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw wrong('finite numbers', `${values[bad]} in row ${Math.floor(bad / dim)}`);
  return values.length / dim;
}
