/**
 * What the tests of this folder share: a device in the hands of the test, a host that counts its scans, and the truth.
 * In: codes, a query. Out: neighbours by sorting plain numbers, which shares no code with the kernels.
 */

import type { CodeScanner, Kernel, Neighbours, ScanLimits, ScannerOptions } from '../kernel';
import { portableKernel } from '../portable';
import { openWebGpuKernel, type WebGpuOptions } from './kernel';

/** Whether this browser has an adapter at all; a software one needs --enable-unsafe-webgpu. */
export const hasAdapter = Boolean(await navigator.gpu?.requestAdapter());

/** A host that knows how often it was asked, and may be changed. */
export function countingHost(change: (scanner: CodeScanner) => Partial<CodeScanner> = () => ({})) {
  const host = {
    ...portableKernel,
    scans: 0,
    createScanner(options: ScannerOptions): CodeScanner {
      const inner = portableKernel.createScanner(options);
      const scan: CodeScanner['scan'] = (query, k, limits) => inner.scan(query, k, limits);
      const { scan: changed = scan } = change(inner);
      return {
        get n() {
          return inner.n;
        },
        append: (codes) => inner.append(codes),
        scan: (query, k, limits) => {
          host.scans++;
          return changed(query, k, limits);
        },
        code: (ordinal) => inner.code(ordinal),
        close: () => inner.close(),
      };
    },
  };
  return host satisfies Kernel;
}

/** A kernel that answers from the software adapter whatever it can, and its device. */
export async function openOnSoftware(options: WebGpuOptions & { host?: Kernel; maxBytes?: number } = {}) {
  const { host = countingHost(), maxBytes, ...rest } = options;
  let device!: GPUDevice;
  const requestAdapter = async () => {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) return null;
    const requestDevice = async (wanted: GPUDeviceDescriptor) => {
      device = await adapter.requestDevice(wanted);
      if (maxBytes) {
        const limits = { maxBufferSize: maxBytes, maxStorageBufferBindingSize: maxBytes };
        Object.defineProperty(device, 'limits', { value: limits });
      }
      return device;
    };
    return { info: adapter.info, limits: adapter.limits, requestDevice };
  };
  const gpu = { requestAdapter } as unknown as GPU;
  const opened = await openWebGpuKernel(host, { gpu, allowFallbackAdapter: true, timed: false, ...rest });
  if (!opened.kernel) throw new Error(opened.reason);
  return { kernel: opened.kernel, device };
}

const bitsOf = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);
const isSet = (bitmap: Uint32Array, i: number) => ((bitmap[i >> 5]! >>> (i & 31)) & 1) === 1;

/** The truth. */
export function nearest(
  codes: Uint8Array,
  query: Uint8Array,
  k: number,
  limits: ScanLimits = {},
): Neighbours {
  const { filter, tombstones, within = Number.POSITIVE_INFINITY } = limits;
  const rows: { distance: number; ordinal: number }[] = [];
  for (let ordinal = 0, at = 0; at < codes.length; ordinal++, at += query.length) {
    if ((filter && !isSet(filter, ordinal)) || (tombstones && isSet(tombstones, ordinal))) continue;
    let distance = 0;
    for (let j = 0; j < query.length; j++) distance += bitsOf[codes[at + j]! ^ query[j]!]!;
    if (distance <= within) rows.push({ distance, ordinal });
  }
  rows.sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal);
  const found = rows.slice(0, k);
  return {
    ordinals: Uint32Array.from(found, ({ ordinal }) => ordinal),
    distances: Uint16Array.from(found, ({ distance }) => distance),
  };
}

/** Reproducible noise (xorshift32). */
export function noise(length: number, seed: number): Uint8Array {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

/** A bitmap in which about `share` of the bits are set. */
export function bitmap(n: number, share: number, seed: number): Uint32Array {
  const draws = noise(n, seed);
  const words = new Uint32Array(Math.ceil(n / 32));
  for (let i = 0; i < n; i++) if (draws[i]! < share * 256) words[i >> 5]! |= 1 << (i & 31);
  return words;
}
