import { afterEach, describe, expect, it, vi } from 'vitest';
import { assemble, hashSources } from '../../scripts/build-kernels.mjs';
import { chooseKernel } from './choose';
import { agreementSuite, kernelSuite } from './kernel.suite';
import { portableKernel } from './portable';
import { loadWasmKernels } from './wasm/loader';
import { modules, sourcesHash } from './wasm/modules.generated';

const loaded = Object.values(await loadWasmKernels());
const wasmKernels = loaded.map((one) => {
  if (!one.kernel) throw new Error(one.reason);
  return one.kernel;
});

for (const kernel of [portableKernel, ...wasmKernels]) kernelSuite(kernel);
for (const kernel of wasmKernels) agreementSuite(kernel, portableKernel, 20_000);

describe('the committed WASM bytes', () => {
  it('come from the committed sources (else run `npm run kernels`)', async () => {
    expect(hashSources()).toBe(sourcesHash);
    for (const [name, bytes] of Object.entries(await assemble())) {
      expect(Buffer.from(bytes).toString('hex') === modules[name as keyof typeof modules]).toBe(true);
    }
  });
});

describe('choosing a kernel', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('takes a WASM kernel here and says why not the others', async () => {
    const choice = await chooseKernel();
    expect(choice.kernel.name).toMatch(/^wasm/);
    expect(choice.reason).toMatch(/^the fastest: \d+k codes/);
    const other = choice.kernel.name === 'wasm' ? 'wasm-simd' : 'wasm';
    expect(choice.refused).toEqual([
      { kernel: other, reason: expect.stringMatching(/^slower: /) },
      { kernel: 'portable', reason: expect.stringMatching(/^slower: /) },
      { kernel: 'webgpu', reason: expect.stringMatching(/^0 codes take wasm.* less than asking a GPU$/) },
    ]);
  });

  it('asks for a GPU where the scan is long, and says that there is none', async () => {
    const { kernel, refused } = await chooseKernel({ codes: 50_000_000 });
    expect(kernel.name).toMatch(/^wasm/);
    expect(refused.at(-1)).toEqual({ kernel: 'webgpu', reason: expect.stringMatching(/WebGPU/) });
  });

  it('falls back to the portable kernel where a policy forbids WebAssembly, and keeps the reason', async () => {
    vi.stubGlobal('WebAssembly', {
      validate: () => true,
      compile: () => Promise.reject(new Error("blocked by 'script-src'")),
    });
    const choice = await chooseKernel({ allow: ['wasm', 'wasm-simd', 'portable'] });
    expect(choice.kernel.name).toBe('portable');
    const reason = "WebAssembly is refused here: blocked by 'script-src'";
    expect(choice.refused).toEqual([
      { kernel: 'webgpu', reason: 'not allowed by the caller' },
      { kernel: 'wasm', reason },
      { kernel: 'wasm-simd', reason },
    ]);
  });

  it('falls back to the portable kernel where there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const choice = await chooseKernel({ allow: ['wasm'] });
    expect(choice.kernel.name).toBe('portable');
    expect(choice.refused.at(-1)).toEqual({ kernel: 'wasm', reason: 'this browser has no WebAssembly' });
  });

  it('scans by scalar popcounts where there is no SIMD, and looks tables up as the portable kernel does', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const { wasm, 'wasm-simd': simd } = await loadWasmKernels();
    vi.restoreAllMocks();
    expect(simd).toEqual({ kernel: null, reason: 'this browser has no SIMD in WebAssembly' });
    const scanner = wasm.kernel!.createScanner({ codeBytes: 8, measure: 'tables' });
    scanner.append(new Uint8Array(8));
    expect((await scanner.scan(new Uint8Array(256).fill(1), 1)).distances).toEqual(Uint16Array.of(16));
  });

  it('leaves out what the caller does not allow', async () => {
    const choice = await chooseKernel({ allow: ['portable'] });
    expect(choice.kernel.name).toBe('portable');
    expect(choice.reason).toBe('the only kernel left');
    expect(choice.refused.map(({ kernel }) => kernel)).toEqual(['wasm', 'wasm-simd', 'webgpu']);
  });
});
