import { cp, mkdtemp, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Encoder } from '../types';
import { checkCanaries } from './canary';
import canaries from './fixtures/canaries.json';
import { openNodeEncoder } from './node-encoder.node';

const embedded = new URL('../../models/all-MiniLM-L6-v2/', import.meta.url).pathname;
const texts = [
  'how do I center a div',
  'The Fetch API provides an interface for fetching resources. '.repeat(30),
  '',
  'emoji 😀 and 東京',
];
let native: Encoder;
let wasm: Encoder;
let scratch: string;

beforeAll(async () => {
  native = await openNodeEncoder(embedded);
  wasm = await openNodeEncoder(embedded, { runtime: 'onnxruntime-web' });
  scratch = await mkdtemp(join(tmpdir(), 'nearbit-'));
});

afterAll(async () => {
  await native.close();
  await wasm.close();
  await rm(scratch, { recursive: true });
});

function cosine(a: Float32Array, b: Float32Array, row = 0, dim = a.length): number {
  let sum = 0;
  for (let i = row * dim; i < (row + 1) * dim; i++) sum += a[i]! * b[i]!;
  return sum;
}

async function copyOfModel(name: string): Promise<string> {
  const folder = join(scratch, name);
  await cp(embedded, folder, { recursive: true });
  return folder;
}

describe('an encoder in Node', () => {
  it('embeds native and as WebAssembly alike, to a cosine of .999', async () => {
    const [a, b] = [await native.embed(texts, 'passage'), await wasm.embed(texts, 'passage')];
    for (let row = 0; row < texts.length; row++) expect(cosine(a, b, row, 384)).toBeGreaterThan(0.999);
  });

  it('embeds as recorded, on both runtimes', async () => {
    for (const encoder of [native, wasm]) {
      const { ok, worst } = await checkCanaries(encoder, canaries, encoder.report.weights);
      expect(ok).toBe(true);
      expect(worst).toBeGreaterThan(0.999);
    }
  });

  it('reports which runtime and weights it uses', () => {
    expect(native.report).toMatchObject({
      runtime: 'onnxruntime-node',
      weights: 'onnx/model_quantized.onnx',
    });
    expect(wasm.report).toMatchObject({ runtime: 'wasm', threads: 1, refused: [] });
  });

  it('takes WebAssembly where native code is not installed, and says why', async () => {
    vi.doMock('onnxruntime-node', () => {
      throw new Error('not installed here');
    });
    const encoder = await openNodeEncoder(embedded);
    vi.doUnmock('onnxruntime-node');
    expect(encoder.report.runtime).toBe('wasm');
    expect(encoder.report.refused[0]).toMatchObject({
      runtime: 'onnxruntime-node',
      reason: expect.stringMatching(/./),
    });
    expect((await encoder.embed(['x'], 'query')).length).toBe(384);
    await encoder.close();
  });

  it('gives rows of length 1, the same alone as among others', async () => {
    const rows = await native.embed(texts, 'query');
    expect(rows.length).toBe(texts.length * 384);
    for (const [row, text] of texts.entries()) {
      expect(cosine(rows, rows, row, 384)).toBeCloseTo(1, 5);
      expect(await native.embed([text], 'query')).toEqual(rows.slice(row * 384, (row + 1) * 384));
    }
  });

  it('puts a question nearer to its answer than to something else', async () => {
    const passages = [
      'Place a block in the middle of its container with flexbox.',
      'Cats sleep most of the day.',
    ];
    const question = await native.embed(['how do I center a div'], 'query');
    const rows = await native.embed(passages, 'passage');
    expect(cosine(question, rows.subarray(0, 384))).toBeGreaterThan(
      cosine(question, rows.subarray(384)) + 0.1,
    );
  });

  it('answers calls made together, each with its own rows', async () => {
    const together = await Promise.all(texts.map((text) => wasm.embed([text], 'query')));
    for (const [i, text] of texts.entries()) expect(together[i]).toEqual(await wasm.embed([text], 'query'));
  });

  it('stops at an abort', async () => {
    const controller = new AbortController();
    const embedding = native.embed(Array(10_000).fill('some text'), 'passage', controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(embedding).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses work once closed', async () => {
    const encoder = await openNodeEncoder(embedded, { weights: 'onnx/model_q4.onnx' });
    await encoder.close();
    await encoder.close();
    await expect(encoder.embed(['x'], 'query')).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a model folder that is not whole', () => {
  it.each(['onnxruntime-node', 'onnxruntime-web'] as const)(
    'with cut weights is damaged (%s)',
    async (runtime) => {
      const folder = await copyOfModel(`cut-${runtime}`);
      await truncate(join(folder, 'onnx/model_quantized.onnx'), 5_000_000);
      await expect(openNodeEncoder(folder, { runtime })).rejects.toMatchObject({
        name: 'ModelError',
        code: 'model-damaged',
        message: expect.stringContaining('onnx/model_quantized.onnx'),
      });
    },
  );

  it('with empty weights is damaged', async () => {
    const folder = await copyOfModel('empty');
    await truncate(join(folder, 'onnx/model_quantized.onnx'), 0);
    await expect(openNodeEncoder(folder)).rejects.toMatchObject({ code: 'model-damaged' });
  });

  it('without a tokenizer says so', async () => {
    const folder = await copyOfModel('no-tokenizer');
    await unlink(join(folder, 'tokenizer.json'));
    await expect(openNodeEncoder(folder)).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('tokenizer.json in no-tokenizer'),
    });
  });

  it('without the weights asked for, or without any, says so', async () => {
    const wanted = openNodeEncoder(embedded, { weights: 'onnx/model.onnx' });
    await expect(wanted).rejects.toMatchObject({ code: 'model-missing' });
    const folder = await copyOfModel('no-weights');
    await rm(join(folder, 'onnx'), { recursive: true });
    await expect(openNodeEncoder(folder)).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('onnx/model_q4.onnx'),
    });
  });

  it('that does not exist says so', async () => {
    await expect(openNodeEncoder(join(scratch, 'nowhere'))).rejects.toMatchObject({ code: 'model-missing' });
  });

  it('takes the next weights when the first are absent', async () => {
    const folder = await copyOfModel('q4-only');
    await unlink(join(folder, 'onnx/model_quantized.onnx'));
    const encoder = await openNodeEncoder(folder);
    expect(encoder.report.weights).toBe('onnx/model_q4.onnx');
    await encoder.close();
  });
});
