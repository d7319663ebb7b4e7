/**
 * Codes on the GPU beside those of a host scanner; whichever is faster answers.
 * In: blocks, queries. Out: neighbours, the same bit for bit. The host's scanner owns the codes and answers whatever the GPU
 * cannot: no room for the codes, more ties than candidates, a large k, a lost device.
 * Which is faster is timed on the real codes at the first scan, and again whenever they have doubled.
 */

import { allowedRows, countBits } from '../allowed-rows';
import { checkScan, closedError } from '../checks';
import type { CodeScanner, Neighbours, ScanLimits } from '../kernel';
import { distanceUnit, type Gpu, type GpuRows, release } from './gpu';
import { maxBits } from './scan.wgsl';

/** Above this the candidates that the CPU sorts cost more than the GPU saves, and might not fit their buffer. */
const maxK = 1024;

/** What a scan was asked, copied, because its caller may change it and codes may arrive while it runs. */
interface Request {
  query: Uint8Array;
  k: number;
  n: number;
  within?: number | undefined;
  /** What filter and tombstones leave; every row where undefined. */
  allowed?: Uint32Array | undefined;
}

export interface WebGpuScannerOptions {
  codeBytes: number;
  /** Rows to make room for at once. */
  capacity: number;
  /** False: the GPU answers whatever it can, even where the host is faster. */
  timed: boolean;
}

export class WebGpuScanner implements CodeScanner {
  readonly #host: CodeScanner;
  readonly #gpu: Gpu;
  readonly #codeBytes: number;
  /** On the device rows are padded with zeros to whole 64-bit words. */
  readonly #rowBytes: number;
  #rows: GpuRows | null = null;
  #capacity = 0;
  #closed = false;
  /** How many codes there were when the two were timed. */
  #timedAt: number;
  /** The GPU answers scans of at least as many rows. */
  #worthFrom: number;
  #reason = 'the GPU was not timed yet';

  constructor(host: CodeScanner, gpu: Gpu, { codeBytes, capacity, timed }: WebGpuScannerOptions) {
    this.#host = host;
    this.#gpu = gpu;
    this.#codeBytes = codeBytes;
    this.#rowBytes = Math.ceil(codeBytes / 8) * 8;
    this.#timedAt = timed ? 0 : Number.POSITIVE_INFINITY;
    this.#worthFrom = timed ? Number.POSITIVE_INFINITY : 0;
    void gpu.send(() => this.#reserve(Math.min(capacity, this.#mostRows), 0));
  }

  get n(): number {
    return this.#host.n;
  }

  /** Why the GPU answers, or does not. */
  get reason(): string {
    return this.#gpu.lost ?? this.#reason;
  }

  append(codes: Uint8Array): void {
    const held = this.n;
    this.#host.append(codes);
    if (this.#gpu.lost !== null || codes.length === 0) return;
    void this.#gpu.send(() => {
      this.#reserve(this.n, held);
      if (this.#rows) this.#gpu.write(this.#rows.codes, held * this.#rowBytes, this.#padded(codes));
    });
  }

  async scan(query: Uint8Array, k: number, limits: ScanLimits = {}): Promise<Neighbours> {
    if (this.#closed) throw closedError('scanner', 'scan');
    const { n } = this;
    checkScan({ measure: 'hamming', codeBytes: this.#codeBytes, n }, query, k, limits);
    // Only closing makes the timing fail, and then nobody wants its outcome.
    if (n >= 2 * this.#timedAt) this.calibrate(query.slice()).catch(() => {});
    if (k > maxK || !this.#isWorth(n)) return this.#host.scan(query, k, limits);
    const limited = limits.filter || limits.tombstones;
    const allowed = limited && allowedRows(n, limits);
    if (allowed && !this.#isWorth(countBits(allowed))) return this.#host.scan(query, k, limits);

    const request = { query: query.slice(), k, n, within: limits.within, allowed };
    const neighbours = await this.#scanOnGpu(request);
    if (this.#closed) throw closedError('scanner', 'scan');
    return neighbours ?? this.#scanOnHost(request);
  }

  /**
   * Times both on the codes held, three times in turn, and lets the faster answer from here on: the host also where a filter
   * leaves so few rows that its time, which falls with them, is below the GPU's, which does not. A GPU that answers anything
   * but what the host does is never asked again. Shapes: query u8[codeBytes].
   */
  async calibrate(query: Uint8Array): Promise<void> {
    const { n } = this;
    if (this.#gpu.lost !== null || n === 0) return;
    this.#timedAt = n;
    let gpuMs = Number.POSITIVE_INFINITY;
    let hostMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const startedMs = performance.now();
      const neighbours = await this.#scanOnGpu({ query, k: 10, n });
      const answeredMs = performance.now();
      if (this.#closed || !neighbours) return;
      if (this.n !== n) {
        // Codes arrived meanwhile, so the two would answer different questions: the next scan times them again.
        this.#timedAt = 0;
        return;
      }
      const truth = await this.#host.scan(query, 10);
      gpuMs = Math.min(gpuMs, answeredMs - startedMs);
      hostMs = Math.min(hostMs, performance.now() - answeredMs);
      if (`${neighbours.ordinals}|${neighbours.distances}` !== `${truth.ordinals}|${truth.distances}`) {
        this.#gpu.lose('its answers differ from the host’s');
        return;
      }
    }
    this.#worthFrom = hostMs > 0 ? (n * gpuMs) / hostMs : Number.POSITIVE_INFINITY;
    this.#explain(`${n} codes take the GPU ${gpuMs.toFixed(2)} ms, the host ${hostMs.toFixed(2)} ms`);
  }

  code(ordinal: number): Uint8Array {
    return this.#host.code(ordinal);
  }

  close(): void {
    this.#closed = true;
    this.#host.close();
    this.#release();
  }

  #explain(reason: string): void {
    this.#reason = reason;
    this.#gpu.tell(reason);
  }

  /** Whether the GPU can and should scan as many rows. */
  #isWorth(rows: number): boolean {
    return this.#rows !== null && this.#gpu.lost === null && rows >= this.#worthFrom;
  }

  async #scanOnGpu({ query, k, n, within = maxBits, allowed }: Request): Promise<Neighbours | null> {
    if (!this.#rows) return null;
    const words = this.#rowBytes / 8;
    const farthest = Math.min(within, maxBits);
    const keys = await this.#gpu.scan(this.#rows, { code: query, n, words, k, within: farthest, allowed });
    const nearest = keys?.subarray(0, k);
    return nearest
      ? {
          ordinals: Uint32Array.from(nearest),
          distances: Uint16Array.from(nearest, (key) => key / distanceUnit),
        }
      : null;
  }

  #scanOnHost({ query, k, n, within, allowed }: Request): Promise<Neighbours> {
    if (this.n === n) return this.#host.scan(query, k, { filter: allowed, within });
    // Codes arrived since: the answer is still that of the moment in which it was asked for.
    const filter = new Uint32Array(Math.ceil(this.n / 32));
    filter.set(allowed ?? allowedRows(n, {}));
    return this.#host.scan(query, k, { filter, within });
  }

  get #mostRows(): number {
    return Math.floor(this.#gpu.maxBytes / this.#rowBytes);
  }

  /** Room for n rows, `held` of which are there. Doubles, so that moving them stays a constant cost a row. */
  #reserve(n: number, held: number): void {
    if (n <= this.#capacity) return;
    const most = this.#mostRows;
    if (n > most) {
      this.#explain(`${n} codes do not fit the ${this.#gpu.maxBytes} bytes that the GPU reads at once`);
      this.#release();
      return;
    }
    this.#capacity = Math.min(Math.max(n, 2 * held), most);
    this.#rows = this.#gpu.reserve(this.#capacity, this.#rowBytes, this.#rows, held);
  }

  #padded(codes: Uint8Array): Uint8Array {
    const codeBytes = this.#codeBytes;
    if (codeBytes === this.#rowBytes) return codes;
    const rows = new Uint8Array((codes.length / codeBytes) * this.#rowBytes);
    for (let from = 0, to = 0; from < codes.length; from += codeBytes, to += this.#rowBytes) {
      rows.set(codes.subarray(from, from + codeBytes), to);
    }
    return rows;
  }

  #release(): void {
    if (this.#rows) release(this.#rows);
    this.#rows = null;
    this.#capacity = 0;
  }
}
