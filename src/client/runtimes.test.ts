import { describe, expect, test } from 'vitest';
import type { ManifestModel } from '../types';
import type { Device } from './device';
import { downloads } from './downloads';
import { type RuntimeOptions, runtimesFor } from './runtimes';

const block = (bytes: number) => ({ hash: '0'.repeat(32), bytes });
const files = {
  'tokenizer.json': block(10),
  'onnx/model_quantized.onnx': block(100),
  'onnx/model_q4.onnx': block(200),
};
const runtime = {
  'ort-wasm-simd-threaded.wasm': block(1000),
  'ort-wasm-simd-threaded.jspi.wasm': block(2000),
};
const device: Device = {
  isolated: true,
  cores: 4,
  savesData: false,
  jspi: true,
  adapter: async () => 'hardware',
};

async function list(
  options: Partial<RuntimeOptions>,
  on: Partial<Device> = {},
  index: { files?: object; runtime?: object } = {},
) {
  const refused: [string, string][] = [];
  const model = { files: index.files ?? files } as ManifestModel;
  const candidates: string[] = [];
  const all = { wish: 'auto', threads: 1, work: 'query', ...options } as const;
  const carried = { model, runtime: (index.runtime ?? runtime) as typeof runtime };
  for await (const { report } of runtimesFor(all, carried, { ...device, ...on }, (name, reason) =>
    refused.push([name, reason]),
  ))
    candidates.push(`${report.runtime} ${report.threads} ${report.weights.replace('onnx/model_', '')}`);
  return { candidates, refused };
}

describe('runtimes in the order they are tried', () => {
  test('a query takes one thread of WebAssembly, and WebGPU only when that is refused', async () => {
    const { candidates, refused } = await list({});
    expect(candidates).toEqual(['wasm 1 quantized.onnx', 'webgpu 1 q4.onnx']);
    expect(refused).toEqual([['webgpu', 'a short query is quicker on WebAssembly']]);
  });

  test('threads need an isolated page, and one thread is there when they fail', async () => {
    expect((await list({ wish: 'wasm', threads: 8 })).candidates).toEqual([
      'wasm-threads 4 quantized.onnx',
      'wasm 1 quantized.onnx',
    ]);
    const { candidates, refused } = await list({ wish: 'wasm', threads: 2 }, { isolated: false });
    expect(candidates).toEqual(['wasm 1 quantized.onnx']);
    expect(refused).toContainEqual(['wasm-threads', 'the page is not cross-origin isolated (COOP and COEP)']);
  });

  test('bulk work takes a real graphics adapter first', async () => {
    expect((await list({ work: 'bulk' })).candidates[0]).toBe('webgpu 1 q4.onnx');
  });

  test.each([
    ['software', 'the graphics adapter is emulated in software'],
    ['none', 'no graphics adapter'],
  ] as const)('bulk work on a %s adapter stays on WebAssembly', async (adapter, reason) => {
    const { candidates, refused } = await list({ work: 'bulk' }, { adapter: async () => adapter });
    expect(candidates).toEqual(['wasm 1 quantized.onnx']);
    expect(refused).toEqual([['webgpu', reason]]);
  });

  test('asking for WebGPU accepts an emulated adapter, and keeps WebAssembly for when it fails', async () => {
    const { candidates } = await list({ wish: 'webgpu' }, { adapter: async () => 'software' });
    expect(candidates).toEqual(['webgpu 1 q4.onnx', 'wasm 1 quantized.onnx']);
  });

  test('WebGPU is refused by name of what is missing', async () => {
    const gone = async (on: Partial<Device>, index = {}) =>
      (await list({ wish: 'webgpu' }, on, index)).refused[0]![1];
    expect(await gone({ jspi: false })).toContain('JSPI');
    expect(await gone({}, { runtime: {} })).toContain('ort-wasm-simd-threaded.jspi.wasm');
    expect(await gone({}, { files: { 'onnx/model.onnx': block(1) } })).toContain('onnx/model_q4.onnx');
  });

  test('an index with other weights is read with those; one without weights has no candidate', async () => {
    expect((await list({ wish: 'wasm' }, {}, { files: { 'onnx/own.onnx': block(1) } })).candidates).toEqual([
      'wasm 1 onnx/own.onnx',
    ]);
    expect((await list({ wish: 'wasm' }, {}, { files: {} })).candidates).toEqual([]);
  });
});

test('what a reader is asked to download counts one weights file and one runtime', () => {
  expect(downloads({ files } as unknown as ManifestModel, runtime)).toEqual([
    { what: 'model', bytes: 110 },
    { what: 'runtime', bytes: 1000 },
  ]);
});
