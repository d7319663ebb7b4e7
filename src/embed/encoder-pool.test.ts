import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../types';
import { type EncoderPool, openEncoderPool } from './encoder-pool.node';
import { openNodeEncoder } from './node-encoder.node';

const embedded = fileURLToPath(new URL('../../models/all-MiniLM-L6-v2/', import.meta.url));
const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const texts = Array.from({ length: 75 }, (_, i) => `text number ${i} ${'and more '.repeat(i % 7)}`);
let scratch: string;
let script: URL;
let pool: EncoderPool;
let single: Encoder;

beforeAll(async () => {
  // Beside the packages, so that the thread finds onnxruntime-node as it does when installed.
  scratch = await mkdtemp(join(packages, '.encoder-pool-'));
  const file = join(scratch, 'encode.thread.js');
  await build({
    input: fileURLToPath(new URL('./encode.thread.node.ts', import.meta.url)),
    platform: 'node',
    external: /^onnxruntime-/,
    output: { file, format: 'esm', codeSplitting: false },
  });
  script = pathToFileURL(file);
  pool = await openEncoderPool(embedded, { workers: 2, script });
  single = await openNodeEncoder(embedded);
}, 60_000);

afterAll(async () => {
  await pool.close();
  await single.close();
  await rm(scratch, { recursive: true });
});

describe('an encoder pool', () => {
  it('gives the rows of a single encoder, in the order of the texts', async () => {
    expect(await pool.embed(texts, 'passage')).toEqual(await single.embed(texts, 'passage'));
    expect(await pool.embed([], 'passage')).toEqual(new Float32Array(0));
  });

  it('takes texts as they come, reads only a little ahead, and reports progress', async () => {
    let read = 0;
    let received = 0;
    let furthest = 0;
    const progress: number[] = [];
    async function* source() {
      for (const text of [...texts, ...texts]) {
        read++;
        yield text;
      }
    }
    for await (const rows of pool.embedStream(source(), 'query', {
      onProgress: (done) => progress.push(done),
    })) {
      furthest = Math.max(furthest, read - received);
      received += rows.length / 384;
    }
    expect(received).toBe(150);
    expect(furthest).toBeLessThanOrEqual(5 * 16);
    expect(progress.at(-1)).toBe(150);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('stops at an abort, and works on', async () => {
    const controller = new AbortController();
    const embedding = pool.embed(Array(20_000).fill('some text'), 'passage', controller.signal);
    setTimeout(() => controller.abort(), 30);
    await expect(embedding).rejects.toMatchObject({ name: 'AbortError' });
    expect((await pool.embed(['x'], 'query')).length).toBe(384);
  });

  it('passes on the failure of the texts’ source', async () => {
    async function* failing() {
      yield* texts;
      throw new Error('disk gone');
    }
    const reading = async () => {
      for await (const _ of pool.embedStream(failing(), 'passage'));
    };
    await expect(reading()).rejects.toThrow('disk gone');
  });

  it('says how many threads it runs', () => {
    expect(pool.report).toMatchObject({ runtime: 'onnxruntime-node', threads: 2 });
    expect(pool.countTokens('two words')).toBe(2);
  });

  it('refuses weights that the folder lacks', async () => {
    const opening = openEncoderPool(embedded, { workers: 1, script, weights: 'onnx/none.onnx' });
    await expect(opening).rejects.toMatchObject({ name: 'ModelError', code: 'model-missing' });
  });

  it('says when its threads cannot start', async () => {
    const opening = openEncoderPool(embedded, {
      workers: 2,
      script: pathToFileURL(join(scratch, 'none.js')),
    });
    await expect(opening).rejects.toMatchObject({ name: 'WorkerError', code: 'worker-crashed' });
  });

  it('settles its calls when a thread crashes, and starts another for the next call', async () => {
    const file = join(scratch, 'crashing.mjs');
    await writeFile(
      file,
      `import { parentPort } from 'node:worker_threads';
       parentPort.postMessage({ ready: { runtime: 'none', reason: '', refused: [] } });
       parentPort.on('message', ({ id }) => (id === 1 ? process.exit(3) : parentPort.postMessage({ id, rows: new Float32Array(384) })));`,
    );
    const other = await openEncoderPool(embedded, { workers: 1, script: pathToFileURL(file) });
    await other.embed(['x'], 'query');
    await expect(other.embed(['x'], 'query')).rejects.toMatchObject({
      code: 'worker-crashed',
      message: expect.stringContaining('exit code 3'),
    });
    expect((await other.embed(['x'], 'query')).length).toBe(384);
    await expect(other.embed(['x'], 'query')).rejects.toMatchObject({ code: 'worker-crashed' });
    await other.close();
  });

  it('rejects what is under way when it is closed', async () => {
    const other = await openEncoderPool(embedded, { workers: 1, script });
    const embedding = other.embed(texts, 'passage');
    setTimeout(() => other.close(), 10);
    await expect(embedding).rejects.toMatchObject({ code: 'closed' });
    await expect(other.embed(['x'], 'query')).rejects.toMatchObject({ code: 'closed' });
  });
});
