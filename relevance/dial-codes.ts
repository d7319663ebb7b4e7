/**
 * The codes of the dial: how few bytes a passage can have, and every way to read them.
 * In: a prepared collection. Out: per code a function from a query's place to scores of passages.
 * Fitted on the corpus alone: the product's frame is the one its index was built with; fewer dimensions are the corpus's
 * principal axes under a frame fitted by the product; fitted atoms are the laboratory's (fitted-bits.ts).
 */
import {
  decodeFrame,
  encodeCodes,
  encodeQuery,
  fitFrame,
  readStep,
  rescore,
  sampleRows,
  scanTables,
} from '../src/codes';
import { packSigns, signBytes } from '../src/codes/binary';
import { centre, type Frame } from '../src/codes/frame';
import { multiplyTransposed } from '../src/codes/matrix';
import type { Kernel, Measure } from '../src/kernels/kernel';
import { encodeBits, fitAtoms } from './fitted-bits';
import type { Prepared } from './prepare';
import { principalAxes, project } from './principal-axes';

/** A passage's score per ordinal; only those in `candidates` count, all of them where it is null. */
export interface Scores {
  scores: Float32Array;
  candidates: Uint32Array | null;
}

export interface DialCode {
  code: string;
  /** Of a passage, everything that its score is read from. */
  bytes: number;
  scores(query: number): Promise<Scores>;
}

/** Numbers of an embedding, or of what is left of it. */
interface Space {
  dim: number;
  documents: Float32Array;
  queries: Float32Array;
}

const reducedDims = [128, 192, 256];
const depths = [50, 100, 200];
/** Atoms say how long a document is better than signs do: less of the mean has to leave the query (see query.ts). */
const meanShareOfAtoms = 0.25;

export async function* dialCodes(prepared: Prepared, kernel: Kernel): AsyncGenerator<DialCode> {
  const { dim, embeddings, queryEmbeddings, store, manifest } = prepared;
  if (!manifest.code) throw new TypeError(`expected an index with codes, received ${prepared.name} without`);
  const whole = { dim, documents: embeddings, queries: queryEmbeddings };
  const frame = decodeFrame(await store.readBlock('frame', manifest.code.frame));

  yield signCode(whole, frame.mean, kernel);
  const sample = sampleOf(embeddings, dim);
  const axes = principalAxes(sample, dim, Math.max(...reducedDims));
  for (const count of reducedDims) {
    const reduced = {
      dim: count,
      documents: project(embeddings, axes, dim, count),
      queries: project(queryEmbeddings, axes, dim, count),
    };
    const fitted = fitFrame(sampleOf(reduced.documents, count), count);
    yield* frameCodes(`${count} axes`, reduced, fitted, kernel);
  }
  yield* frameCodes('rotation', whole, frame, kernel);
  yield atomCode(whole, frame, kernel);
}

/** Signs of the centred embedding as it is: what a fit has to beat. */
function signCode({ dim, documents, queries }: Space, mean: Float32Array, kernel: Kernel): DialCode {
  const codeBytes = signBytes(dim);
  const n = documents.length / dim;
  const codes = new Uint8Array(n * codeBytes);
  for (let i = 0; i < n; i++)
    codes.set(packSigns(centre(documents.subarray(i * dim, (i + 1) * dim), mean)), i * codeBytes);
  const scan = scanAll(kernel, codes, codeBytes, 'hamming');
  return {
    code: 'centred signs, Hamming',
    bytes: dim / 8,
    scores: (q) => scan(packSigns(centre(queries.subarray(q * dim, (q + 1) * dim), mean))),
  };
}

/** Every reading of the product's code in one frame. */
function* frameCodes(name: string, space: Space, frame: Frame, kernel: Kernel): Generator<DialCode> {
  const { dim, documents, queries } = space;
  const { codes, fine } = encodeCodes(frame, documents);
  const codeBytes = signBytes(dim);
  const planeBytes = dim / 8;
  const fineBytes = 3 * planeBytes + 2;
  const n = codes.length / codeBytes;
  const queryOf = (q: number) => encodeQuery(frame, queries.slice(q * dim, (q + 1) * dim));
  const one = scanAll(kernel, codes, codeBytes, 'tables');
  const isWhole = name === 'rotation';
  if (isWhole) {
    const hamming = scanAll(kernel, codes, codeBytes, 'hamming');
    yield { code: `${name}, Hamming`, bytes: planeBytes, scores: (q) => hamming(queryOf(q).code) };
  }
  yield { code: `${name}, tables`, bytes: planeBytes, scores: (q) => one(scanTables(queryOf(q), 1)) };

  const pairs = new Uint8Array(2 * n * codeBytes);
  for (let i = 0; i < n; i++) {
    pairs.set(codes.subarray(i * codeBytes, (i + 1) * codeBytes), 2 * i * codeBytes);
    pairs.set(fine.subarray(i * fineBytes, i * fineBytes + planeBytes), (2 * i + 1) * codeBytes);
  }
  const two = scanAll(kernel, pairs, 2 * codeBytes, 'tables');
  yield {
    code: `${name}, tables of 2 planes`,
    bytes: 2 * planeBytes,
    scores: (q) => two(scanTables(queryOf(q), 2)),
  };
  if (!isWhole) return;

  for (const planes of [2, 4]) {
    const rescorer = kernel.createRescorer({ form: 'planes', dim, planes });
    for (let i = 0; i < n; i++) {
      const row = new Uint8Array(planes * planeBytes);
      row.set(codes.subarray(i * codeBytes, i * codeBytes + planeBytes));
      row.set(fine.subarray(i * fineBytes, i * fineBytes + (planes - 1) * planeBytes), planeBytes);
      rescorer.append(row);
    }
    // A level of fewer planes stands for the middle of those that begin like it.
    const stretch = 2 ** (4 - planes);
    for (const depth of planes === 4 ? depths : [100]) {
      yield {
        code: `${name}, tables > ${depth} > ${planes} planes`,
        bytes: planes * planeBytes + 2,
        async scores(q) {
          const query = queryOf(q);
          const { scores: scanned } = await one(scanTables(query, 1), depth);
          const candidates = Uint32Array.from(scanned.keys()).filter(
            (i) => scanned[i]! > Number.NEGATIVE_INFINITY,
          );
          const all = Uint32Array.from({ length: n }, (_, i) => i);
          const dots = rescorer.dots(query.int8, all);
          const scores = Float32Array.from(dots, (dot, i) => {
            const level = stretch * dot + ((stretch - 1) / 2) * query.sum;
            return rescore(query, level, readStep(fine.subarray(i * fineBytes, (i + 1) * fineBytes)));
          });
          return { scores, candidates };
        },
      };
    }
  }
}

/** The laboratory's bits; the scan is the product's. */
function atomCode({ dim, documents, queries }: Space, frame: Frame, kernel: Kernel): DialCode {
  const { mean, rotation } = frame;
  const atoms = fitAtoms(centre(sampleOf(documents, dim), mean), rotation, dim);
  const codes = encodeBits(centre(documents, mean), atoms, rotation, dim);
  const scan = scanAll(kernel, codes, signBytes(dim), 'tables');
  const part = mean.map((x) => meanShareOfAtoms * x);
  return {
    code: 'fitted atoms, tables',
    bytes: dim / 8,
    scores(q) {
      const asked = centre(queries.subarray(q * dim, (q + 1) * dim), part);
      const along = multiplyTransposed(asked, atoms, dim, new Float32Array(dim));
      const largest = along.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
      return scan(
        scanTables({ direction: Int8Array.from(along, (x) => Math.round((x / largest) * 127)) }, 1),
      );
    },
  };
}

/** A scan whose scores are negative distances; passages that it does not return are infinitely far. */
function scanAll(kernel: Kernel, codes: Uint8Array, codeBytes: number, measure: Measure) {
  const n = codes.length / codeBytes;
  const scanner = kernel.createScanner({ codeBytes, measure, capacity: n });
  scanner.append(codes);
  return async (query: Uint8Array, k = n): Promise<Scores> => {
    const { ordinals, distances } = await scanner.scan(query, k);
    const scores = new Float32Array(n).fill(Number.NEGATIVE_INFINITY);
    for (const [i, ordinal] of ordinals.entries()) scores[ordinal] = -distances[i]!;
    return { scores, candidates: null };
  };
}

/** Evenly spaced rows, no more than a fit takes. */
function sampleOf(rows: Float32Array, dim: number): Float32Array {
  const n = rows.length / dim;
  const m = Math.min(n, sampleRows);
  const sample = new Float32Array(m * dim);
  for (let i = 0; i < m; i++) {
    const at = Math.floor((i * n) / m) * dim;
    sample.set(rows.subarray(at, at + dim), i * dim);
  }
  return sample;
}
