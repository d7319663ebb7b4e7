/**
 * Modules and memories of the WASM kernels.
 * In: names of modules. Out: compiled modules; memories that grow.
 * A memory goes with the last reference to it: whoever closes drops its instance.
 */
import { modules } from './modules.generated';

export type ModuleName = keyof typeof modules;

const pageBytes = 65_536;
/** The most that 32-bit addresses reach. Units: pages. */
const mostPages = 65_536;
/** Room that a shared memory asks for at least: engines set all of it aside at once, and run out of addresses. Units: pages. */
const sharedPages = 16_384;

export function moduleBytes(name: ModuleName): Uint8Array<ArrayBuffer> {
  const hex = modules[name];
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

const compiled = new Map<ModuleName, WebAssembly.Module>();

/** Compiles a small module at once. Errors: CompileError where it uses what is not known here. */
export function compileNow(name: ModuleName): WebAssembly.Module {
  const module = compiled.get(name) ?? new WebAssembly.Module(moduleBytes(name));
  compiled.set(name, module);
  return module;
}

/** How a module's bytes declare the memory it imports: its name, the kind, then a flag byte, 1 for "has a maximum". */
const memoryImport = [...new TextEncoder().encode('memory'), 2];
/** The flag of a memory that threads share, too. */
const sharedFlag = 3;

/** The same module over a shared memory. Errors: CompileError where there are no threads. */
export function compileShared(name: ModuleName): WebAssembly.Module {
  const bytes = moduleBytes(name);
  const isImport = (_: number, i: number) => memoryImport.every((byte, j) => bytes[i + j] === byte);
  bytes[bytes.findIndex(isImport) + memoryImport.length] = sharedFlag;
  return new WebAssembly.Module(bytes);
}

/** A memory for `bytes`, which may grow. */
export function createMemory(bytes: number, shared = false): WebAssembly.Memory {
  const initial = Math.ceil(bytes / pageBytes);
  const maximum = shared ? Math.min(mostPages, Math.max(sharedPages, 2 * initial)) : mostPages;
  return new WebAssembly.Memory({ initial, maximum, shared });
}

/** Grows the memory to hold `bytes`; returns a view of all of it, since growing detaches older views. */
export function reserve(memory: WebAssembly.Memory, bytes: number): Uint8Array {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  return new Uint8Array(memory.buffer);
}
