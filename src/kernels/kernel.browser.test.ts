import { describe, expect, it } from 'vitest';
import { chooseKernel } from './choose';
import { agreementSuite, kernelSuite } from './kernel.suite';
import { portableKernel } from './portable';
import { loadWasmKernels } from './wasm/loader';

const loaded = Object.values(await loadWasmKernels());
for (const one of loaded) {
  if (!one.kernel) throw new Error(one.reason);
  kernelSuite(one.kernel);
  agreementSuite(one.kernel, portableKernel, 2000);
}
kernelSuite(portableKernel);

describe('choosing a kernel in a browser', () => {
  it('takes one of the kernels and keeps a reason for each', async () => {
    const choice = await chooseKernel();
    expect(choice.reason).not.toBe('');
    expect(choice.refused).toHaveLength(3);
  });
});
