import { describe, expect, it } from 'vitest';
import { tinyCrossEncoder, tinyEncoder } from '../../scripts/tiny-models.mjs';
import type { ModelFiles } from './model-files';
import { openNodeGraph } from './node-encoder.node';
import { openPairEncoder, type PairEncoder } from './pair-encoder';
import { openPairSession } from './pair-session';

type Folder = Record<string, Uint8Array>;
type Runtime = 'onnxruntime-node' | 'onnxruntime-web';

const weights = 'onnx/model_quantized.onnx';
const inMemory = (folder: Folder): ModelFiles => ({
  name: 'tiny',
  read: async (path) => folder[path] ?? null,
});

function open(folder: Folder, runtime: Runtime = 'onnxruntime-node'): Promise<PairEncoder> {
  return openPairEncoder(
    inMemory(folder),
    async (file) => (await openNodeGraph(file, { runtime }, openPairSession)).session,
  );
}

describe.each(['onnxruntime-node', 'onnxruntime-web'] as const)('a cross-encoder on %s', (runtime) => {
  it('gives the logit of its one label: here the number of equal words, less 1.5', async () => {
    const encoder = await open(tinyCrossEncoder(), runtime);
    expect(await encoder.score('steep tea leaves', 'Steep the leaves in water.')).toBeCloseTo(0.5);
    expect(await encoder.score('steep tea leaves', 'Bake the bread.')).toBeCloseTo(-1.5);
    await encoder.close();
  });

  it('of two labels gives the difference', async () => {
    const encoder = await open(tinyCrossEncoder({ labels: 2 }), runtime);
    expect(await encoder.score('steep tea leaves', 'Steep the leaves in water.')).toBeCloseTo(0.5);
    await encoder.close();
  });
});

describe('a cross-encoder', () => {
  it('reads the beginning of a passage that is too long, and all of the query', async () => {
    const encoder = await open(tinyCrossEncoder());
    const filler = 'bread '.repeat(200);
    expect(encoder.maxTokens).toBe(128);
    // The word at the passage's end is cut off; the one at the query's end is not.
    expect(await encoder.score('salt tea', `tea ${filler} salt`)).toBeCloseTo(-0.5);
    expect(await encoder.score(`${'salt '.repeat(60)} tea`, `tea ${filler}`)).toBeCloseTo(-0.5);
    expect(encoder.countTokens('tea leaves')).toBe(2);
    await encoder.close();
  });

  it('answers pairs asked for together, each with its own logit', async () => {
    const encoder = await open(tinyCrossEncoder());
    const passages = ['tea', 'tea tea', 'bread', 'tea tea tea'];
    const logits = await Promise.all(passages.map((passage) => encoder.score('tea', passage)));
    expect(logits).toEqual([-0.5, 0.5, -1.5, 1.5]);
    await encoder.close();
  });

  it('takes the next weights where the first are absent', async () => {
    const { [weights]: bytes, ...rest } = tinyCrossEncoder() as Folder;
    const encoder = await open({ ...rest, 'onnx/model.onnx': bytes! });
    expect(encoder.weights).toBe('onnx/model.onnx');
    await encoder.close();
  });

  it('without weights, tokenizer or config says which file is missing', async () => {
    for (const path of [weights, 'tokenizer.json', 'config.json']) {
      const { [path]: _left, ...rest } = tinyCrossEncoder() as Folder;
      await expect(open(rest)).rejects.toMatchObject({
        code: 'model-missing',
        message: expect.stringContaining(path),
      });
    }
  });

  it('that has three labels, or is an encoder, is refused by name', async () => {
    const three = await open(tinyCrossEncoder({ labels: 3 }));
    await expect(three.score('a', 'b')).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining('[1, 3]'),
    });
    const encoder = await open(tinyEncoder());
    await expect(encoder.score('a', 'b')).rejects.toMatchObject({ code: 'model-damaged' });
  });

  it('with cut weights is damaged', async () => {
    const folder = tinyCrossEncoder() as Folder;
    const cut = { ...folder, [weights]: folder[weights]!.slice(0, 500) };
    await expect(open(cut)).rejects.toMatchObject({ code: 'model-damaged' });
  });
});
