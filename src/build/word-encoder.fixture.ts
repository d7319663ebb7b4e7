/**
 * An encoder for tests: no model, yet texts that share words are near each other.
 * In: texts. Out: unit vectors; each word adds a fixed pseudo-random direction.
 */
import type { Encoder } from '../types';

export function wordEncoder(dim = 64, encoded: string[] = []): Encoder {
  const direction = (word: string): Float32Array => {
    const row = new Float32Array(dim);
    let state = 2166136261;
    for (const letter of word) state = Math.imul(state ^ letter.codePointAt(0)!, 16777619);
    for (let d = 0; d < dim; d++) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      row[d] = (state >>> 0) / 2 ** 31 - 1;
    }
    return row;
  };
  return {
    card: { name: 'words', dim, pooling: 'mean', maxTokens: 64, queryPrefix: '', passagePrefix: '' },
    report: { runtime: 'fixture', weights: 'words', threads: 1, reason: 'a test asked for it', refused: [] },
    countTokens: (text) => text.match(/\S+/g)?.length ?? 0,
    async embed(texts, _kind, signal) {
      const rows = new Float32Array(texts.length * dim);
      for (const [i, text] of texts.entries()) {
        signal?.throwIfAborted();
        encoded.push(text);
        const row = rows.subarray(i * dim, (i + 1) * dim);
        for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['nothing'])
          direction(word).forEach((x, d) => {
            row[d]! += x;
          });
        const norm = Math.hypot(...row) || 1;
        for (let d = 0; d < dim; d++) row[d]! /= norm;
      }
      return rows;
    },
    async close() {},
  };
}
