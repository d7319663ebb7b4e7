import { describe, expect, it } from 'vitest';
import type { Encoder } from '../types';
import { checkCanaries, makeCanaries } from './canary';
import { assembleEncoder } from './encoder';
import { normalise } from './pooling';

const dim = 64;

/** Embeds a text by a seeded random vector of its characters; `skew` bends every embedding by that much. */
function fakeEncoder(weights: string, skew = 0, broken = (row: Float32Array) => row): Encoder {
  return assembleEncoder({
    card: { name: 'fake', dim, pooling: 'mean', maxTokens: 8, queryPrefix: 'q: ', passagePrefix: 'p: ' },
    report: { runtime: 'fake', weights, threads: 1, reason: '', refused: [] },
    countTokens: (text) => text.length,
    async embedText(text) {
      let state = Array.from(text).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
      const next = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 31 - 1;
      };
      const exact = normalise(Float32Array.from({ length: dim }, next));
      const noise = normalise(Float32Array.from({ length: dim }, next));
      return broken(normalise(exact.map((x, i) => x + skew * noise[i]!)));
    },
    close: async () => undefined,
  });
}

describe('canaries', () => {
  it('accept the encoder that made them, int8 rounding included', async () => {
    const canaries = await makeCanaries([fakeEncoder('a.onnx')]);
    const verdict = await checkCanaries(fakeEncoder('a.onnx'), canaries, 'a.onnx');
    expect(verdict.ok).toBe(true);
    expect(verdict.worst).toBeGreaterThan(0.999);
  });

  it('survive JSON', async () => {
    const canaries = JSON.parse(JSON.stringify(await makeCanaries([fakeEncoder('a.onnx')])));
    expect((await checkCanaries(fakeEncoder('a.onnx'), canaries, 'a.onnx')).ok).toBe(true);
  });

  it('accept small differences and refuse larger ones', async () => {
    const canaries = await makeCanaries([fakeEncoder('a.onnx')]);
    expect((await checkCanaries(fakeEncoder('a.onnx', 0.1), canaries, 'a.onnx')).ok).toBe(true);
    const verdict = await checkCanaries(fakeEncoder('a.onnx', 0.5), canaries, 'a.onnx');
    expect(verdict.ok).toBe(false);
    expect(verdict.worst).toBeLessThan(0.97);
  });

  it('refuse embeddings of zeros and of no numbers', async () => {
    const canaries = await makeCanaries([fakeEncoder('a.onnx')]);
    const zeros = fakeEncoder('a.onnx', 0, (row) => row.fill(0));
    const noNumbers = fakeEncoder('a.onnx', 0, (row) => row.fill(Number.NaN));
    expect(await checkCanaries(zeros, canaries, 'a.onnx')).toEqual({ ok: false, worst: 0 });
    expect(await checkCanaries(noNumbers, canaries, 'a.onnx')).toEqual({ ok: false, worst: 0 });
  });

  it('compare with the embeddings of the same weights', async () => {
    const canaries = await makeCanaries([fakeEncoder('a.onnx'), fakeEncoder('b.onnx', 0.5)]);
    expect((await checkCanaries(fakeEncoder('b.onnx', 0.5), canaries, 'b.onnx')).ok).toBe(true);
    expect((await checkCanaries(fakeEncoder('b.onnx', 0.5), canaries, 'a.onnx')).ok).toBe(false);
  });

  it('allow other weights a little more', async () => {
    const canaries = await makeCanaries([fakeEncoder('a.onnx')]);
    const other = fakeEncoder('other.onnx', 0.28);
    expect((await checkCanaries(other, canaries, 'a.onnx')).ok).toBe(false);
    expect((await checkCanaries(other, canaries, 'other.onnx')).ok).toBe(true);
  });

  it('of another dimension are corrupt', async () => {
    const canaries = [{ text: 'x', embeddings: { 'a.onnx': btoa('short') } }];
    await expect(checkCanaries(fakeEncoder('a.onnx'), canaries, 'a.onnx')).rejects.toMatchObject({
      code: 'format-corrupt',
    });
  });
});
