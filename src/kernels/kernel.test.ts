import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseKernel } from './choose';
import { kernelSuite } from './kernel.suite';
import { portableKernel } from './portable';
import { hammingSource } from './wasm/hamming.generated';
import { loadWasmKernel } from './wasm/loader';

const wasm = await loadWasmKernel();
if (!wasm.kernel) throw new Error(wasm.reason);

kernelSuite(portableKernel);
kernelSuite(wasm.kernel);

describe('the committed WASM bytes', () => {
  it('come from the committed source (else run `npm run kernels`)', async () => {
    const source = await readFile(new URL('./wasm/hamming.wat', import.meta.url));
    expect(createHash('sha256').update(source).digest('hex')).toBe(hammingSource);
  });
});

describe('choosing a kernel', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('takes the WASM kernel here and says why not the portable one', async () => {
    const choice = await chooseKernel();
    expect(choice.kernel.name).toBe('wasm');
    expect(choice.reason).toMatch(/^the fastest: \d+k codes/);
    expect(choice.refused).toEqual([{ kernel: 'portable', reason: expect.stringMatching(/^slower: /) }]);
  });

  it('falls back to the portable kernel where a policy forbids WebAssembly, and keeps the reason', async () => {
    vi.stubGlobal('WebAssembly', {
      compile: () => Promise.reject(new Error("blocked by 'script-src'")),
    });
    const choice = await chooseKernel();
    expect(choice.kernel.name).toBe('portable');
    expect(choice.refused).toEqual([
      { kernel: 'wasm', reason: "WebAssembly is refused here: blocked by 'script-src'" },
    ]);
  });

  it('falls back to the portable kernel where there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const choice = await chooseKernel({ allow: ['wasm'] });
    expect(choice.kernel.name).toBe('portable');
    expect(choice.refused.map((refusal) => refusal.kernel)).toEqual(['wasm', 'portable']);
  });

  it('leaves out what the caller does not allow', async () => {
    const choice = await chooseKernel({ allow: ['portable'] });
    expect(choice.kernel.name).toBe('portable');
    expect(choice.reason).toBe('the only kernel left');
    expect(choice.refused).toEqual([{ kernel: 'wasm', reason: 'not allowed by the caller' }]);
  });
});
