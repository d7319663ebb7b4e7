import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import oddStrings from './fixtures/odd-strings.json';
import type { Json } from './model-files';
import { createTokenizer, type Tokenizer } from './tokenizer';

const folder = new URL('../../models/all-MiniLM-L6-v2/', import.meta.url);
const json = readJson('tokenizer.json');
const tokenizer = createTokenizer(json, readJson('tokenizer_config.json'));
const vocab = (json.model as { vocab: Record<string, number> }).vocab;
const unlimited = 1e6;
const opening = vocab['[CLS]']!;
const closing = vocab['[SEP]']!;

/** A Unigram tokenizer of four pieces, as in XLM-RoBERTa's layout. */
const unigram: Json = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
  post_processor: null,
  decoder: null,
  model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], ['▁a', -1], ['b', -1], ['▁', -2]] }, // biome-ignore format: one vocabulary
};

function readJson(name: string): Json {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

function count(of: Tokenizer, text: string): number {
  return of.encode(text, unlimited).length - 2;
}

describe('the tokenizer of the embedded model', () => {
  it('gives the reference tokenizer’s pieces on strings where the two differ', () => {
    expect(oddStrings.length).toBe(130);
    for (const [text, pieces] of oddStrings as [string, string][]) {
      const expected = pieces.split(' ').map((piece) => vocab[piece]);
      expect(tokenizer.encode(text, unlimited), text).toEqual(expected);
    }
  });

  it('ignores the truncation and padding written in tokenizer.json', () => {
    const padded = { ...json, truncation: { max_length: 4 }, padding: { strategy: { Fixed: 128 } } };
    const ids = createTokenizer(padded, {}).encode('one two three four five six', unlimited);
    expect(ids.length).toBe(8);
  });

  it('cuts a long text and keeps the closing token', () => {
    const ids = tokenizer.encode('one two three four five six', 5);
    expect(ids).toEqual([opening, vocab.one, vocab.two, vocab.three, closing]);
  });

  it('cuts within a word of several pieces', () => {
    const all = tokenizer.encode('flexbox', unlimited);
    expect(all.length).toBeGreaterThan(3);
    expect(tokenizer.encode('flexbox', 3)).toEqual([opening, all[1], closing]);
  });

  it('encodes an empty text as its special tokens', () => {
    expect(tokenizer.encode('', 256)).toEqual([opening, closing]);
    expect(tokenizer.encode(' \n', 256)).toEqual([opening, closing]);
  });

  it('counts what it encodes, special tokens apart', () => {
    for (const text of [
      '',
      'a',
      'two words',
      'naïve café-crème…',
      'foo\u000bbar',
      'a\uFEFFb',
      'x [SEP] y',
      '漢字かな',
    ]) {
      expect(tokenizer.countTokens(text), text).toBe(count(tokenizer, text));
    }
  });

  it('joins words around a control character, which is not a space', () => {
    expect(tokenizer.encode('foot\u200Bball', unlimited)).toEqual([opening, vocab.football, closing]);
    expect(tokenizer.encode('foot\uFEFFball', unlimited)).toEqual([opening, vocab.football, closing]);
  });

  it('gives a text of 100,000 characters the pieces of its beginning', () => {
    const ids = tokenizer.encode('😀 word '.repeat(12_500), 256);
    expect(ids).toEqual(tokenizer.encode('😀 word '.repeat(130), 256));
    expect(ids.length).toBe(256);
  });

  it('finds no pieces of lone surrogates, and does not fail on them', () => {
    expect(tokenizer.encode('a \uD83D b', 256)).toEqual([opening, vocab.a, vocab.b, closing]);
  });
});

describe('a tokenizer of another kind', () => {
  it('encodes the text whole', () => {
    const other = createTokenizer(unigram, {});
    expect(other.countTokens('ab ab')).toBe(4);
    expect(other.encode('ab ab', 3)).toEqual([1, 2, 1]);
  });

  it('is refused when it is none', () => {
    expect(() => createTokenizer({ model: {} }, {})).toThrow(
      expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining('tokenizer.json') }),
    );
  });
});
