/**
 * Which kernel to use here: loads each, lets it scan the same random codes for about a millisecond, takes the fastest.
 * In: the names allowed. Out: a kernel, the reason for it, and the reason against every other.
 * Deliberately not here: any remembering between visits; the calibration costs less than a look into a store.
 */
import type { CodeScanner, Kernel, KernelName, Neighbours } from './kernel';
import { portableKernel } from './portable';
import { loadWasmKernel } from './wasm/loader';

export interface KernelChoice {
  kernel: Kernel;
  /** One sentence: why this kernel. */
  reason: string;
  refused: { kernel: KernelName; reason: string }[];
}

export interface KernelOptions {
  /** Kernels that may be chosen. Default: all. Fewer: for tests, or to compare. */
  allow?: readonly KernelName[];
}

/** The best of a few rounds counts, so that an interruption does not. Units: ms a round; browsers count in 0.1 ms. */
const rounds = 3;
const roundMs = 0.2;
/** The sample: as wide as the usual code. */
const sample = { n: 1024, codeBytes: 48, k: 10 };

/** The fastest allowed kernel that runs here and agrees with the portable one; the portable one when there is none. */
export async function chooseKernel(options: KernelOptions = {}): Promise<KernelChoice> {
  const allow = options.allow ?? ['wasm', 'portable'];
  const refused: KernelChoice['refused'] = [];
  const refuse = (kernel: KernelName, reason: string) => refused.push({ kernel, reason });
  const candidates: Kernel[] = [];

  if (allow.includes('wasm')) {
    const loaded = await loadWasmKernel();
    if (loaded.kernel) candidates.push(loaded.kernel);
    else refuse('wasm', loaded.reason);
  } else refuse('wasm', 'not allowed by the caller');
  if (allow.includes('portable')) candidates.push(portableKernel);
  else refuse('portable', 'not allowed by the caller');

  const timed = calibrate(candidates, refuse);
  const best = timed[0];
  if (!best) return { kernel: portableKernel, reason: 'no allowed kernel runs here', refused };
  for (const { kernel, rate } of timed.slice(1)) refuse(kernel.name, `slower: ${perMs(rate)}`);
  const reason = timed.length > 1 ? `the fastest: ${perMs(best.rate)}` : 'the only kernel left';
  return { kernel: best.kernel, reason, refused };
}

/** Kernels that agree with the portable one, fastest first. */
function calibrate(candidates: Kernel[], refuse: (kernel: KernelName, reason: string) => void) {
  const codes = randomBytes(sample.n * sample.codeBytes);
  const query = codes.slice(0, sample.codeBytes);
  const fill = (kernel: Kernel) => {
    const scanner = kernel.createScanner(sample.codeBytes, sample.n);
    scanner.append(codes);
    return scanner;
  };
  const truth = fill(portableKernel).scan(query, sample.k);
  const timed: { kernel: Kernel; rate: number }[] = [];
  for (const kernel of candidates) {
    const scanner = fill(kernel);
    if (agree(scanner.scan(query, sample.k), truth)) {
      timed.push({ kernel, rate: candidates.length > 1 ? scanRate(scanner, query) : 0 });
    } else refuse(kernel.name, 'its answers differ from the portable kernel');
    scanner.close();
  }
  return timed.sort((a, b) => b.rate - a.rate);
}

function agree(a: Neighbours, b: Neighbours): boolean {
  const same = (i: number) => a.ordinals[i] === b.ordinals[i] && a.distances[i] === b.distances[i];
  return a.ordinals.length === b.ordinals.length && a.ordinals.every((_, i) => same(i));
}

/** Codes per millisecond. */
function scanRate(scanner: CodeScanner, query: Uint8Array): number {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let scans = 0;
    let ms = 0;
    do {
      scanner.scan(query, sample.k);
      scans++;
      ms = performance.now() - start;
    } while (ms < roundMs);
    best = Math.max(best, (scans * sample.n) / ms);
  }
  return best;
}

function perMs(rate: number): string {
  return `${Math.round(rate / 1000)}k codes of ${sample.codeBytes * 8} bits per ms`;
}

/** Reproducible noise (xorshift32). */
function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}
