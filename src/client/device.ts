/**
 * What the device offers, as far as a runtime's choice depends on it.
 * Absence is not an error: each capability is there, or has a reason.
 */

export interface Device {
  /** Threads need it: the page's COOP and COEP headers. */
  isolated: boolean;
  cores: number;
  /** The reader asked for fewer downloads. */
  savesData: boolean;
  /** WebAssembly can wait for promises (JSPI), which our WebGPU build needs. */
  jspi: boolean;
  /** `software`: emulated on the CPU. */
  adapter(): Promise<'hardware' | 'software' | 'none'>;
}

/** Whether the reader asked for fewer downloads (Save-Data). */
export function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

/** This page's device. */
export const thisDevice: Device = {
  get isolated() {
    return globalThis.crossOriginIsolated === true;
  },
  get cores() {
    return navigator.hardwareConcurrency || 1;
  },
  get savesData() {
    return savesData();
  },
  get jspi() {
    return 'Suspending' in WebAssembly;
  },
  async adapter() {
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    if (!adapter) return 'none';
    const info: { isFallbackAdapter?: boolean; architecture?: string } = adapter.info;
    return info.isFallbackAdapter || info.architecture === 'swiftshader' ? 'software' : 'hardware';
  },
};
