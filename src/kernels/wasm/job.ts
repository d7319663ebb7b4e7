/**
 * One scan as the WASM modules do it, on one thread or as one of several parts.
 * In: addresses and counts. Out: calls of the module.
 * Each part has an area of its own in the memory: 64 bytes of scratch, histogram, candidates, ordinals, distances.
 */

/** What hamming.wat, hamming-simd.wat and tables.wat export. */
export interface ScanExports {
  start(
    rows: number,
    query: number,
    rowBytes: number,
    mask: number,
    k: number,
    limit: number,
    histogram: number,
    candidates: number,
    capacity: number,
  ): void;
  scan(from: number, to: number): void;
  rank(ordinals: number, distances: number): number;
}

/** Numbers alone, so that threads read them from shared memory. */
export interface Job {
  n: number;
  rowsAt: number;
  rowBytes: number;
  queryAt: number;
  /** Address of the mask; 0: every row may be returned. */
  maskAt: number;
  k: number;
  /** One more than the farthest distance wanted. */
  limit: number;
  /** Where the first part's area begins. */
  areasAt: number;
}

const laneBytes = 64;

/** Addresses of a part's area. */
export function areaOf({ k, limit, areasAt }: Job, part: number) {
  // Selection needs room for 2 × k candidates; twice that keeps its clean-ups rare.
  const capacity = 4 * k + 256;
  const histogramBytes = align((limit + 1) * 4, 8);
  const bytes = align(laneBytes + histogramBytes + capacity * 8 + k * 6, 64);
  const histogramAt = areasAt + part * bytes + laneBytes;
  const candidatesAt = histogramAt + histogramBytes;
  const ordinalsAt = candidatesAt + capacity * 8;
  return {
    histogramAt,
    candidatesAt,
    capacity,
    ordinalsAt,
    distancesAt: ordinalsAt + k * 4,
    end: histogramAt - laneBytes + bytes,
  };
}

/** Makes an instance ready for calls of `scan` in ascending order. */
export function startPart(exports: ScanExports, memory: WebAssembly.Memory, job: Job, part: number): void {
  const { histogramAt, candidatesAt, capacity } = areaOf(job, part);
  new Uint8Array(memory.buffer).fill(0, histogramAt, candidatesAt);
  exports.start(
    job.rowsAt,
    job.queryAt,
    job.rowBytes,
    job.maskAt,
    job.k,
    job.limit,
    histogramAt,
    candidatesAt,
    capacity,
  );
}

/** Ranks what a part has found, and returns how many. */
export function endPart(exports: ScanExports, job: Job, part: number): number {
  const { ordinalsAt, distancesAt } = areaOf(job, part);
  return exports.rank(ordinalsAt, distancesAt);
}

export function align(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
