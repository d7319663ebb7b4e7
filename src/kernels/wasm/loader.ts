/**
 * The WASM kernels: compiles what runs here, or says why not.
 * In: nothing. Out: kernels and reasons.
 * Both scan rows of 64-bit words: `wasm` by scalar popcounts, `wasm-simd` by vectors of them. They share the rest. Without SIMD,
 * `wasm` looks tables up and multiplies int8 rows as the portable kernel does.
 */
import { describe as describeError } from '../../errors';
import type { Kernel } from '../kernel';
import { portableKernel } from '../portable';
import type { ScanThreads } from './crew';
import { compileNow, type ModuleName, moduleBytes } from './memory';
import { WasmRescorer } from './rescorer';
import { WasmScanner } from './scanner';

export type WasmKernelName = 'wasm' | 'wasm-simd';
export type Loaded = { kernel: Kernel } | { kernel: null; reason: string };

/**
 * Both kernels, or the reason why one cannot run here (no WebAssembly, a policy that forbids it, no SIMD). `threads`: what may
 * scan beside the caller's own thread, where memory can be shared and the caller's thread may wait.
 */
export async function loadWasmKernels(
  threads: ScanThreads | null = null,
): Promise<Record<WasmKernelName, Loaded>> {
  const [scalar, simd] = await Promise.all([compile('hamming'), compile('hammingSimd')]);
  const tables = simd.module && findTables();
  const load = (name: WasmKernelName, { name: file, module, reason }: Compiled): Loaded => {
    if (!module) return { kernel: null, reason: reason! };
    return {
      kernel: {
        name,
        createScanner: (options) =>
          options.measure !== 'tables'
            ? new WasmScanner({ name: file, module }, options, threads)
            : tables
              ? new WasmScanner(tables, options, threads)
              : portableKernel.createScanner(options),
        createRescorer: (form) =>
          form.form === 'planes' || tables ? new WasmRescorer(form) : portableKernel.createRescorer(form),
      },
    };
  };
  return { wasm: load('wasm', scalar), 'wasm-simd': load('wasm-simd', simd) };
}

interface Compiled {
  name: ModuleName;
  module: WebAssembly.Module | null;
  reason?: string;
}

async function compile(name: 'hamming' | 'hammingSimd'): Promise<Compiled> {
  if (typeof WebAssembly === 'undefined')
    return { name, module: null, reason: 'this browser has no WebAssembly' };
  const bytes = moduleBytes(name);
  if (name === 'hammingSimd' && !WebAssembly.validate(bytes)) {
    return { name, module: null, reason: 'this browser has no SIMD in WebAssembly' };
  }
  try {
    return { name, module: await WebAssembly.compile(bytes) };
  } catch (error) {
    return { name, module: null, reason: `WebAssembly is refused here: ${describeError(error)}` };
  }
}

/** Relaxed SIMD looks a table up in one instruction of x64 where SIMD takes two. */
function findTables(): { name: ModuleName; module: WebAssembly.Module } {
  const name = WebAssembly.validate(moduleBytes('tablesRelaxed')) ? 'tablesRelaxed' : 'tables';
  return { name, module: compileNow(name) };
}
