/**
 * The WebGPU kernel: opens a device for scans, or says in one sentence why there is none.
 * In: the kernel that it stands beside (the host), which keeps the codes and answers whenever the GPU cannot or is slower.
 * Deliberately not here: whether the GPU is worth loading at all. Below the codes that the host scans in `roundTripMs`, never.
 * To be imported dynamically, so that pages without a GPU do not download it.
 */
import { describe } from '../../errors';
import type { CodeScanner, Kernel, ScannerOptions } from '../kernel';
import { type Gpu, openGpu } from './gpu';
import { WebGpuScanner } from './scanner';

export interface WebGpuKernel extends Kernel {
  readonly name: 'webgpu';
  /** A WebGpuScanner for the measure hamming, else the host's scanner. Errors: ShapeError. */
  createScanner(options: ScannerOptions): CodeScanner;
  /** The device, and what all scanners share on it. */
  readonly gpu: Gpu;
  /** Gives the device back; scanners still open answer from the host. */
  close(): void;
}

export interface WebGpuOptions {
  /** Hears why the GPU answers or does not, whenever that changes; of a device that was lost last of all. */
  onReason?: ((reason: string) => void) | undefined;
  /** True lets a processor play the GPU, which is slower than the host; for tests. Default: false. */
  allowFallbackAdapter?: boolean | undefined;
  /** False lets the GPU answer even where the host is faster; for tests and benchmarks. Default: true. */
  timed?: boolean | undefined;
  /** Default: the browser's. */
  gpu?: GPU | undefined;
}

type Opened = { kernel: WebGpuKernel } | { kernel: null; reason: string };

/** Opens the kernel, or says why it cannot run here. Never rejects. */
export async function openWebGpuKernel(host: Kernel, options: WebGpuOptions = {}): Promise<Opened> {
  const {
    gpu = globalThis.navigator?.gpu,
    allowFallbackAdapter,
    onReason = () => {},
    timed = true,
  } = options;
  const refuse = (reason: string): Opened => ({ kernel: null, reason });
  if (!gpu) return refuse('there is no WebGPU here');
  try {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return refuse('WebGPU finds no adapter');
    if (isSoftware(adapter) && !allowFallbackAdapter) {
      return refuse('its adapter is a software one (fallback)');
    }
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize };
    const device = await adapter.requestDevice({ requiredLimits });
    return { kernel: kernelOn(await openGpu(device, onReason), host, timed) };
  } catch (error) {
    return refuse(`WebGPU refuses a device: ${describe(error)}`);
  }
}

/** Browsers name a software adapter in one of two places, and SwiftShader in older ones in neither. */
function isSoftware(adapter: GPUAdapter & { isFallbackAdapter?: boolean }): boolean {
  const { info, isFallbackAdapter } = adapter;
  return Boolean(
    isFallbackAdapter ||
      info?.isFallbackAdapter ||
      /swiftshader|llvmpipe/i.test(`${info?.vendor} ${info?.architecture}`),
  );
}

/** The least time in which the device answers anything, best of five: no scan can be faster. Infinite once it is lost. */
export async function roundTripMs({ gpu }: WebGpuKernel): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const startedMs = performance.now();
    await gpu.ask();
    if (gpu.lost === null) best = Math.min(best, performance.now() - startedMs);
  }
  return best;
}

function kernelOn(gpu: Gpu, host: Kernel, timed: boolean): WebGpuKernel {
  return {
    name: 'webgpu',
    gpu,
    createScanner(options) {
      const scanner = host.createScanner(options);
      const { codeBytes, capacity = 0, measure = 'hamming' } = options;
      return measure === 'hamming' && gpu.lost === null
        ? new WebGpuScanner(scanner, gpu, { codeBytes, capacity, timed })
        : scanner;
    },
    createRescorer: (form) => host.createRescorer(form),
    close: () => gpu.lose('the GPU was given back', true),
  };
}
