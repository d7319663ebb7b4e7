import { expect, it } from 'vitest';
import { portableKernel } from '../portable';
import { openWebGpuKernel } from './kernel';

const limits = { maxBufferSize: 1, maxStorageBufferBindingSize: 1 };

/** A browser whose adapter is the one given. */
function browserWith(adapter: object | null): GPU {
  return { requestAdapter: async () => adapter && { limits, ...adapter } } as unknown as GPU;
}

async function reasonWith(gpu: GPU | undefined): Promise<string | null> {
  const opened = await openWebGpuKernel(portableKernel, gpu && { gpu });
  return opened.kernel ? null : opened.reason;
}

it('refuses where there is no WebGPU', async () => {
  expect(await reasonWith(undefined)).toBe('there is no WebGPU here');
});

it('refuses where WebGPU finds no adapter', async () => {
  expect(await reasonWith(browserWith(null))).toBe('WebGPU finds no adapter');
});

it.each([
  ['its info', { info: { isFallbackAdapter: true } }],
  ['itself', { isFallbackAdapter: true }],
  ['its architecture', { info: { vendor: 'google', architecture: 'swiftshader' } }],
])('refuses an adapter that is a software one by %s', async (_, adapter) => {
  expect(await reasonWith(browserWith(adapter))).toBe('its adapter is a software one (fallback)');
});

it('refuses where the adapter gives no device, with its words', async () => {
  const requestDevice = () => Promise.reject(new Error('no more devices'));
  const reason = await reasonWith(browserWith({ info: { vendor: 'someone' }, requestDevice }));
  expect(reason).toBe('WebGPU refuses a device: no more devices');
});
