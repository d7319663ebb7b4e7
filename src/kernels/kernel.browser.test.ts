import { describe, expect, it } from 'vitest';
import { chooseKernel } from './choose';
import { kernelSuite } from './kernel.suite';
import { portableKernel } from './portable';
import { loadWasmKernel } from './wasm/loader';

const wasm = await loadWasmKernel();
if (!wasm.kernel) throw new Error(wasm.reason);

kernelSuite(portableKernel);
kernelSuite(wasm.kernel);

describe('choosing a kernel in a browser', () => {
  it('takes one of the kernels and keeps a reason for each', async () => {
    const choice = await chooseKernel();
    expect(choice.reason).not.toBe('');
    expect(choice.refused).toHaveLength(1);
  });
});
