/**
 * Which kernel to use here: loads each, lets it scan the same random codes for about a millisecond, takes the fastest.
 * In: the names allowed, the number of codes there will be. Out: a kernel, the reason for it, and the reason against every other.
 * A GPU is only asked where the processor would need longer than the way to the GPU and back.
 * Deliberately not here: any remembering between visits; the calibration costs less than a look into a store.
 */
import type { CodeScanner, Kernel, KernelName, Neighbours } from './kernel';
import { portableKernel } from './portable';
import type { ScanThreads } from './wasm/crew';
import { loadWasmKernels } from './wasm/loader';

export interface KernelChoice {
  kernel: Kernel;
  /** One sentence: why this kernel. */
  reason: string;
  refused: { kernel: KernelName; reason: string }[];
}

export interface KernelOptions {
  /** Kernels that may be chosen. Default: all. Fewer: for tests, or to compare. */
  allow?: readonly KernelName[];
  /** Codes there will be, for the choice of a GPU. Default 0: none is asked. */
  codes?: number;
  /** Threads for scans of a million codes or more. Default: none. */
  threads?: ScanThreads | null;
  /** Hears more of a GPU once it has been chosen: how it does on the codes themselves, or that it was lost. */
  onGpu?: (reason: string) => void;
}

const names: readonly KernelName[] = ['wasm', 'wasm-simd', 'portable', 'webgpu'];

/** The best round counts, so that an interruption does not. Units: ms a round and kernel; browsers count in 0.1 ms. */
const roundMs = 0.2;
/**
 * Engines run WebAssembly at first as it comes and compile it well in the background, which makes it several times faster, and
 * kernels by different factors. So rounds have pauses between them, and go on while a kernel gets faster.
 */
const leastRounds = 8;
const mostRounds = 16;
const pauseMs = 4;
/** The sample: as wide as the usual code. */
const sample = { n: 2048, times: 4, codeBytes: 48, k: 10 };
/** No GPU answers sooner. Units: ms. */
const soonestGpuMs = 0.5;

/** The fastest allowed kernel that runs here and agrees with the portable one; the portable one when there is none. */
export async function chooseKernel(options: KernelOptions = {}): Promise<KernelChoice> {
  const { allow = names, codes = 0, threads = null } = options;
  const refused: KernelChoice['refused'] = [];
  const refuse = (kernel: KernelName, reason: string) => refused.push({ kernel, reason });
  for (const name of names) if (!allow.includes(name)) refuse(name, 'not allowed by the caller');

  const candidates: Kernel[] = [];
  if (allow.includes('wasm') || allow.includes('wasm-simd')) {
    for (const [name, loaded] of Object.entries(await loadWasmKernels(threads)) as [KernelName, Loaded][]) {
      if (!allow.includes(name)) continue;
      if (loaded.kernel) candidates.push(loaded.kernel);
      else refuse(name, loaded.reason);
    }
  }
  if (allow.includes('portable')) candidates.push(portableKernel);

  const timed = await calibrate(candidates, refuse);
  const best = timed[0] ?? { kernel: portableKernel, rate: 0 };
  for (const { kernel, rate } of timed.slice(1)) refuse(kernel.name, `slower: ${perMs(rate)}`);
  const reasons = ['no allowed kernel runs here', 'the only kernel left'];
  const choice = {
    kernel: best.kernel,
    reason: reasons[timed.length] ?? `the fastest: ${perMs(best.rate)}`,
    refused,
  };
  return allow.includes('webgpu') ? withGpu(choice, codes, codes / best.rate, refuse, options.onGpu) : choice;
}

type Loaded = { kernel: Kernel } | { kernel: null; reason: string };
type Refuse = (kernel: KernelName, reason: string) => void;

/** The GPU's kernel over the one chosen, where it can be faster. */
async function withGpu(
  choice: KernelChoice,
  codes: number,
  scanMs: number,
  refuse: Refuse,
  onReason?: (reason: string) => void,
): Promise<KernelChoice> {
  const scanned = `${codes.toLocaleString('en')} codes take ${choice.kernel.name} ${scanMs.toFixed(2)} ms`;
  if (!(scanMs > soonestGpuMs)) {
    refuse('webgpu', `${scanned}, less than asking a GPU`);
    return choice;
  }
  const { openWebGpuKernel, roundTripMs } = await import('./webgpu/kernel');
  const opened = await openWebGpuKernel(choice.kernel, { onReason });
  if (!opened.kernel) {
    refuse('webgpu', opened.reason);
    return choice;
  }
  const askingMs = await roundTripMs(opened.kernel);
  if (askingMs >= scanMs) {
    opened.kernel.close();
    refuse('webgpu', `${scanned}; asking the GPU and doing nothing takes ${askingMs.toFixed(2)} ms`);
    return choice;
  }
  refuse(
    choice.kernel.name,
    `${scanned}; it answers where the GPU cannot, or proves slower on the codes themselves`,
  );
  return {
    ...choice,
    kernel: opened.kernel,
    reason: `asking it takes ${askingMs.toFixed(2)} ms; ${scanned}`,
  };
}

/** Kernels that agree with the portable one, fastest first. */
async function calibrate(candidates: Kernel[], refuse: Refuse) {
  const codes = randomBytes(sample.n * sample.codeBytes);
  const query = codes.slice(0, sample.codeBytes);
  const fill = (kernel: Kernel) => {
    const { n, times, codeBytes } = sample;
    const scanner = kernel.createScanner({ codeBytes, capacity: n * times });
    for (let i = 0; i < times; i++) scanner.append(codes);
    return scanner;
  };
  const truth = await fill(portableKernel).scan(query, sample.k);
  const timed: { kernel: Kernel; scanner: CodeScanner; rate: number }[] = [];
  for (const kernel of candidates) {
    const scanner = fill(kernel);
    if (agree(await scanner.scan(query, sample.k), truth)) timed.push({ kernel, scanner, rate: 0 });
    else refuse(kernel.name, 'its answers differ from the portable kernel');
  }
  for (let round = 0, isWarming = true; isWarming && round < mostRounds; round++) {
    if (round > 0) await new Promise((done) => setTimeout(done, pauseMs));
    isWarming = round < leastRounds - 1;
    for (const one of timed) {
      const rate = await scanRate(one.scanner, query);
      isWarming ||= rate > 1.3 * one.rate;
      one.rate = Math.max(one.rate, rate);
    }
  }
  for (const { scanner } of timed) scanner.close();
  return timed.sort((a, b) => b.rate - a.rate);
}

function agree(a: Neighbours, b: Neighbours): boolean {
  const same = (i: number) => a.ordinals[i] === b.ordinals[i] && a.distances[i] === b.distances[i];
  return a.ordinals.length === b.ordinals.length && a.ordinals.every((_, i) => same(i));
}

/** Codes per millisecond. */
async function scanRate(scanner: CodeScanner, query: Uint8Array): Promise<number> {
  const start = performance.now();
  let scans = 0;
  let ms = 0;
  do {
    await scanner.scan(query, sample.k);
    scans++;
    ms = performance.now() - start;
  } while (ms < roundMs);
  return (scans * scanner.n) / ms;
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
