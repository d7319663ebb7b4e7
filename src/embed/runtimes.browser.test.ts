/// <reference types="vite/client" />
import jspiGlueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import { describe, expect, it } from 'vitest';
import { checkCanaries } from './canary';
import { createEncoder } from './encoder';
import canaries from './fixtures/canaries.json';
import oddStrings from './fixtures/odd-strings.json';
import { readModelCard } from './model-card';
import { type ModelFiles, parseModelJson, readModelFile } from './model-files';
import { openWasmGraph } from './ort-web';
import { openWebGpuGraph } from './ort-webgpu';
import { openSession } from './session';
import { readTokenizer } from './tokenizer';
import { glueUrl, wasmUrl } from './wasm-runtime.fixture';

const addresses = import.meta.glob('../../models/all-MiniLM-L6-v2/**/*', {
  query: '?url',
  import: 'default',
  eager: true,
});

const files: ModelFiles = {
  name: 'all-MiniLM-L6-v2',
  async read(path) {
    const address = addresses[`../../models/all-MiniLM-L6-v2/${path}`];
    return address ? fetchBytes(String(address)) : null;
  },
};

async function fetchBytes(address: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(address)).arrayBuffer());
}

async function openEncoder(runtime: 'wasm' | 'webgpu', path: string) {
  const weights = { path, bytes: await readModelFile(files, path) };
  const session =
    runtime === 'wasm'
      ? await openWasmGraph(weights, { wasmBinary: await fetchBytes(wasmUrl), glueUrl }, openSession)
      : await openWebGpuGraph(
          weights,
          { wasmBinary: await fetchBytes(jspiWasmUrl), glueUrl: jspiGlueUrl },
          openSession,
        );
  const report = { runtime, weights: path, threads: 1, reason: 'the test', refused: [] };
  return createEncoder({
    card: await readModelCard(files),
    tokenizer: await readTokenizer(files),
    session,
    report,
  });
}

describe('in a browser', () => {
  it('the tokenizer gives the reference’s pieces, whatever Unicode this browser knows', async () => {
    const json = parseModelJson(await readModelFile(files, 'tokenizer.json'), 'tokenizer.json');
    const vocab = (json.model as { vocab: Record<string, number> }).vocab;
    const tokenizer = await readTokenizer(files);
    for (const [text, pieces] of oddStrings as [string, string][]) {
      expect(tokenizer.encode(text, 1e6), text).toEqual(pieces.split(' ').map((piece) => vocab[piece]));
    }
  });

  it.each(['onnx/model_quantized.onnx', 'onnx/model_q4.onnx'])(
    'WebAssembly embeds as native code did, with %s',
    async (path) => {
      const encoder = await openEncoder('wasm', path);
      const { ok, worst } = await checkCanaries(encoder, canaries, path);
      expect(ok).toBe(true);
      expect(worst).toBeGreaterThan(0.999);
      await encoder.close();
    },
  );

  it('damaged weights are named', async () => {
    const bytes = (await readModelFile(files, 'onnx/model_q4.onnx')).slice(0, 1_000_000);
    const opening = openWasmGraph(
      { path: 'onnx/model_q4.onnx', bytes },
      { wasmBinary: await fetchBytes(wasmUrl), glueUrl },
      openSession,
    );
    await expect(opening).rejects.toMatchObject({ code: 'model-damaged' });
  });

  it('WebGPU embeds as native code did where there is an adapter, else it is refused', async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    const opening = openEncoder('webgpu', 'onnx/model_q4.onnx');
    if (!adapter) {
      await expect(opening).rejects.toMatchObject({ code: 'runtime-refused' });
      return;
    }
    const encoder = await opening;
    expect(await checkCanaries(encoder, canaries, 'onnx/model_q4.onnx')).toMatchObject({ ok: true });
    await encoder.close();
  }, 120_000);
});
